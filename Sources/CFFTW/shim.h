// FFTW, single precision.
#include <fftw3.h>
