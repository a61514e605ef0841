// The output projector, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// Turns an object's signals into the generator's conditions and the object's place.
public protocol SignalProjector: Sendable {
    /// The number K of signal tokens of an object.
    var signals: Int { get }
    /// The width W of the language model's hidden states.
    var inputWidth: Int { get }
    /// The number of condition tokens: K unless the variant says otherwise.
    var conditionCount: Int { get }
    /// The width C of a condition token.
    var conditionWidth: Int { get }

    /// Hidden states `[K, W]` of one object's signal tokens, in their order -> conditions `[conditionCount, C]` and the
    /// place.
    func callAsFunction(_ hidden: Tensor) -> (conditions: Tensor, place: Place)
}

extension VariantTable<any SignalProjector> {
    /// The output projectors that this package knows.
    public static var signalProjectors: VariantTable {
        VariantTable(
            role: "output projector",
            [
                "mlp": MLPProjector.init(_:precision:),
                "transformer": QueryTransformerProjector.init(_:precision:),
            ])
    }
}
