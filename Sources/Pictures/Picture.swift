// A picture in memory: rows of red, green and blue bytes.

/// A colour of 8 bits per channel, sRGB.
public typealias Colour = SIMD3<UInt8>

/// A picture `[height, width]` of sRGB colours, the first row at the top.
public struct Picture: Sendable, Equatable {
    /// Pixels in a row.
    public let width: Int

    /// Rows.
    public let height: Int

    /// The colours, row by row.
    public private(set) var pixels: [Colour]

    /// A picture of one colour.
    public init(width: Int, height: Int, colour: Colour = Colour(repeating: 255)) {
        precondition(width > 0 && height > 0, "a picture of \(width) x \(height) pixels")
        self.width = width
        self.height = height
        pixels = [Colour](repeating: colour, count: width * height)
    }

    /// A picture of the given pixels, row by row.
    public init(width: Int, height: Int, pixels: [Colour]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "pixels fill the picture")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The colour at a place inside the picture.
    public subscript(x: Int, y: Int) -> Colour {
        get { pixels[y * width + x] }
        set { pixels[y * width + x] = newValue }
    }

    /// Fills a rectangle; what lies outside the picture is left away.
    public mutating func fill(x: Range<Int>, y: Range<Int>, _ colour: Colour) {
        for row in y.clamped(to: 0..<height) {
            for column in x.clamped(to: 0..<width) { self[column, row] = colour }
        }
    }
}
