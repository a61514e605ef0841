// What comes of a recording that holds several utterances.

import PointClouds

/// One utterance of a recording, converted or refused.
public struct UtteranceConversion: Sendable {
    /// Its place among the recording's utterances, from 0.
    public let index: Int
    /// How many utterances the recording has.
    public let count: Int
    /// Where it begins and ends, in seconds of the recording.
    public let seconds: Range<Double>
    /// What was made of it, or why nothing was.
    public let outcome: Result<Conversion, ConversionError>

    /// Whether the recording is this one utterance.
    public var isAlone: Bool { count == 1 }
}

/// A recording's utterances as one scene.
public struct JoinedConversion: Sendable {
    /// The scene: everything that was heard, all objects, one cloud.
    public let scene: Conversion
    /// The utterances in order, those that were refused among them; their clouds are the scene's parts.
    public let utterances: [UtteranceConversion]
}

/// The number of an utterance in its file's name: 0 -> "01", with as many digits as the last one needs.
package func utteranceNumber(_ index: Int, of count: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, max(2, String(count).count) - digits.count)) + digits
}

extension Conversion {
    /// Conversions side by side: a row along x from the first on the left, a quarter of a unit between them.
    ///
    /// The objects' numbers go on from one to the next; the row is centred on x = 0.
    static func row(of conversions: [Conversion]) -> Conversion {
        let gap: Float = 0.25
        let widths = conversions.map { $0.cloud.bounds.map { $0.upper.x - $0.lower.x } ?? 0 }
        var left = -(widths.reduce(0, +) + gap * Float(conversions.count - 1)) / 2
        var cloud = PointCloud()
        var objects: [Object] = []
        var seconds = StageSeconds()
        for (conversion, width) in zip(conversions, widths) {
            let offset = SIMD3<Float>(left - (conversion.cloud.bounds?.lower.x ?? 0), 0, 0)
            let first = objects.count
            let moved = conversion.cloud.placed(at: offset)
            cloud.append(
                PointCloud(
                    positions: moved.positions, normals: moved.normals, colours: moved.colours,
                    objects: moved.objects.map { UInt8(clamping: Int($0) + first) }))
            objects += conversion.objects.map { $0.moved(by: offset) }
            seconds.add(conversion.seconds)
            left += width + gap
        }
        return Conversion(
            heard: conversions.map(\.heard).joined(separator: ", "),
            description: conversions.map(\.description).joined(separator: ", "), objects: objects,
            confidence: conversions.compactMap(\.confidence).min(),
            signals: conversions.first?.signals ?? .continuous, cloud: cloud, seconds: seconds)
    }
}

extension Conversion.Object {
    func moved(by offset: SIMD3<Float>) -> Conversion.Object {
        var result = self
        result.center = zip(center, [offset.x, offset.y, offset.z]).map(+)
        return result
    }
}
