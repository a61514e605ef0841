// How far two clouds are apart: the figures that `sonoform compare` prints and that evaluations report.

import Glibc

/// Distances between a cloud `A [N]` and a cloud `B [M]`, by nearest neighbours in both directions.
///
/// Every distance is Euclidean, in the clouds' own unit; |a - B| is that of a point to the nearest point of B. The
/// figures are those of Open3D's `compute_point_cloud_distance` and of SciPy's `cKDTree.query`, both ways.
public struct CloudComparison: Sendable, Codable, Equatable {
    /// Two-sided, not squared: (mean over A of |a - B| + mean over B of |b - A|) / 2.
    public let chamferDistance: Double

    /// Two-sided, squared, added up: mean over A of |a - B|² + mean over B of |b - A|², as point networks are trained.
    public let squaredChamferDistance: Double

    /// Two-sided: the largest of all |a - B| and |b - A|.
    public let hausdorffDistance: Double

    /// How much of each cloud the other one meets, one entry a threshold, in the order asked for.
    public let fScores: [FScore]

    /// Two-sided: the mean of the two directed means of the absolute difference of colours, over channels, 0...1.
    ///
    /// Nil when one cloud has no colours.
    public let colourError: Double?

    /// Two-sided: the mean of the two directed means of the angle between normals, in degrees, 0...180.
    ///
    /// Normals are taken as they point: opposite ones are 180 degrees apart; one of length zero is 90 degrees from
    /// all. Nil when one cloud has no normals.
    public let normalErrorDegrees: Double?

    /// One-sided: from every point of A to the nearest of B.
    public let forth: Directed

    /// One-sided: from every point of B to the nearest of A.
    public let back: Directed

    enum CodingKeys: String, CodingKey {
        case chamferDistance = "chamfer_distance"
        case squaredChamferDistance = "squared_chamfer_distance"
        case hausdorffDistance = "hausdorff_distance"
        case fScores = "f_scores"
        case colourError = "colour_error"
        case normalErrorDegrees = "normal_error_degrees"
        case forth = "a_to_b"
        case back = "b_to_a"
    }

    /// The F-score at one threshold (Knapitsch et al. 2017).
    public struct FScore: Sendable, Codable, Equatable {
        /// The distance up to which, itself included, a point counts as met.
        public let threshold: Double
        /// The part of A's points that B meets.
        public let precision: Double
        /// The part of B's points that A meets.
        public let recall: Double
        /// The harmonic mean of precision and recall, 0...1.
        public let fScore: Double

        enum CodingKeys: String, CodingKey {
            case threshold, precision, recall
            case fScore = "f_score"
        }
    }

    /// The distances of one direction.
    public struct Directed: Sendable, Codable, Equatable {
        /// The mean distance.
        public let mean: Double
        /// The root of the mean squared distance.
        public let rootMeanSquare: Double
        /// The largest distance.
        public let largest: Double

        enum CodingKeys: String, CodingKey {
            case mean, largest
            case rootMeanSquare = "root_mean_square"
        }
    }

    /// Compares two clouds, neither of them empty.
    public init(_ a: PointCloud, _ b: PointCloud, thresholds: [Double] = [0.05]) {
        precondition(a.count > 0 && b.count > 0, "empty clouds have no nearest points")
        let there = Neighbours(from: a, to: b, thresholds: thresholds)
        let here = Neighbours(from: b, to: a, thresholds: thresholds)
        (forth, back) = (there.distances, here.distances)
        chamferDistance = (forth.mean + back.mean) / 2
        squaredChamferDistance = there.meanSquare + here.meanSquare
        hausdorffDistance = max(forth.largest, back.largest)
        fScores = thresholds.indices.map { i in
            let (precision, recall) = (there.partsWithin[i], here.partsWithin[i])
            return FScore(
                threshold: thresholds[i], precision: precision, recall: recall,
                fScore: precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0)
        }
        colourError = Self.mean(there.colourError, here.colourError)
        normalErrorDegrees = Self.mean(there.normalErrorDegrees, here.normalErrorDegrees)
    }

    private static func mean(_ a: Double?, _ b: Double?) -> Double? {
        guard let a, let b else { return nil }
        return (a + b) / 2
    }
}

/// One direction: every point of one cloud with its nearest in the other.
private struct Neighbours {
    let distances: CloudComparison.Directed
    let meanSquare: Double
    let partsWithin: [Double]
    let colourError: Double?
    let normalErrorDegrees: Double?

    init(from a: PointCloud, to b: PointCloud, thresholds: [Double]) {
        // What is far from zero is compared from where the first cloud begins.
        let apart = b.origin - a.origin
        let nearest = NearestPoints(b.rebased(to: a.origin).positions).nearest(toEach: a.positions)
        let count = Double(a.count)
        var (sum, squares, largest) = (0.0, 0.0, 0.0)
        var within = [Int](repeating: 0, count: thresholds.count)
        for (i, j) in nearest.enumerated() {
            // Found in single precision, measured in double.
            let offset = SIMD3<Double>(a.positions[i]) - SIMD3<Double>(b.positions[j]) - apart
            let square = (offset * offset).sum()
            let distance = square.squareRoot()
            sum += distance
            squares += square
            largest = max(largest, distance)
            for k in thresholds.indices where distance <= thresholds[k] { within[k] += 1 }
        }
        distances = .init(mean: sum / count, rootMeanSquare: (squares / count).squareRoot(), largest: largest)
        meanSquare = squares / count
        partsWithin = within.map { Double($0) / count }
        func mean<Value>(_ ours: [Value]?, _ theirs: [Value]?, _ error: (Value, Value) -> Double) -> Double? {
            guard let ours, let theirs else { return nil }
            return nearest.indices.reduce(0) { $0 + error(ours[$1], theirs[nearest[$1]]) } / count
        }
        colourError = mean(a.colours, b.colours) { ours, theirs in
            let difference = SIMD3<Double>(ours) - SIMD3<Double>(theirs)
            return (abs(difference.x) + abs(difference.y) + abs(difference.z)) / (3 * 255)
        }
        normalErrorDegrees = mean(a.normals, b.normals) { angleDegrees(SIMD3<Double>($0), SIMD3<Double>($1)) }
    }
}

/// The angle between two vectors; 90 degrees when one of them is zero.
private func angleDegrees(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    // atan2 of cross and dot is exact near 0 and 180 degrees, where the arc cosine is not.
    let cross = SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    let (sine, cosine) = ((cross * cross).sum().squareRoot(), (a * b).sum())
    return sine == 0 && cosine == 0 ? 90 : atan2(sine, cosine) * 180 / Double.pi
}
