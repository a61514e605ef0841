// How far two clouds are apart: the figures that `sonoform compare` prints and that evaluations report.

import Glibc

/// Distances between a cloud `A [N]` and a cloud `B [M]`, by nearest neighbours in both directions.
public struct CloudComparison: Sendable, Codable, Equatable {
    /// The mean of the two directed mean nearest distances: (mean over A of |a - B| + mean over B of |b - A|) / 2.
    ///
    /// Not squared, in the clouds' own unit.
    public let chamferDistance: Double

    /// The largest nearest distance of either direction.
    public let hausdorffDistance: Double

    /// The harmonic mean of precision and recall at ``fScoreThreshold``, 0...1.
    public let fScore: Double

    /// The distance within which a point counts as met.
    public let fScoreThreshold: Double

    /// The part of A's points that have a point of B within the threshold.
    public let precision: Double

    /// The part of B's points that have a point of A within the threshold.
    public let recall: Double

    /// The mean of the two directed means of the absolute difference of colours, over channels, 0...1.
    ///
    /// Nil when one cloud has no colours.
    public let colourError: Double?

    /// The mean of the two directed mean angles between normals, in degrees.
    ///
    /// Nil when one cloud has no normals.
    public let normalErrorDegrees: Double?

    /// Compares two clouds, neither of them empty.
    public init(_ a: PointCloud, _ b: PointCloud, fScoreThreshold: Double = 0.05) {
        precondition(a.count > 0 && b.count > 0, "empty clouds have no nearest points")
        let forth = Directed(from: a, to: b, threshold: fScoreThreshold)
        let back = Directed(from: b, to: a, threshold: fScoreThreshold)
        chamferDistance = (forth.meanDistance + back.meanDistance) / 2
        hausdorffDistance = max(forth.largestDistance, back.largestDistance)
        precision = forth.partWithin
        recall = back.partWithin
        fScore = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
        self.fScoreThreshold = fScoreThreshold
        colourError = Self.mean(forth.colourError, back.colourError)
        normalErrorDegrees = Self.mean(forth.normalErrorDegrees, back.normalErrorDegrees)
    }

    private static func mean(_ a: Double?, _ b: Double?) -> Double? {
        guard let a, let b else { return nil }
        return (a + b) / 2
    }
}

/// One direction: every point of one cloud with its nearest in the other.
private struct Directed {
    var meanDistance = 0.0
    var largestDistance = 0.0
    var partWithin = 0.0
    var colourError: Double?
    var normalErrorDegrees: Double?

    init(from a: PointCloud, to b: PointCloud, threshold: Double) {
        let tree = NearestPoints(b.positions)
        var (colour, normal) = (0.0, 0.0)
        for (i, position) in a.positions.enumerated() {
            guard let nearest = tree.nearest(to: position) else { continue }
            let offset = SIMD3<Double>(position) - SIMD3<Double>(b.positions[nearest.index])
            let distance = (offset * offset).sum().squareRoot()
            meanDistance += distance
            largestDistance = max(largestDistance, distance)
            if distance <= threshold { partWithin += 1 }
            if let ours = a.colours, let theirs = b.colours {
                let difference = SIMD3<Double>(ours[i]) - SIMD3<Double>(theirs[nearest.index])
                colour += (abs(difference.x) + abs(difference.y) + abs(difference.z)) / (3 * 255)
            }
            if let ours = a.normals, let theirs = b.normals {
                normal += angleDegrees(SIMD3<Double>(ours[i]), SIMD3<Double>(theirs[nearest.index]))
            }
        }
        let count = Double(a.count)
        meanDistance /= count
        partWithin /= count
        if a.colours != nil, b.colours != nil { colourError = colour / count }
        if a.normals != nil, b.normals != nil { normalErrorDegrees = normal / count }
    }
}

/// The angle between two vectors; 90 degrees when one of them is zero.
private func angleDegrees(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    // atan2 of cross and dot is exact near 0 and 180 degrees, where the arc cosine is not.
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    let (sine, cosine) = ((cross * cross).sum().squareRoot(), (a * b).sum())
    return sine == 0 && cosine == 0 ? 90 : atan2(sine, cosine) * 180 / Double.pi
}
