// zlib: the compression and the checksum of PNG.
#include <zlib.h>
