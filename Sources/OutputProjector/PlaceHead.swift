// Where an object goes and how large it is, from its signals.

import Layers
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A two-layer MLP on the mean of an object's hidden states: `[K, W] -> [4]` = (x, y, z, log scale).
struct PlaceHead: Sendable {
    private let expansion: Linear  // place_fc1
    private let contraction: Linear  // place_fc2

    /// Loads "place_fc1" and "place_fc2".
    init(_ weights: WeightScope, inputs: Int, hidden: Int) throws(TensorFileError) {
        expansion = try Linear(weights["place_fc1"], inputs: inputs, outputs: hidden, activation: .gelu)
        contraction = try Linear(weights["place_fc2"], inputs: hidden, outputs: 4)
    }

    /// `[K, W]` to the place.
    func callAsFunction(_ hidden: Tensor) -> Place {
        var mean = Tensor(zeros: 1, hidden.columns)
        for row in 0..<hidden.rows {
            for (column, value) in hidden.row(row).enumerated() { mean.values[column] += value }
        }
        mean *= 1 / Float(hidden.rows)
        let place = contraction(expansion(mean)).values
        // A scale that no scene has would only hide the object: e⁵ is about 150 times as large.
        return Place(position: SIMD3(place[0], place[1], place[2]), scale: expf(min(max(place[3], -5), 5)))
    }
}
