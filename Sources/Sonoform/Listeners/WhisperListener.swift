// The listener "whisper": a whole Whisper, from a folder of transformers'.

public import AudioFeatures
public import Layers
import ModalityEncoder
public import SpeechRecognition
public import SystemPackage
public import Tensors

/// A `WhisperForConditionalGeneration` of transformers, tiny to large-v3: config.json, model.safetensors,
/// tokenizer.json (or vocab.json and merges.txt), and where they are there generation_config.json and
/// preprocessor_config.json.
public struct WhisperListener: Listener {
    /// The folder it was loaded from.
    public let directory: FilePath
    private let encoder: WhisperEncoder
    private let recognizer: WhisperRecognizer
    private let spectrogram: LogMelSpectrogram

    /// Loads the folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        directory = folder.path
        encoder = try WhisperEncoder(folder, precision: precision)
        recognizer = try WhisperRecognizer(folder, precision: precision)
        do {
            spectrogram = try LogMelSpectrogram(encoder.frontEnd)
        } catch {
            throw TensorFileError(path: folder.configurationPath, expected: error.expected, got: error.got)
        }
    }

    /// 16 kHz for every public Whisper.
    public var sampleRateHz: Int { encoder.sampleRateHz }

    /// The codes of the languages that it writes.
    public var languages: [String] { recognizer.languages }

    /// Writes a recording down, half a minute after half a minute.
    public func transcribe(
        _ recording: Recording, source: String, options: TranscriptionOptions
    ) throws(SonoformError) -> Transcript {
        guard recording.sampleRateHz == sampleRateHz else {
            throw SonoformError(
                .wrongRate, source: source, expected: "samples at \(sampleRateHz) Hz",
                got: "\(recording.sampleRateHz) Hz")
        }
        let silence = SonoformError(.noSpeech, source: source, expected: "speech", got: "none")
        let sound = try sound(of: recording.samples, source: source)
        guard sound.frames.count > 0 else { throw silence }
        let transcript: Transcript
        do throws(RecognitionFailure) {
            transcript = try recognizer.transcribe(sound.frames, options: options) {
                window throws(RecognitionFailure) in
                do {
                    try checkCancellation(source)
                    return try encoder.encode(sound.features(of: window)).hidden
                } catch {
                    throw .encoding(error)
                }
            }
        } catch {
            throw SonoformError(error, source: source, of: directory)
        }
        guard !transcript.segments.isEmpty else { throw silence }
        return transcript
    }

    /// The features of a recording, to take windows of.
    private func sound(of samples: [Float], source: String) throws(SonoformError) -> WindowedSound {
        let (hop, frame) = (encoder.frontEnd.hopSamples, encoder.frontEnd.windowSamples)
        do {
            // Its last frames see silence after the end, not the end mirrored; those beyond it are not taken.
            let matrix = try spectrogram(samples + repeatElement(0, count: frame))
            return WindowedSound(
                matrix: matrix,
                frames: WhisperRecognizer.Frames(
                    count: min(matrix.frames, samples.count / hop), window: encoder.longestSamples / hop,
                    seconds: Double(hop) / Double(sampleRateHz)))
        } catch {
            throw SonoformError(.noSpeech, source: source, expected: error.expected, got: error.got)
        }
    }
}

/// Features of a whole recording, of which windows are cut.
private struct WindowedSound {
    let matrix: FeatureMatrix
    let frames: WhisperRecognizer.Frames

    /// A window's features, then zeros, as openai/whisper has it: `[window, mels]`.
    func features(of window: Range<Int>) -> Tensor {
        let mels = matrix.features
        let end = min(window.upperBound, matrix.frames)
        var values = Array(matrix.values[window.lowerBound * mels..<end * mels])
        if end < window.upperBound {
            // Silence is 10⁻¹⁰, but not more than 8 decades below the loudest; features are a quarter of logarithms.
            let silence = max(-1.5, (matrix.values.max() ?? 0) - 2)
            values += repeatElement(silence, count: (window.upperBound - end) * mels)
        }
        values += repeatElement(0, count: (frames.window - window.count) * mels)
        return Tensor(shape: [frames.window, mels], values: values)
    }
}

extension SonoformError {
    /// Why a listener wrote nothing.
    fileprivate init(_ failure: RecognitionFailure, source: String, of directory: FilePath) {
        self =
            switch failure {
            case .notNumbers: .damagedPipeline(directory, got: "scores of NaN", source: source)
            case .unsupported(let expected, let got):
                SonoformError(.unsupportedOption, source: source, expected: expected, got: got)
            case .file(let error): SonoformError(error)
            case .encoding(let error as SonoformError): error
            case .encoding(let error as InputError):
                SonoformError(.damagedPipeline, source: source, expected: error.expected, got: error.got)
            case .encoding(let error):
                SonoformError(.damagedPipeline, source: source, expected: "encoded speech", got: "\(error)")
            }
    }
}
