// The point encoder "anchored_points": a cloud's points to latents on anchors.

public import Layers
import PointClouds
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Reads a cloud as features of what lies around anchors on its surface: the encoder of the shape autoencoder.
///
/// Reference: `sonoform_training.describing.model` (`Describer.latents`) and `generator.autoencoder.Encoder`.
public struct AnchoredPointEncoder: PointEncoder {
    /// The configuration that was loaded.
    public let configuration: AnchoredPointEncoderConfiguration
    private let pool: FeedForward  // pool.up, pool.down
    private let anchorIn: Linear  // anchor_in
    private let pointIn: Linear  // point_in
    private let crossAttention: CrossTransformerBlock  // cross_attention
    private let blocks: [TransformerBlock]  // blocks
    private let out: Linear  // out
    private let normalize = LayerNorm()

    /// The numbers of a point: position, normal, colour.
    private static let channels = 9

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(AnchoredPointEncoderConfiguration.self)
        try configuration.validate(in: folder)
        let weights = try folder.weights(precision: precision)
        let (width, heads, hidden) = (configuration.width, configuration.heads, configuration.hidden)
        let features = 3 * fourierFeatures + 6
        pool = try FeedForward(
            up: weights["pool", "up"], down: weights["pool", "down"], inputs: features,
            hidden: configuration.poolHidden, outputs: configuration.poolSize, activation: .relu)
        anchorIn = try Linear(weights["anchor_in"], inputs: 2 * configuration.poolSize + features, outputs: width)
        pointIn = try Linear(weights["point_in"], inputs: features, outputs: width)
        crossAttention = try CrossTransformerBlock(
            weights["cross_attention"], width: width, heads: heads, hidden: hidden)
        blocks = try (0..<configuration.blocks).map { index throws(TensorFileError) in
            try TransformerBlock(weights["blocks", index], width: width, heads: heads, hidden: hidden)
        }
        out = try Linear(weights["out"], inputs: width, outputs: configuration.features)
        self.configuration = configuration
        try weights.requireAllUsed()
    }

    /// The width 3 + F of a latent.
    public var latentWidth: Int { 3 + configuration.features }

    /// Latents on anchors of a cloud of any size and place: `[P, 9] -> [L, 3 + F]`, and the longest side that it has.
    ///
    /// A row is a position, a normal (zeros where there is none) and a colour in 0…1. Of more points than the
    /// configuration has, so many are drawn, always the same.
    public func callAsFunction(_ cloud: Tensor) -> (latents: Tensor, longestSide: Float) {
        precondition(cloud.rows > 0 && cloud.columns == Self.channels)
        let (points, longestSide) = framed(cloud.points)
        let drawn = drawnRows(of: points.count)
        let attributes = drawn.flatMap { row in
            cloud.values[row * Self.channels + 3..<(row + 1) * Self.channels]
        }
        return (latents(drawn.map { points[$0] }, attributes: attributes), longestSide)
    }

    /// The latents of P points in the encoder's frame, with their normals and colours `[P, 6]`.
    func latents(_ points: [SIMD3<Float>], attributes: [Float]) -> Tensor {
        let anchors = farthestPoints(points, count: configuration.anchors)
        let tree = NearestPoints(points)
        let context = pointIn(
            rows(
                points.prefix(configuration.globalPoints).map { $0 - canonicalCentre },
                attributes: attributes[..<(6 * min(points.count, configuration.globalPoints))]))
        var tokens: [Float] = []
        for anchor in anchors {
            let near = tree.nearest(configuration.pooledPoints, to: anchor).map(\.index)
            let around = rows(
                near.map { configuration.offsetScale * (points[$0] - anchor) },
                attributes: near.flatMap { attributes[6 * $0..<6 * $0 + 6] }[...])
            let pooled = pool(around)
            tokens += pooled.columnMaxima
            tokens += pooled.columnMeans
            tokens += fourierFeatures([anchor], centre: canonicalCentre).values
            let own = near.prefix(configuration.ownPoints)
            for channel in 0..<6 {
                tokens.append(own.reduce(0) { $0 + attributes[6 * $1 + channel] } / Float(own.count))
            }
        }
        var x = anchorIn(Tensor(shape: [anchors.count, tokens.count / anchors.count], values: tokens))
        x = crossAttention(x, context: context)
        for block in blocks { x = block(x) }
        let features = out(normalize(x))
        var latents: [Float] = []
        for (row, anchor) in anchors.enumerated() {
            latents += [anchor.x, anchor.y, anchor.z]
            latents += features.row(row).map { tanhf($0) }
        }
        return Tensor(shape: [anchors.count, 3 + configuration.features], values: latents)
    }

    /// Fourier features of each point beside its normal and colour: `[P, 33 + 6]`.
    private func rows(_ points: [SIMD3<Float>], attributes: ArraySlice<Float>) -> Tensor {
        let features = fourierFeatures(points, centre: .zero)
        return .concatenatingColumns([features, Tensor(shape: [points.count, 6], values: Array(attributes))])
    }

    /// As many rows as the encoder reads, drawn without order by a generator with a fixed seed; where there are too few
    /// points, they come again.
    private func drawnRows(of count: Int) -> [Int] {
        var order = Array(0..<count)
        var state: UInt64 = 0x5f3_7c4d
        let wanted = min(count, configuration.points)
        for place in 0..<wanted {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let other = place + Int((state >> 33) % UInt64(count - place))
            order.swapAt(place, other)
        }
        return (0..<configuration.points).map { order[$0 % wanted] }
    }
}

/// Points anywhere, moved to stand on z = 0 around x = y = 0 and scaled to a longest side of 1; and that side.
func framed(_ points: [SIMD3<Float>]) -> ([SIMD3<Float>], longestSide: Float) {
    let low = points.reduce(points[0]) { pointwiseMin($0, $1) }
    let high = points.reduce(points[0]) { pointwiseMax($0, $1) }
    let side = max((high - low).max(), 1e-6)
    let base = SIMD3((low.x + high.x) / 2, (low.y + high.y) / 2, low.z)
    return (points.map { ($0 - base) / side }, side)
}

/// The first is farthest from (0, 0, ½), every other farthest from those chosen; of equals the first.
func farthestPoints(_ points: [SIMD3<Float>], count: Int) -> [SIMD3<Float>] {
    func squaredLength(_ v: SIMD3<Float>) -> Float { (v * v).sum() }
    func farthest(_ distances: [Float]) -> Int {
        var best = 0
        for index in distances.indices where distances[index] > distances[best] { best = index }
        return best
    }
    var chosen = farthest(points.map { squaredLength($0 - canonicalCentre) })
    var distances = [Float](repeating: .infinity, count: points.count)
    var anchors: [SIMD3<Float>] = []
    for _ in 0..<count {
        let anchor = points[chosen]
        anchors.append(anchor)
        for index in points.indices { distances[index] = min(distances[index], squaredLength(points[index] - anchor)) }
        chosen = farthest(distances)
    }
    return anchors
}

extension Tensor {
    /// The largest element of every column: `[S, W] -> [W]`.
    fileprivate var columnMaxima: [Float] {
        (1..<rows).reduce(into: Array(row(0))) { maxima, index in
            for (column, value) in row(index).enumerated() { maxima[column] = max(maxima[column], value) }
        }
    }

    /// The mean of every column: `[S, W] -> [W]`.
    fileprivate var columnMeans: [Float] {
        let sums = (1..<rows).reduce(into: Array(row(0))) { sums, index in
            for (column, value) in row(index).enumerated() { sums[column] += value }
        }
        return sums.map { $0 / Float(rows) }
    }
}
