// How far apart two places are, as attention is told: in buckets that widen with the distance.

import Layers
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A learned number for every head and every bucket of distances (Raffel et al. 2020, T5), shared by all blocks.
struct RelativePositions: Sendable {
    private let table: Tensor  // relative_attention_bias.weight [buckets, H]
    private let maximumDistance: Int

    init(_ weights: WeightScope, buckets: Int, heads: Int, maximumDistance: Int) throws(TensorFileError) {
        table = try weights.tensor("weight", shape: [buckets, heads])
        self.maximumDistance = maximumDistance
    }

    /// The bucket of a distance from query to key: half of the buckets for keys that come later; of each half, one half
    /// for a distance each, the other for distances that grow by a constant factor. In single precision, as the
    /// reference computes it.
    static func bucket(of distance: Int, buckets: Int, maximumDistance: Int) -> Int {
        let half = buckets / 2
        let exact = half / 2
        let magnitude = abs(distance)
        let start = distance > 0 ? half : 0
        guard magnitude >= exact else { return start + magnitude }
        let growth =
            logf(Float(magnitude) / Float(exact)) / Float(log(Double(maximumDistance) / Double(exact)))
            * Float(half - exact)
        return start + min(exact + Int(growth), half - 1)
    }

    /// The numbers of all distances among `length` places.
    func biases(length: Int) -> Biases {
        let heads = table.columns
        var values = [Float](repeating: 0, count: heads * (2 * length - 1))
        for distance in 1 - length..<length {
            let bucket = Self.bucket(of: distance, buckets: table.rows, maximumDistance: maximumDistance)
            for head in 0..<heads {
                values[head * (2 * length - 1) + distance + length - 1] = table.values[bucket * heads + head]
            }
        }
        return Biases(values: values, length: length)
    }

    /// One number for every head and every distance from −(length − 1) to length − 1.
    struct Biases: Sendable {
        fileprivate let values: [Float]
        fileprivate let length: Int

        /// Adds a query's numbers, times a factor, to its scores `[length]`.
        func add(to scores: UnsafeMutablePointer<Float>, head: Int, query: Int, times factor: Float) {
            values.withUnsafeBufferPointer { values in
                let first = values.baseAddress! + head * (2 * length - 1) + length - 1 - query
                for key in 0..<length { scores[key] += factor * first[key] }
            }
        }
    }
}
