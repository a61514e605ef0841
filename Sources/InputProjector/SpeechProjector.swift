// The input projector of speech, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// Turns what was heard into the language model's vectors.
public protocol SpeechProjector: Sendable {
    /// Which of the encoder's results it reads, and how wide that is.
    var input: SpeechProjectorInput { get }
    /// The width W' of the vectors: the language model's.
    var outputWidth: Int { get }

    /// The encoder's frames to vectors: `[T, input.width] -> [N, W']`; N may be 0 where nothing was said.
    func callAsFunction(_ encoded: Tensor) -> Tensor
}

/// What a projector reads of an encoder.
public enum SpeechProjectorInput: Sendable, Equatable {
    /// Hidden states `[T, width]`.
    case hiddenStates(width: Int)
    /// The posteriors of `classes` phones `[T, classes]`.
    case phonePosteriors(classes: Int)

    /// The numbers of a frame.
    public var width: Int {
        switch self {
        case .hiddenStates(let width): width
        case .phonePosteriors(let classes): classes
        }
    }
}

extension VariantTable<any SpeechProjector> {
    /// The input projectors of speech that this package knows.
    public static var speechProjectors: VariantTable {
        VariantTable(
            role: "input projector",
            [
                "ctc_compressor": CTCCompressor.init(_:precision:),
                "frame_stacking": FrameStacking.init(_:precision:),
                "linear": LinearProjector.init(_:precision:),
            ])
    }
}
