// The network of the rectified flow: from noisy latents to the clean ones it expects.

internal import Layers
internal import Tensors

/// Predicts the clean normalised latents from noisy ones at a time t in 0..<1, under condition tokens.
///
/// The tokens are the K conditions and the L latents, each with a learned position, the time added to all.
struct FlowTransformer: Sendable {
    let configuration: LatentSetFlowConfiguration.Flow
    private let conditionIn: Linear  // condition_in
    private let conditionPositions: Tensor  // condition_positions [K, W]
    private let latentIn: Linear  // latent_in
    private let slots: Tensor  // slots [L, W]
    private let timeUp: Linear  // time_mlp.up
    private let timeDown: Linear  // time_mlp.down
    private let blocks: [TransformerBlock]  // blocks
    private let out: Linear  // out
    private let normalize = LayerNorm()
    /// The learned conditions of "nothing in particular", `[K, C]`.
    let nullConditions: Tensor
    /// The latents' mean and standard deviation, a channel each.
    let mean: [Float]
    let deviation: [Float]

    init(_ scope: WeightScope, _ configuration: LatentSetFlowConfiguration.Flow) throws(TensorFileError) {
        self.configuration = configuration
        let (width, channels) = (configuration.width, configuration.channels)
        let (conditions, conditionWidth) = (configuration.conditions, configuration.conditionWidth)
        conditionIn = try Linear(scope["condition_in"], inputs: conditionWidth, outputs: width)
        conditionPositions = try scope.tensor("condition_positions", shape: [conditions, width])
        latentIn = try Linear(scope["latent_in"], inputs: channels, outputs: width)
        slots = try scope.tensor("slots", shape: [configuration.latents, width])
        timeUp = try Linear(scope["time_mlp", "up"], inputs: fourierFeatures, outputs: width, activation: .relu)
        timeDown = try Linear(scope["time_mlp", "down"], inputs: width, outputs: width)
        blocks = try (0..<configuration.blocks).map { index throws(TensorFileError) in
            try TransformerBlock(
                scope["blocks", index], width: width, heads: configuration.heads, hidden: configuration.hidden)
        }
        out = try Linear(scope["out"], inputs: width, outputs: channels)
        nullConditions = try scope.tensor("null_conditions", shape: [conditions, conditionWidth])
        mean = try scope.vector("mean", count: channels)
        deviation = try scope.vector("std", count: channels)
    }

    /// Condition tokens `[K, C] -> [K, W]`, as every step reads them.
    func embed(_ conditions: Tensor) -> Tensor { conditionIn(conditions) + conditionPositions }

    /// The clean latents expected at `time` from `latents` `[L, channels]`, once for each of the embedded conditions
    /// (`[K, W]` each): as many tensors `[L, channels]`, evaluated in one batch.
    func clean(_ latents: Tensor, time: Float, conditions: [Tensor]) -> [Tensor] {
        let embedded = latentIn(latents) + slots
        var tokens = Tensor.concatenatingRows(conditions.flatMap { [$0, embedded] })
        let shift = timeDown(timeUp(fourierFeatures(of: time))).values
        tokens.values.withUnsafeMutableBufferPointer { values in
            shift.withUnsafeBufferPointer { shift in
                for start in stride(from: 0, to: values.count, by: shift.count) {
                    for column in shift.indices { values[start + column] += shift[column] }
                }
            }
        }
        for block in blocks { tokens = block(tokens, batch: conditions.count) }
        let clean = out(normalize(tokens))
        let (first, length) = (configuration.conditions, configuration.conditions + configuration.latents)
        return conditions.indices.map { clean.rows($0 * length + first..<($0 + 1) * length) }
    }
}
