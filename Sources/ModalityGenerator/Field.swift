// The trunk of the closest-surface-point field: once a shape.

internal import Layers
internal import Tensors

/// The field's weights: `Field.shape(latents:)` makes of a shape's latents what queries need.
struct Field: Sendable {
    let configuration: LatentSetFlowConfiguration.Field
    private let precision: Precision
    private let tokenIn: Linear  // token_in
    private let blocks: [TransformerBlock]  // blocks
    private let anchorIn: Linear  // anchor_in
    private let normalize = LayerNorm()
    private let attention: FieldAttention  // attention
    let offsetIn: Linear  // offset_in
    let local: Linear  // local
    let feedForward: FeedForward  // mlp.up, mlp.down
    let out: Linear  // out

    init(_ scope: WeightScope, _ configuration: LatentSetFlowConfiguration.Field) throws(TensorFileError) {
        self.configuration = configuration
        precision = scope.precision
        let (width, head) = (configuration.width, configuration.headWidth)
        tokenIn = try Linear(
            scope["token_in"], inputs: 3 * fourierFeatures + configuration.features, outputs: width)
        blocks = try (0..<configuration.blocks).map { index throws(TensorFileError) in
            try TransformerBlock(
                scope["blocks", index], width: width, heads: configuration.heads, hidden: configuration.hidden)
        }
        anchorIn = try Linear(scope["anchor_in"], inputs: width, outputs: head)
        attention = try FieldAttention(
            scope["attention"], width: head, contextWidth: width, heads: configuration.headHeads)
        offsetIn = try Linear(scope["offset_in"], inputs: 3 * fourierFeatures, outputs: head)
        local = try Linear(scope["local"], inputs: head, outputs: head)
        feedForward = try FeedForward(
            up: scope["mlp", "up"], down: scope["mlp", "down"], inputs: head, hidden: configuration.headHidden,
            outputs: head, activation: .relu)
        out = try Linear(scope["out"], inputs: head, outputs: 7)
    }

    /// Latents `[L, 3 + F]` -> the field of that shape.
    func shape(_ latents: Tensor) -> ShapeField {
        let anchors = latents.points
        let positions = fourierFeatures(anchors, centre: canonicalCentre)
        var values: [Float] = []
        for row in 0..<latents.rows {
            values += positions.row(row)
            values += latents.row(row).dropFirst(3)
        }
        var hidden = tokenIn(
            Tensor(shape: [latents.rows, positions.columns + configuration.features], values: values))
        for block in blocks { hidden = block(hidden) }
        hidden = normalize(hidden)
        return ShapeField(
            field: self, anchors: anchors, anchorTokens: anchorIn(hidden),
            attention: attention.folded(over: hidden, precision: precision))
    }
}
