// The modality encoder of point clouds, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// What looks at clouds: points in, latents on anchors out.
public protocol PointEncoder: Sendable {
    /// The width 3 + F of a latent: an anchor's coordinates and its features.
    var latentWidth: Int { get }

    /// Latents of a cloud of any size and place: `[N, 9] -> [L, 3 + F]`, and the longest side that the cloud has.
    ///
    /// A row is a position, a normal (zeros where there is none) and a colour in 0…1.
    func callAsFunction(_ cloud: Tensor) -> (latents: Tensor, longestSide: Float)
}

extension VariantTable<any PointEncoder> {
    /// The point encoders that this package knows.
    public static var pointEncoders: VariantTable {
        VariantTable(
            role: "point encoder",
            [
                "anchored_points": AnchoredPointEncoder.init(_:precision:)
            ])
    }
}
