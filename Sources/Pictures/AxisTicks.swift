// Round numbers along an axis, and how they are written.

/// Where an axis is labelled.
struct AxisTicks {
    /// Places on the axis, each with its label.
    let ticks: [(value: Double, label: String)]

    /// Round values within a range, about `count` of them.
    init(_ range: ClosedRange<Double>, count: Int) {
        let span = range.upperBound - range.lowerBound
        guard span > 0, span.isFinite else {
            ticks = [(range.lowerBound, Self.label(range.lowerBound, decimals: 2))]
            return
        }
        // 1, 2 or 5 times a power of ten.
        var power = 1.0
        var decimals = 0
        while power * Double(count) > span {
            power /= 10
            decimals += 1
        }
        while power * 10 * Double(count) <= span { power *= 10 }
        let step = power * ([1.0, 2, 5, 10].first { power * $0 * Double(count) >= span } ?? 10)
        if step >= 10 * power * 0.999 { decimals = max(0, decimals - 1) }
        let first = Int((range.lowerBound / step).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        let places = decimals
        ticks =
            first <= last
            ? (first...last).map { index in
                let value = Double(index) * step
                return (value, Self.label(value, decimals: places))
            } : []
    }

    /// Frequencies as people label a mel axis.
    static func octaves() -> [(value: Double, label: String)] {
        [
            (250, "250"), (500, "500"), (1_000, "1k"), (2_000, "2k"), (4_000, "4k"), (8_000, "8k"),
            (16_000, "16k"),
        ]
    }

    /// A frequency in short: 1500 is "1.5k".
    static func frequency(_ hertz: Double) -> String {
        guard hertz >= 1_000 else { return label(hertz, decimals: 0) }
        let hundreds = Int((hertz / 100).rounded())
        return hundreds % 10 == 0 ? "\(hundreds / 10)k" : "\(hundreds / 10).\(hundreds % 10)k"
    }

    /// A number with a fixed count of decimals, at most four.
    static func label(_ value: Double, decimals: Int) -> String {
        guard abs(value) < 1e9 else { return "\(value)" }
        let places = min(decimals, 4)
        let factor = [1, 10, 100, 1_000, 10_000][places]
        let scaled = Int((abs(value) * Double(factor)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let digits = String(scaled % factor)
        return "\(sign)\(scaled / factor)." + String(repeating: "0", count: places - digits.count) + digits
    }
}
