// Where the search for surface points begins.

internal import Tensors

/// Starting points around the anchors: as many around each as its neighbourhood is large.
///
/// An anchor's reach r is its mean distance to its three nearest other anchors. Of M candidates the i-th belongs to the
/// first anchor whose cumulative share of Σr² exceeds (i + ½)/M, and begins at anchor + spread·r·noiseᵢ.
func candidatePoints(around anchors: [SIMD3<Float>], noise: Tensor, spread: Float) -> [SIMD3<Float>] {
    let reaches = anchors.indices.map { index in
        let distances = anchors.indices.filter { $0 != index }.map { other in
            let offset = anchors[index] - anchors[other]
            return (offset * offset).sum().squareRoot()
        }
        let nearest = distances.sorted().prefix(3)
        return nearest.reduce(0, +) / Float(nearest.count)
    }
    var share: [Double] = []
    var sum = 0.0
    for reach in reaches {
        sum += Double(reach) * Double(reach)
        share.append(sum)
    }
    var owner = 0
    return (0..<noise.rows).map { index in
        let wanted = (Double(index) + 0.5) / Double(noise.rows)
        while owner < anchors.count - 1, share[owner] / sum <= wanted { owner += 1 }
        let offset = SIMD3(noise.values[index * 3], noise.values[index * 3 + 1], noise.values[index * 3 + 2])
        return anchors[owner] + spread * reaches[owner] * offset
    }
}
