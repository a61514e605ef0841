// sonoform features: a recording's features as a NumPy array.

import ArgumentParser
import AudioFeatures
import Pictures
import Sonoform
import Tensors

/// Writes the features of one recording to an .npy file.
struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Writes a recording's features as a NumPy array (.npy).",
        discussion:
            "whisper: log-mel features [80, T] over the recording's own length, as openai-whisper lays them out.")

    /// The kinds of features.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case whisper
    }

    @Argument(help: "A recording: WAV, AIFF, FLAC or Ogg.")
    var audio: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The .npy file to write.", valueName: "file"))
    var output: String

    @Option(help: "The kind of features.")
    var kind: Kind = .whisper

    @Flag(help: "Also draws the spectrogram, as a PNG beside the array.")
    var picture = false

    func run() throws {
        do {
            let recording = try Recording(contentsOf: audio)
            let (spectrogram, features): (LogMelSpectrogram, FeatureMatrix)
            do {
                spectrogram = try LogMelSpectrogram()
                features = try spectrogram(recording.samples)
            } catch {
                throw CommandError(source: audio, expected: error.expected, got: error.got)
            }
            try Tensor(shape: [features.features, features.frames], values: features.transposedValues())
                .writeNPY(to: output)
            if picture { try draw(features, of: spectrogram).writePNG(to: pathOfPicture(beside: output)) }
            print("\(output): \(kind.rawValue) features [\(features.features), \(features.frames)] of \(audio)")
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func draw(_ features: FeatureMatrix, of spectrogram: LogMelSpectrogram) -> Picture {
        let configuration = spectrogram.configuration
        return SpectrogramPicture(
            values: features.values, frames: features.frames,
            secondsPerFrame: Double(configuration.hopSamples) / Double(configuration.sampleRateHz),
            centresHz: spectrogram.centresHz
        ).picture
    }
}
