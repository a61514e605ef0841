// libpng: pictures whole to memory and back; what Swift does not import of it.
#include <png.h>

/// A picture of 8-bit RGB pixels, for the simplified interface.
static inline png_image sonoform_png_image(png_uint_32 width, png_uint_32 height) {
    png_image image = {0};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGB;
    return image;
}

/// The most bytes that the picture takes as a PNG file.
static inline png_alloc_size_t sonoform_png_longest(png_image image) { return PNG_IMAGE_PNG_SIZE_MAX(image); }
