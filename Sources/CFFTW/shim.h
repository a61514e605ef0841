// FFTW, single and double precision.
#include <fftw3.h>
