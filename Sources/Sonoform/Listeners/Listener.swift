// Who hears before the pipeline: a whole speech recogniser, whose words are then read.

public import AudioFeatures
public import Layers
public import SpeechRecognition
public import SystemPackage
public import Tensors

/// What writes speech down by itself, for voices and words that a pipeline's own ears do not reach.
///
/// ``Pipeline/listener`` puts one before a pipeline: what it writes is read there as a written description is.
public protocol Listener: Sendable {
    /// The folder it was loaded from.
    var directory: FilePath { get }
    /// The rate that recordings must have.
    var sampleRateHz: Int { get }
    /// The codes of the languages that it writes.
    var languages: [String] { get }

    /// Writes a recording of any length down.
    ///
    /// - Parameters:
    ///   - recording: mono samples at ``sampleRateHz``.
    ///   - source: what errors call the recording.
    ///   - options: how it is written down.
    /// - Throws: ``SonoformError``: where nobody speaks, for options that the listener does not have, and where the task
    ///   was cancelled.
    func transcribe(
        _ recording: Recording, source: String, options: TranscriptionOptions
    ) throws(SonoformError) -> Transcript
}

extension VariantTable<any Listener> {
    /// The listeners that this package knows.
    public static var listeners: VariantTable {
        VariantTable(role: "listener", ["whisper": WhisperListener.init(_:precision:)])
    }

    /// Loads a listener's folder; throws ``SonoformError`` that names the file, what was expected and what was got.
    public func load(directory: FilePath, precision: Precision = .native) throws(SonoformError) -> any Listener {
        do {
            return try load(ComponentFolder(directory), precision: precision)
        } catch {
            throw SonoformError(error, reason: .damagedPipeline)
        }
    }
}
