// A spectrogram as people read it: time to the right, frequency upwards, loud is bright.

/// Draws features `[frames, features]` with labelled axes.
public struct SpectrogramPicture {
    /// The drawing.
    public let picture: Picture

    private static let ink = Colour(repeating: 60)
    private static let scale = 2

    /// Draws `values` `[frames, features]`, the first feature at the bottom.
    ///
    /// - Parameters:
    ///   - values: the features, row by row; the smallest is drawn dark, the largest bright.
    ///   - frames: rows of `values`.
    ///   - secondsPerFrame: time from one frame to the next.
    ///   - centresHz: the frequency of every feature, rising; it decides where the frequency labels stand.
    public init(values: [Float], frames: Int, secondsPerFrame: Double, centresHz: [Double]) {
        let features = centresHz.count
        precondition(values.count == frames * features && frames > 0 && features > 1, "values fill the axes")
        // A pixel is at least a frame wide in short recordings and at most a few frames in long ones.
        let across = min(1400, max(480, frames * 4))
        let rows = max(1, 400 / features)
        let up = features * rows
        let (left, top, right, bottom) = (84, 36, 24, 64)
        var picture = Picture(width: left + across + right, height: top + up + bottom)

        let finite = values.filter(\.isFinite)
        let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        let range = high > low ? high - low : 1
        for x in 0..<across {
            // The loudest of the frames that share a column: clicks stay visible.
            let first = x * frames / across
            let last = max(first + 1, (x + 1) * frames / across)
            for feature in 0..<features {
                var loudest = -Float.infinity
                for frame in first..<last { loudest = max(loudest, values[frame * features + feature]) }
                let y = top + up - (feature + 1) * rows
                picture.fill(
                    x: left + x..<left + x + 1, y: y..<y + rows, ColourMap.viridis.colour(of: (loudest - low) / range))
            }
        }
        Self.frame(&picture, x: left..<left + across, y: top..<top + up)

        let duration = Double(frames) * secondsPerFrame
        for (time, label) in Self.timeTicks(duration) {
            let x = left + Int(time / duration * Double(across))
            picture.fill(x: x..<x + 2, y: top + up..<top + up + 8, Self.ink)
            picture.write(
                label, x: x + 1 - Picture.width(of: label, scale: Self.scale) / 2, y: top + up + 12, scale: Self.scale,
                colour: Self.ink)
        }
        let unit = "seconds"
        picture.write(
            unit, x: left + across / 2 - Picture.width(of: unit, scale: Self.scale) / 2, y: top + up + 38,
            scale: Self.scale, colour: Self.ink)

        for (frequency, label) in [
            (250.0, "250"), (500, "500"), (1_000, "1k"), (2_000, "2k"), (4_000, "4k"), (7_500, "7.5k"),
        ] {
            guard let feature = Self.place(of: frequency, in: centresHz) else { continue }
            let y = top + up - Int((feature + 0.5) / Double(features) * Double(up))
            picture.fill(x: left - 8..<left, y: y - 1..<y + 1, Self.ink)
            picture.write(
                label, x: left - 12 - Picture.width(of: label, scale: Self.scale),
                y: y - Picture.height(scale: Self.scale) / 2, scale: Self.scale, colour: Self.ink)
        }
        picture.write(
            "Hz", x: left - 12 - Picture.width(of: "Hz", scale: Self.scale), y: 6, scale: Self.scale, colour: Self.ink)
        self.picture = picture
    }

    private static func frame(_ picture: inout Picture, x: Range<Int>, y: Range<Int>) {
        picture.fill(x: x.lowerBound - 2..<x.upperBound + 2, y: y.lowerBound - 2..<y.lowerBound, ink)
        picture.fill(x: x.lowerBound - 2..<x.upperBound + 2, y: y.upperBound..<y.upperBound + 2, ink)
        picture.fill(x: x.lowerBound - 2..<x.lowerBound, y: y, ink)
        picture.fill(x: x.upperBound..<x.upperBound + 2, y: y, ink)
    }

    /// Four to ten round times from 0 on.
    private static func timeTicks(_ duration: Double) -> [(Double, String)] {
        let steps: [(Double, Int)] = [
            (0.01, 2), (0.02, 2), (0.05, 2), (0.1, 1), (0.2, 1), (0.5, 1), (1, 0), (2, 0), (5, 0), (10, 0), (30, 0),
            (60, 0), (300, 0),
        ]
        let (step, decimals) = steps.first { duration / $0.0 <= 9 } ?? (600, 0)
        return (0...Int(duration / step)).map { index in
            let time = Double(index) * step
            let hundredths = Int((time * 100).rounded())
            let (whole, rest) = (hundredths / 100, hundredths % 100)
            let label =
                switch decimals {
                case 0: "\(whole)"
                case 1: "\(whole).\(rest / 10)"
                default: "\(whole).\(rest / 10)\(rest % 10)"
                }
            return (time, label)
        }
    }

    /// Between which features a frequency lies, as a fractional index; nil outside.
    private static func place(of frequency: Double, in centresHz: [Double]) -> Double? {
        guard let above = centresHz.firstIndex(where: { $0 >= frequency }), above > 0 else { return nil }
        let (low, high) = (centresHz[above - 1], centresHz[above])
        return Double(above - 1) + (high > low ? (frequency - low) / (high - low) : 0)
    }
}
