// Every kind of features against its reference library, signal by signal.

import AudioFeatures
import GoldenFiles
import Tensors
import Testing

/// A kind of features, the golden file that it must equal, and how closely.
struct GoldenKind: Sendable, CustomTestStringConvertible {
    let file: String
    let configuration: FeatureConfiguration
    /// The largest difference allowed, in the features' own units. Where the reference itself is off by more than a
    /// third of it, double precision decides (`truths.safetensors`): there, the features must not be farther from
    /// the truth than ``GoldenFeatureTests/leeway`` times the reference is.
    let tolerance: Float
    /// Whether values at most 60 dB below their frame's loudest keep to the tolerance even there: every Kaldi filter
    /// bank. What is quieter is what is left of single precision in the references.
    var isLoudExact = false
    /// Differences count as a share of the reference's largest value, for what is not logarithmic.
    var isRelative = false

    var testDescription: String { file }

    static let all: [GoldenKind] = [
        GoldenKind(file: "whisper-80", configuration: .whisper(), tolerance: 1e-5),
        GoldenKind(file: "whisper-128", configuration: .whisper(melBands: 128), tolerance: 1e-5),
        GoldenKind(
            file: "whisper-padded", configuration: .whisper(extent: .padded(samples: 16_000)), tolerance: 1e-5),
        GoldenKind(
            file: "whisper-transformers", configuration: .whisper(extent: .paddedThenCut(samples: 16_000)),
            tolerance: 1e-5),
        GoldenKind(file: "mfcc", configuration: .librosaMFCC(sampleRateHz: 16_000), tolerance: 1e-3),
        GoldenKind(file: "mfcc-22050", configuration: .librosaMFCC(sampleRateHz: 22_050), tolerance: 1e-3),
        GoldenKind(
            file: "mfcc-400-160",
            configuration: .librosaMFCC(sampleRateHz: 16_000, windowSamples: 400, hopSamples: 160), tolerance: 1e-3),
        GoldenKind(
            file: "mfcc-lifter",
            configuration: .librosaMFCC(
                sampleRateHz: 16_000, coefficients: 13, windowSamples: 512, hopSamples: 160, melBands: 40, lifter: 22),
            tolerance: 1e-3),
        GoldenKind(
            file: "mfcc-unclamped",
            configuration: .librosaMFCC(
                sampleRateHz: 16_000, coefficients: 13, windowSamples: 512, hopSamples: 160, decibelSpan: nil),
            tolerance: 1e-3),
        GoldenKind(
            file: "power-400-160",
            configuration: .linear(.power, sampleRateHz: 16_000, windowSamples: 400, hopSamples: 160),
            tolerance: 1e-6, isRelative: true),
        GoldenKind(
            file: "amplitude-512-256",
            configuration: .linear(.amplitude, sampleRateHz: 16_000, windowSamples: 512, hopSamples: 256),
            tolerance: 1e-6, isRelative: true),
        GoldenKind(file: "kaldi-fbank", configuration: .kaldiFilterBank(), tolerance: 1e-4, isLoudExact: true),
        GoldenKind(
            file: "kaldi-fbank-covering", configuration: .kaldiFilterBank(snipsEdges: false), tolerance: 1e-4,
            isLoudExact: true),
        GoldenKind(
            file: "kaldi-fbank-unscaled", configuration: .kaldiFilterBank(melBands: 40, scale: 1), tolerance: 1e-4,
            isLoudExact: true),
        GoldenKind(
            file: "kaldi-fbank-energy", configuration: .kaldiFilterBank(melBands: 23, energy: .init(floor: 1)),
            tolerance: 1e-4, isLoudExact: true),
        GoldenKind(file: "kaldi-fbank-torchaudio", configuration: .kaldiFilterBank(), tolerance: 1e-4),
        GoldenKind(file: "kaldi-mfcc", configuration: .kaldiMFCC(), tolerance: 1e-3),
        GoldenKind(file: "kaldi-mfcc-covering", configuration: .kaldiMFCC(snipsEdges: false), tolerance: 1e-3),
        GoldenKind(file: "kaldi-mfcc-c0", configuration: .kaldiMFCC(energy: nil), tolerance: 1e-3),
        GoldenKind(file: "kaldi-mfcc-torchaudio", configuration: .kaldiMFCC(energy: .init(floor: 1)), tolerance: 1e-3),
        GoldenKind(file: "ast", configuration: .ast(extent: .rows(64)), tolerance: 1e-4),
        GoldenKind(file: "beats", configuration: .beats(), tolerance: 1e-4),
        GoldenKind(file: "seamless", configuration: .seamless(), tolerance: 1e-4),
    ]
}

/// Where two arrays of two dimensions differ most.
struct Difference: CustomStringConvertible {
    var largest: Float = 0
    var row = 0
    var column = 0

    /// - Parameter span: only values at most so far below the largest of their row count.
    init(_ got: [Float], _ expected: Tensor, above span: Float = .infinity) {
        precondition(got.count == expected.values.count, "\(expected.shape), got \(got.count) values")
        let columns = expected.shape[1]
        let loudest = (0..<expected.shape[0]).map { row in
            expected.values[row * columns..<(row + 1) * columns].max()!
        }
        for (i, (a, b)) in zip(got, expected.values).enumerated() where b >= loudest[i / columns] - span {
            let difference = abs(a - b)
            // A NaN must not hide behind a comparison that is false.
            if !(difference <= largest) {
                (largest, row, column) = (difference, i / expected.shape[1], i % expected.shape[1])
            }
        }
    }

    var description: String { "largest difference \(largest) at [\(row), \(column)]" }
}

extension FeatureMatrix {
    /// The values and their shape, laid out as the reference lays them out.
    func laidOut(_ configuration: FeatureConfiguration) -> (shape: [Int], values: [Float]) {
        configuration.hasFeaturesFirst ? ([features, frames], transposedValues()) : ([frames, features], values)
    }
}

@Suite struct GoldenFeatureTests {
    /// The golden signals at 16 kHz, by name.
    static func signals() throws -> [String: [Float]] {
        let file = try SafeTensorsFile(path: GoldenFiles.path("features/signals.safetensors"))
        return try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0).values) })
    }

    /// How many times as far from the truth as the reference the features may be, where the reference is far itself:
    /// both round in single precision, but not in the same order.
    static let leeway: Float = 2

    @Test(arguments: GoldenKind.all) func equalsItsReference(kind: GoldenKind) throws {
        let golden = try SafeTensorsFile(path: GoldenFiles.path("features/\(kind.file).safetensors"))
        let truths = try SafeTensorsFile(path: GoldenFiles.path("features/truths.safetensors"))
        let extractor = try FeatureExtractor(kind.configuration)
        let signals = try Self.signals()
        for name in golden.names.sorted() {
            let expected = try golden.tensor(name)
            let got = try extractor(try #require(signals[name])).laidOut(kind.configuration)
            #expect(got.shape == expected.shape, "\(kind.file), \(name)")
            guard got.shape == expected.shape else { continue }
            var difference = Difference(got.values, expected)
            if kind.isRelative { difference.largest /= max(expected.largestMagnitude, 1e-30) }
            var line = "\(kind.file), \(name): \(difference)"
            if truths.names.contains("\(kind.file)/\(name)") {
                let truth = try truths.tensor("\(kind.file)/\(name)")
                let (ours, theirs) = (Difference(got.values, truth), Difference(expected.values, truth))
                line += "; from the truth \(ours.largest), the reference \(theirs.largest)"
                #expect(ours.largest <= max(kind.tolerance, Self.leeway * theirs.largest), "\(line)")
            } else {
                #expect(difference.largest <= kind.tolerance, "\(line)")
            }
            if kind.isLoudExact {
                let loud = Difference(got.values, expected, above: 60 / 10 * 2.302585)
                line += "; of what is loud \(loud.largest)"
                #expect(loud.largest <= kind.tolerance, "\(line)")
            }
            print(line)
        }
    }

    /// 44.1 kHz stereo: mixing and libsoxr against python-soxr.
    @Test func resamplesLikeTheReference() throws {
        let recording = try Recording(contentsOf: GoldenFiles.path("features/resampled.wav"))
        let expected = try #require(try Self.signals()["resampled"])
        #expect(recording.samples.count == expected.count)
        let difference = zip(recording.samples, expected).map { abs($0 - $1) }.max()!
        #expect(difference <= 1e-6, "largest difference \(difference)")
    }

    @Test(arguments: GoldenKind.all) func sameBytesFromEveryThread(kind: GoldenKind) async throws {
        let samples = try #require(try Self.signals()["speech"])
        let extractor = try FeatureExtractor(kind.configuration)
        let alone = try extractor(samples)
        try await withThrowingTaskGroup(of: FeatureMatrix.self) { group in
            for _ in 0..<4 { group.addTask { try extractor(samples) } }
            for try await features in group { #expect(features == alone) }
        }
    }
}
