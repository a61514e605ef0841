// A spectrogram as people read it: time to the right, frequency upwards, loud is bright, a bar that says how loud.

/// Draws features `[frames, features]` with labelled axes and a colour bar.
public struct SpectrogramPicture {
    /// What stands upwards.
    public enum Axis: Sendable {
        /// The frequency of every feature, rising.
        case frequencies([Double])
        /// Plain numbers from 0, of what the name says.
        case numbers(Int, name: String)

        var count: Int {
            switch self {
            case .frequencies(let centres): centres.count
            case .numbers(let count, _): count
            }
        }
    }

    /// The drawing.
    public let picture: Picture

    private static let ink = Colour(repeating: 60)
    private static let scale = 2
    private static let (left, top, bottom) = (84, 46, 64)
    /// Space between the axes and the bar, the bar's width, and the space for its labels.
    private static let (gap, bar, labels) = (24, 18, 104)

    /// Draws `values` `[frames, features]`, the first feature at the bottom.
    ///
    /// - Parameters:
    ///   - values: the features, row by row; the smallest is drawn dark, the largest bright.
    ///   - frames: rows of `values`.
    ///   - secondsPerFrame: time from one frame to the next.
    ///   - start: the time of the first frame, in seconds.
    ///   - axis: what the features are; it decides where the labels stand.
    ///   - unit: what the colours mean, for the bar: "dB".
    public init(
        values: [Float], frames: Int, secondsPerFrame: Double, start: Double = 0, axis: Axis, unit: String
    ) {
        let features = axis.count
        precondition(values.count == frames * features && frames > 0 && features > 0, "values fill the axes")
        // A pixel is at least a frame wide in short recordings and at most a few frames in long ones.
        let across = min(1400, max(480, frames * 4))
        let up = features > 400 ? 400 : max(1, 400 / features) * features
        let width = Self.left + across + Self.gap + Self.bar + Self.labels
        var picture = Picture(width: width, height: Self.top + up + Self.bottom)

        let finite = values.filter(\.isFinite)
        let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        let range = high > low ? high - low : 1
        values.withUnsafeBufferPointer { values in
            for x in 0..<across {
                // The loudest of the frames and features that share a pixel: clicks stay visible.
                let first = x * frames / across
                let last = max(first + 1, (x + 1) * frames / across)
                for row in 0..<up {
                    let lower = row * features / up
                    let upper = max(lower + 1, (row + 1) * features / up)
                    var loudest = -Float.infinity
                    for frame in first..<last {
                        for feature in lower..<upper { loudest = max(loudest, values[frame * features + feature]) }
                    }
                    picture[Self.left + x, Self.top + up - 1 - row] =
                        ColourMap.viridis.colour(of: (loudest - low) / range)
                }
            }
        }
        Self.frame(&picture, x: Self.left..<Self.left + across, y: Self.top..<Self.top + up)
        Self.drawTime(&picture, start: start, duration: Double(frames) * secondsPerFrame, across: across, up: up)
        Self.drawUpwards(&picture, axis, up: up)
        Self.drawBar(
            &picture, x: Self.left + across + Self.gap, up: up, range: Double(low)...Double(low + range), unit: unit)
        self.picture = picture
    }

    private static func frame(_ picture: inout Picture, x: Range<Int>, y: Range<Int>) {
        picture.fill(x: x.lowerBound - 2..<x.upperBound + 2, y: y.lowerBound - 2..<y.lowerBound, ink)
        picture.fill(x: x.lowerBound - 2..<x.upperBound + 2, y: y.upperBound..<y.upperBound + 2, ink)
        picture.fill(x: x.lowerBound - 2..<x.lowerBound, y: y, ink)
        picture.fill(x: x.upperBound..<x.upperBound + 2, y: y, ink)
    }

    private static func drawTime(_ picture: inout Picture, start: Double, duration: Double, across: Int, up: Int) {
        for tick in AxisTicks(start...start + duration, count: 8).ticks {
            let x = left + Int((tick.value - start) / duration * Double(across))
            picture.fill(x: x..<x + 2, y: top + up..<top + up + 8, ink)
            picture.write(
                tick.label, x: x + 1 - Picture.width(of: tick.label, scale: scale) / 2, y: top + up + 12, scale: scale,
                colour: ink)
        }
        let name = "seconds"
        picture.write(
            name, x: left + across / 2 - Picture.width(of: name, scale: scale) / 2, y: top + up + 38, scale: scale,
            colour: ink)
    }

    private static func drawUpwards(_ picture: inout Picture, _ axis: Axis, up: Int) {
        let name: String
        var ticks: [(place: Double, label: String)] = []
        switch axis {
        case .frequencies(let centres):
            name = "Hz"
            ticks = frequencyTicks(centres)
        case .numbers(let count, let what):
            name = what
            ticks = AxisTicks(0...Double(max(1, count - 1)), count: 10).ticks.compactMap { tick in
                tick.value == tick.value.rounded() && Int(tick.value) < count ? (tick.value, tick.label) : nil
            }
        }
        let count = Double(axis.count)
        var below = Int.max
        for tick in ticks {
            let y = top + up - Int((tick.place + 0.5) / count * Double(up))
            // Labels that would touch are left away, except on the axis itself.
            guard below - y >= Picture.height(scale: scale) + 4 else { continue }
            below = y
            picture.fill(x: left - 8..<left, y: y - 1..<y + 1, ink)
            picture.write(
                tick.label, x: left - 12 - Picture.width(of: tick.label, scale: scale),
                y: y - Picture.height(scale: scale) / 2, scale: scale, colour: ink)
        }
        picture.write(
            name, x: max(4, left - 12 - Picture.width(of: name, scale: scale)), y: 10, scale: scale, colour: ink)
    }

    /// Octaves where features lie closer together at the bottom, round numbers where they are evenly spaced.
    private static func frequencyTicks(_ centres: [Double]) -> [(Double, String)] {
        guard let last = centres.last, centres.count > 2, last > centres[0] else { return [] }
        let isEven = (last - centres[centres.count - 2]) < 1.5 * (centres[1] - centres[0])
        let wanted =
            isEven
            ? AxisTicks(0...last, count: 10).ticks.map { ($0.value, AxisTicks.frequency($0.value)) }
            : AxisTicks.octaves().map { ($0.value, $0.label) }
        return wanted.compactMap { frequency, label in
            guard let above = centres.firstIndex(where: { $0 >= frequency }) else { return nil }
            guard above > 0 else { return centres[0] == frequency ? (0, label) : nil }
            let (low, high) = (centres[above - 1], centres[above])
            return (Double(above - 1) + (high > low ? (frequency - low) / (high - low) : 0), label)
        }
    }

    private static func drawBar(
        _ picture: inout Picture, x: Int, up: Int, range: ClosedRange<Double>, unit: String
    ) {
        for row in 0..<up {
            let colour = ColourMap.viridis.colour(of: (Float(row) + 0.5) / Float(up))
            picture.fill(x: x..<x + bar, y: top + up - 1 - row..<top + up - row, colour)
        }
        frame(&picture, x: x..<x + bar, y: top..<top + up)
        let span = range.upperBound - range.lowerBound
        for tick in AxisTicks(range, count: 6).ticks {
            let y = top + up - 1 - Int((tick.value - range.lowerBound) / span * Double(up - 1))
            picture.fill(x: x + bar + 2..<x + bar + 8, y: y - 1..<y + 1, ink)
            picture.write(
                tick.label, x: x + bar + 12, y: y - Picture.height(scale: scale) / 2, scale: scale, colour: ink)
        }
        // Over the bar, as far to the left as its length asks for.
        let place = min(x, picture.width - 4 - Picture.width(of: unit, scale: scale))
        picture.write(unit, x: max(left + 4, place), y: 10, scale: scale, colour: ink)
    }
}
