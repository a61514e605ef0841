// PNG by libpng's simplified interface: one call, which catches libpng's own long jumps before they could cross Swift.

public import AtomicFiles
import CPNG
public import SystemPackage

extension Picture {
    /// Writes the picture to `path`, whole or not at all.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func writePNG(to path: FilePath) throws(FileWriteError) {
        try AtomicFile.write(pngBytes(), to: path)
    }

    /// Writes a PNG to the file of that name.
    public func writePNG(to path: String) throws(FileWriteError) { try writePNG(to: FilePath(path)) }

    /// The picture as a PNG file: 8 bits per channel, sRGB, no transparency (PNG specification, third edition).
    public func pngBytes() -> [UInt8] {
        var image = sonoform_png_image(UInt32(width), UInt32(height))
        var samples: [UInt8] = []
        samples.reserveCapacity(3 * pixels.count)
        for pixel in pixels {
            samples.append(pixel.x)
            samples.append(pixel.y)
            samples.append(pixel.z)
        }
        var length = sonoform_png_longest(image)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let written = png_image_write_to_memory(&image, buffer.baseAddress, &length, 0, samples, 0, nil)
            precondition(written != 0, "libpng has room for what it said it needs")
            count = length
        }
    }
}
