// The spectrogram's storage: plain rows of floats, so that this target depends on no tensor library.

/// Features over time, row-major `[frames, features]`.
public struct FeatureMatrix: Sendable, Equatable {
    /// The values, `frames * features` of them, one row per frame.
    public let values: [Float]

    /// Rows: moments in time.
    public let frames: Int

    /// Columns: features of a moment.
    public let features: Int

    /// Wraps `values` `[frames, features]`.
    public init(values: [Float], frames: Int, features: Int) {
        precondition(values.count == frames * features, "\(values.count) values are not [\(frames), \(features)]")
        self.values = values
        self.frames = frames
        self.features = features
    }

    /// The value of one feature at one moment.
    public subscript(frame: Int, feature: Int) -> Float {
        values[frame * features + feature]
    }

    /// The values as `[features, frames]`, which is how openai-whisper and transformers lay spectrograms out.
    public func transposedValues() -> [Float] {
        [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
            let out = buffer.baseAddress
            for frame in 0..<frames {
                for feature in 0..<features {
                    (out! + feature * frames + frame).initialize(to: values[frame * features + feature])
                }
            }
            count = values.count
        }
    }
}
