// Why something could not be done, in one line for a person and one reason for a program.

import AtomicFiles
public import AudioFeatures
import SystemPackage
import Tensors

/// What this library refuses: a reason to switch on, and one line that names what it is about, what was expected and
/// what was got.
public struct SonoformError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Reason: Sendable, Equatable {
        /// Nobody speaks in the recording.
        case noSpeech
        /// What was said, written or shown describes no object of the pipeline's language.
        case notADescription
        /// Somebody speaks, and the words that were found do not explain the sound.
        case unintelligible
        /// An object that this pipeline does not make, with what comes near.
        case unknownObject(UnknownObject)
        /// What was heard is less sure than was asked for; the probability that it is right.
        case unsure(Float)
        /// More objects than a scene can have.
        case tooManyObjects
        /// Something was asked for that the scene would not have.
        case incomplete
        /// More sound or more words than are heard at once.
        case tooLong
        /// Samples at another rate than the pipeline's.
        case wrongRate
        /// Options that this pipeline does not have, or that exclude each other.
        case unsupportedOption
        /// A scene whose values contradict each other or the pipeline.
        case invalidScene
        /// A cloud without points.
        case noPoints
        /// There is no pipeline where one was looked for.
        case missingPipeline
        /// A pipeline folder whose files are missing, damaged or do not fit each other.
        case damagedPipeline
        /// A recording that cannot be read, and why.
        case unreadableRecording(AudioFileError.Reason)
        /// The task that asked was cancelled.
        case cancelled
    }

    /// The kind of trouble.
    public let reason: Reason
    /// What it is about: a path, or a text in quotes.
    public let source: String
    /// What was expected.
    public let expected: String
    /// What was got.
    public let got: String

    /// An error of a kind.
    public init(_ reason: Reason, source: String, expected: String, got: String) {
        (self.reason, self.source, self.expected, self.got) = (reason, source, expected, got)
    }

    /// One line.
    public var description: String {
        if case .unknownObject(let object) = reason { return "\(source): \(object)" }
        return "\(source): expected \(expected), got \(got)"
    }
}

extension SonoformError {
    init(_ error: AudioFileError) {
        self.init(
            .unreadableRecording(error.reason), source: error.path.printable, expected: error.expected,
            got: error.got)
    }

    /// A file of a pipeline that is not as it should be.
    init(_ error: TensorFileError, reason: Reason = .damagedPipeline) {
        self.init(reason, source: error.path.printable, expected: error.expected, got: error.got)
    }

    /// The language model or the generator computed something else than numbers.
    static func damagedPipeline(_ file: FilePath, got: String, source: String) -> SonoformError {
        SonoformError(.damagedPipeline, source: source, expected: "a sound pipeline in \(file.printable)", got: got)
    }
}

/// Throws when the task that runs this was cancelled; called between stages.
func checkCancellation(_ source: String) throws(SonoformError) {
    guard Task.isCancelled else { return }
    throw SonoformError(.cancelled, source: source, expected: "to be finished", got: "a cancellation")
}
