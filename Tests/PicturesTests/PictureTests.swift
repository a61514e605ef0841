// Pictures: the bytes of a PNG undone again, and what is drawn where.

import CPNG
@testable import Pictures
import Testing

/// What a PNG holds, as libpng reads it.
struct DecodedPNG {
    let width: Int
    let height: Int
    let pixels: [Colour]

    init(_ bytes: [UInt8]) throws {
        // 8 bits of RGB, and the chunk that says sRGB.
        try #require(Array(bytes[24..<29]) == [8, 2, 0, 0, 0] && Array(bytes[37..<41]) == Array("sRGB".utf8))
        var image = sonoform_png_image(0, 0)
        var samples: [UInt8] = []
        // Both calls read the same bytes, which must stay where they are between them.
        let isRead = bytes.withUnsafeBytes { bytes in
            guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else { return false }
            samples = [UInt8](repeating: 0, count: 3 * Int(image.width) * Int(image.height))
            return png_image_finish_read(&image, nil, &samples, 0, nil) != 0
        }
        try #require(isRead)
        (width, height) = (Int(image.width), Int(image.height))
        pixels = (0..<width * height).map { Colour(samples[3 * $0], samples[3 * $0 + 1], samples[3 * $0 + 2]) }
    }
}

@Suite struct PictureTests {
    @Test func pngKeepsEveryPixel() throws {
        var state: UInt32 = 7
        // Smooth, striped and noisy rows call for different filters.
        let pixels = (0..<37 * 29).map { i -> Colour in
            state = state &* 1_664_525 &+ 1_013_904_223
            let (x, y) = (i % 37, i / 37)
            let noisy = UInt8(truncatingIfNeeded: state >> 24)
            return y < 10 ? Colour(UInt8(5 * x), UInt8(7 * y), 9) : y < 20 ? Colour(repeating: noisy) : [1, 200, noisy]
        }
        let picture = Picture(width: 37, height: 29, pixels: pixels)
        let decoded = try DecodedPNG(picture.pngBytes())
        #expect(decoded.width == 37 && decoded.height == 29)
        #expect(decoded.pixels == pixels)
    }

    @Test func fillsInsideOnly() {
        var picture = Picture(width: 3, height: 2)
        picture.fill(x: -5..<2, y: 1..<9, [1, 2, 3])
        let white = Colour(repeating: 255)
        #expect(picture.pixels == [white, white, white, [1, 2, 3], [1, 2, 3], white])
    }

    @Test func writesLetters() {
        var picture = Picture(width: 5, height: 7)
        picture.write("T", x: 0, y: 0, colour: Colour(repeating: 0))
        let rows = (0..<7).map { y in (0..<5).map { picture[$0, y].x == 0 ? "#" : "." }.joined() }
        #expect(rows == ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."])
        #expect(Picture.width(of: "4.0", scale: 2) == 34)
    }

    @Test func viridis() {
        #expect(ColourMap.viridis.colour(of: -3) == [68, 1, 84])
        #expect(ColourMap.viridis.colour(of: .nan) == [68, 1, 84])
        #expect(ColourMap.viridis.colour(of: 0.5) == [33, 145, 140])
        #expect(ColourMap.viridis.colour(of: 1) == [253, 231, 37])
    }

    @Test(arguments: [1, 7, 200]) func spectrogramHasFeaturesInPlace(frames: Int) {
        var values = [Float](repeating: 0, count: frames * 80)
        for t in 0..<frames { values[t * 80 + 20] = 1 }
        let centres = (0..<80).map { 50 + 100 * Double($0) }
        let picture = SpectrogramPicture(
            values: values, frames: frames, secondsPerFrame: 0.01, axis: .frequencies(centres), unit: "dB"
        ).picture
        // Left of the colour bar, which is bright at its top.
        let bright = picture.pixels.indices.filter {
            picture.pixels[$0] == [253, 231, 37] && $0 % picture.width < picture.width - 140
        }
        let rows = Set(bright.map { $0 / picture.width })
        // Band 20 of 80 is a quarter of the way up.
        #expect(rows.count == 5)
        #expect(abs(Double(rows.min()! - 46) / 400 - 0.7375) < 0.01)
    }

    @Test(arguments: [1, 3, 13, 1_025]) func spectrogramsOfAnyHeight(features: Int) {
        let values = (0..<features * 10).map { Float($0 % 7) }
        let picture = SpectrogramPicture(
            values: values, frames: 10, secondsPerFrame: 0.01, axis: .numbers(features, name: "index"), unit: "value"
        ).picture
        #expect(picture.height >= 110 + 1 && picture.height <= 110 + 400)
    }

    @Test func ticksAreRound() {
        #expect(AxisTicks(0...2.9, count: 8).ticks.map(\.label) == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"])
        #expect(AxisTicks(-80...0, count: 6).ticks.map(\.label) == ["-80", "-60", "-40", "-20", "0"])
        #expect(AxisTicks(-1...1, count: 6).ticks.map(\.label) == ["-1.0", "-0.5", "0.0", "0.5", "1.0"])
        #expect(AxisTicks(0...8_000, count: 10).ticks.map { AxisTicks.frequency($0.value) }.last == "8k")
        #expect(AxisTicks(5...5, count: 3).ticks.map(\.label) == ["5.00"])
    }
}
