// Where the search for surface points begins.

internal import PointClouds
internal import Tensors

/// Starting points around the anchors: as many around each as its neighbourhood is large.
///
/// An anchor's reach r is its mean distance to its nearest other anchors. Of M candidates the i-th belongs to the
/// first anchor whose cumulative share of Σr² exceeds (i + ½)/M, and begins at anchor + candidateSpread·r·noiseᵢ.
func candidatePoints(
    around anchors: [SIMD3<Float>], noise: Tensor, options: LatentSetFlowConfiguration.ReadOut
) -> [SIMD3<Float>] {
    let tree = NearestPoints(anchors)
    let reaches = anchors.map { anchor in
        // The nearest is the anchor itself.
        let distances = tree.nearest(options.reachNeighbours + 1, to: anchor).dropFirst()
            .map { $0.squaredDistance.squareRoot() }
        return distances.reduce(0, +) / Float(distances.count)
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
        return anchors[owner] + options.candidateSpread * reaches[owner] * offset
    }
}
