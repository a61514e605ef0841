// Why speech could not be written down.

public import Tensors

/// What stops a transcription.
public enum RecognitionFailure: Error, Sendable {
    /// The model computed something else than numbers.
    case notNumbers
    /// The model does not do what was asked for.
    case unsupported(expected: String, got: String)
    /// A file of the model's that was needed for this transcription is not as it should be.
    case file(TensorFileError)
    /// What encodes the sound threw this.
    case encoding(any Error)
}
