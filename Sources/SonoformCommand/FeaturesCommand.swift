// sonoform features: recordings' features as NumPy or safetensors arrays.

import ArgumentParser
import AtomicFiles
import AudioFeatures
import Pictures
import Sonoform
import SystemPackage

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

    @Argument(help: "Recordings: WAV, AIFF, CAF, FLAC or Ogg; - for the standard input.")
    var audio: [FilePath]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The .npy or .safetensors file, or a folder for several.", valueName: "file|folder"))
    var output: OutputArgument

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
            plan = try OutputPlan(
                inputs: audio.map { $0 == "-" ? "stdin" : $0 }, output: output, ending: format.rawValue,
                known: ArrayFormat.allCases.map(\.rawValue))
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var failed = false
        for (input, path) in zip(audio, plan.paths) {
            do {
                if picture { try plan.check(pathBeside(path, ending: "png")) }
                try write(input, to: path)
            } catch {
                failed = true
                if json { say(jsonLine(ConversionRecord(input: input.text, error: error))) }
                report(error)
            }
        }
        if failed { throw ExitCode(1) }
    }

    private func write(_ name: FilePath, to path: FilePath) throws {
        let options = try reading.options()
        let input = try name == "-" ? AudioInput.standardInput(options) : AudioInput(opening: name, options)
        let fileRate = try RecordingBlocks(contentsOf: input, options).source.sampleRateHz
        let extractor: FeatureExtractor
        let (frames, source): (Int, AudioFormat)
        do {
            extractor = try FeatureExtractor(settings.configuration(fileRateHz: fileRate))
            // A picture needs all of the features at once, and so does a pipe, into which nothing can be put later.
            if picture || !AtomicFile.replaces(path) {
                (frames, source) = try writeWhole(input, options, extractor, to: path)
            } else {
                (frames, source) = try writeBlocks(input, options, extractor, to: path)
            }
        } catch let error as SpectrogramError {
            throw CommandError(source: name.printable, expected: error.expected, got: error.got)
        }
        let shape =
            extractor.configuration.hasFeaturesFirst ? [extractor.features, frames] : [frames, extractor.features]
        let line = FeatureReport(
            input: name.text, output: path.text, kind: settings.kind.rawValue, shape: shape,
            sampleRateHz: extractor.configuration.sampleRateHz, secondsPerRow: extractor.secondsPerRow,
            durationSeconds: Double(source.frames) / Double(source.sampleRateHz),
            picture: picture ? pathBeside(path, ending: "png").text : nil)
        for warning in source.warnings { report("sonoform: \(name.printable): note: \(warning)") }
        let told =
            json
            ? jsonLine(line) : "\(path.printable): \(settings.kind.rawValue) features \(shape) of \(name.printable)"
        output.isStandardOutput ? report(told) : say(told)
    }
}

extension FeaturesCommand {
    /// All of the features in memory.
    private func writeWhole(
        _ input: AudioInput, _ options: ReadingOptions, _ extractor: FeatureExtractor, to path: FilePath
    ) throws -> (Int, AudioFormat) {
        let (features, source) = try extractor(contentsOf: input, options)
        try features.write(laidOutAs: extractor.configuration, to: path)
        if picture {
            try FeaturePicture(features, of: extractor, settings.kind, start: reading.from)
                .picture.writePNG(to: pathBeside(path, ending: "png"))
        }
        return (features.frames, source)
    }

    /// A few seconds of the features in memory: the file is read twice.
    private func writeBlocks(
        _ input: AudioInput, _ options: ReadingOptions, _ extractor: FeatureExtractor, to path: FilePath
    ) throws -> (Int, AudioFormat) {
        let survey = try extractor.survey(contentsOf: input, options)
        var file = try FeatureFile(
            path: path, frames: survey.frames, features: extractor.features,
            isTransposed: extractor.configuration.hasFeaturesFirst)
        try extractor.forEachBlock(contentsOf: input, options, survey: survey) { try file.append($0) }
        try file.finish()
        return (survey.frames, survey.source)
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
