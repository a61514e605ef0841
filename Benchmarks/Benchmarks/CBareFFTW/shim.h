// FFTW, for what is measured without anything around it.
#include <fftw3.h>
