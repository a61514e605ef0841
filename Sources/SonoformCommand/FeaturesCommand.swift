// sonoform features: recordings' features as NumPy or safetensors arrays.

import ArgumentParser
import AudioFeatures
import Pictures
import Sonoform
import Tensors

/// Writes the features of recordings to .npy or .safetensors files.
struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Writes recordings' features as arrays (.npy or .safetensors).",
        discussion: """
            Every kind equals a reference and is laid out as that lays it out:
              whisper      openai-whisper's log-mel spectrogram [80, T], over the recording's own length
              mfcc         librosa.feature.mfcc with its defaults, at the file's own rate [20, T]
              power        |librosa.stft|², at the file's own rate [bins, T]; amplitude is its root
              kaldi-fbank  kaldi-native-fbank's filter bank, samples scaled by 2^15, dither 0 [T, 80]
              kaldi-mfcc   kaldi-native-fbank's MFCCs [T, 13]
              ast          transformers' ASTFeatureExtractor [T, 128]
              beats        BEATs.preprocess [T, 128]
              seamless     transformers' SeamlessM4TFeatureExtractor [T/2, 160]
            """)

    @Argument(help: "Recordings: WAV, AIFF, FLAC or Ogg.")
    var audio: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The .npy or .safetensors file, or a folder for several.", valueName: "file|folder"))
    var output: String

    @OptionGroup(title: "Features") var settings: FeatureSettings
    @OptionGroup(title: "Reading") var reading: ReadingArguments

    @Option(help: "The format of files in a folder: npy or safetensors.")
    var format: ArrayFormat = .npy

    @Flag(help: "Also draws the features, as a PNG beside the array.")
    var picture = false

    @Flag(help: "Prints a JSON object for every recording.")
    var json = false

    /// How arrays are kept.
    enum ArrayFormat: String, ExpressibleByArgument, CaseIterable {
        case npy, safetensors
    }

    func run() throws {
        let plan: OutputPlan
        do {
            plan = try OutputPlan(inputs: audio, output: output, ending: format.rawValue)
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var failed = false
        for (input, path) in zip(audio, plan.paths) {
            do {
                try write(input, to: path)
            } catch {
                failed = true
                if json { print(jsonLine(ConversionRecord(input: input, error: "\(error)"))) }
                report(error)
            }
        }
        if failed { throw ExitCode(1) }
    }

    private func write(_ input: String, to path: String) throws {
        let options = try reading.options()
        let fileRate = try RecordingBlocks(contentsOf: input, options).source.sampleRateHz
        let extractor: FeatureExtractor
        let features: FeatureMatrix
        let source: AudioFormat
        do {
            extractor = try FeatureExtractor(settings.configuration(fileRateHz: fileRate))
            (features, source) = try extractor(contentsOf: input, options)
        } catch let error as SpectrogramError {
            throw CommandError(source: input, expected: error.expected, got: error.got)
        }
        let isTransposed = extractor.configuration.hasFeaturesFirst
        let shape =
            isTransposed ? [features.features, features.frames] : [features.frames, features.features]
        let tensor = Tensor(shape: shape, values: isTransposed ? features.transposedValues() : features.values)
        if path.hasSuffix(".safetensors") {
            try SafeTensorsFile.write(["features": tensor], to: path)
        } else {
            try tensor.writeNPY(to: path)
        }
        if picture {
            try FeaturePicture(features, of: extractor, settings.kind, start: reading.from)
                .picture.writePNG(to: pathOfPicture(beside: path))
        }
        let line = FeatureReport(
            input: input, output: path, kind: settings.kind.rawValue, shape: shape,
            sampleRateHz: extractor.configuration.sampleRateHz, secondsPerRow: extractor.secondsPerRow,
            durationSeconds: Double(source.frames) / Double(source.sampleRateHz),
            picture: picture ? pathOfPicture(beside: path) : nil)
        print(json ? jsonLine(line) : "\(path): \(settings.kind.rawValue) features \(shape) of \(input)")
    }
}

/// What `features --json` prints of a recording.
struct FeatureReport: Encodable {
    let input: String
    let output: String
    let kind: String
    let shape: [Int]
    let sampleRateHz: Int
    let secondsPerRow: Double
    let durationSeconds: Double
    let picture: String?

    enum CodingKeys: String, CodingKey {
        case input, output, kind, shape, picture
        case sampleRateHz = "sample_rate_hz"
        case secondsPerRow = "seconds_per_row"
        case durationSeconds = "duration_seconds"
    }
}
