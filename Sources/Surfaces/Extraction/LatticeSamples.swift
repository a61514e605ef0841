// What is known at a lattice's corners: what a field said, or what evening it out left of that.

/// The planes of the closest surface points, and how far they are to be believed.
struct LatticeSamples: Sendable {
    /// The outward normal of a corner's closest surface point, and the signed distance from it in the last lane.
    private(set) var planes: [SIMD4<Float>] = []
    /// How much a sample's word counts, 0…1; 0 where nothing is known.
    private(set) var trust: [Float] = []

    /// What stands where nothing is known.
    static let unknown = SIMD4<Float>(0, 0, 0, .nan)

    var count: Int { planes.count }

    /// Adds samples, each with its trust.
    mutating func append(_ samples: [(plane: SIMD4<Float>, trust: Float)]) {
        planes.reserveCapacity(count + samples.count)
        trust.reserveCapacity(count + samples.count)
        for sample in samples {
            planes.append(sample.plane)
            trust.append(sample.trust)
        }
    }

    /// Adds samples that are not judged yet: what is no number is not known.
    mutating func append(_ planes: [SIMD4<Float>]) {
        append(planes.map { $0.sum().isFinite ? ($0, 1) : (Self.unknown, 0) })
    }

    /// Puts other trust in the place of that from `first` on.
    mutating func trust(_ judged: [Float], from first: Int) { trust.replaceSubrange(first..., with: judged) }
}

extension SIMD4<Float> {
    /// The first three lanes, a direction.
    @inline(__always)
    var direction: SIMD3<Float> { SIMD3(x, y, z) }
}
