// Numbers as colours that stay in order when printed in grey and for most colour-blind eyes.

/// A scale of colours from 0 to 1.
public struct ColourMap: Sendable {
    private let stops: [SIMD3<Float>]

    /// Viridis (matplotlib's default; N. Smith and S. van der Walt), at eleven stops.
    public static let viridis = ColourMap(stops: [
        [68, 1, 84], [72, 36, 117], [65, 68, 135], [53, 95, 141], [42, 120, 142], [33, 145, 140], [34, 168, 132],
        [68, 191, 112], [122, 209, 81], [189, 223, 38], [253, 231, 37],
    ])

    private init(stops: [SIMD3<Float>]) {
        self.stops = stops
    }

    /// The colour of a value; below 0 and above 1 are as 0 and 1, and NaN is as 0.
    public func colour(of value: Float) -> Colour {
        let place = (value > 0 ? min(value, 1) : 0) * Float(stops.count - 1)
        let below = min(Int(place), stops.count - 2)
        let part = place - Float(below)
        let mixed = (stops[below] * (1 - part) + stops[below + 1] * part).rounded(.toNearestOrEven)
        return Colour(UInt8(mixed.x), UInt8(mixed.y), UInt8(mixed.z))
    }
}
