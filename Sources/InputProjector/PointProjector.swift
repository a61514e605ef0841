// The input projector of point clouds, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// Turns a shape's latents into the language model's vectors.
public protocol PointProjector: Sendable {
    /// The width 3 + F of the latents that it reads.
    var inputWidth: Int { get }
    /// The width W' of the vectors: the language model's.
    var outputWidth: Int { get }

    /// Latents of a shape whose longest side is `longestSide`: `[L, 3 + F] -> [M, W']`.
    func callAsFunction(_ latents: Tensor, longestSide: Float) -> Tensor
}

extension VariantTable<any PointProjector> {
    /// The input projectors of point clouds that this package knows.
    public static var pointProjectors: VariantTable {
        VariantTable(
            role: "point projector",
            [
                "perceiver_resampler": PerceiverResampler.init(_:precision:)
            ])
    }
}
