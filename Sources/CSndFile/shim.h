// libsndfile: reading WAV, AIFF, FLAC and Ogg.
#include <sndfile.h>
