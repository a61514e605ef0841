// zlib: the compression and the checksum of 3MF, which is a ZIP archive.
#include <zlib.h>
