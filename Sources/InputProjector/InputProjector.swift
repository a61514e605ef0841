// The input projector: what was heard, as vectors that the language model reads.

public import Layers
public import Tensors

/// Turns the encoder's output into the language model's prefix: `[T, W] -> [N, W']`.
public enum InputProjector: Sendable {
    /// One vector a heard word, cut by the encoder's phone head.
    case ctcCompressor(CTCCompressor)
    /// One vector for every few frames.
    case frameStacking(FrameStacking)

    private struct Kind: Codable {
        let type: String
    }

    /// Loads the variant that the folder's config.json names; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        switch try folder.configuration(Kind.self).type {
        case "ctc_compressor": self = .ctcCompressor(try CTCCompressor(folder, precision: precision))
        case "frame_stacking": self = .frameStacking(try FrameStacking(folder, precision: precision))
        case let other:
            throw TensorFileError(
                path: folder.configurationPath, expected: "type \"ctc_compressor\" or \"frame_stacking\"",
                got: "\"\(other)\"")
        }
    }

    /// The width of the vectors: the language model's.
    public var outputWidth: Int {
        switch self {
        case .ctcCompressor(let compressor): compressor.configuration.outputSize
        case .frameStacking(let stacking): stacking.configuration.outputSize
        }
    }

    /// The number of phones P whose posteriors it reads; nil where it reads hidden states.
    public var phones: Int? {
        guard case .ctcCompressor(let compressor) = self else { return nil }
        return compressor.configuration.phones
    }
}
