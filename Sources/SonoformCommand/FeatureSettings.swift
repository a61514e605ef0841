// Which settings each kind of features takes on the command line.

public import ArgumentParser
public import AudioFeatures

extension FeatureKind: ExpressibleByArgument {}

/// The settings of a kind of features; one that does not belong to the kind is refused, not ignored.
struct FeatureSettings: ParsableArguments {
    @Option(help: "The kind of features.")
    var kind: FeatureKind = .whisper

    @Option(help: ArgumentHelp("The rate to resample to, in Hz (mfcc, power, amplitude, kaldi-…).", valueName: "hz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Mel bands (whisper: 80 or 128; mfcc: 128; kaldi-fbank: 80; kaldi-mfcc: 23)."))
    var melBands: Int?

    @Option(help: "Coefficients (mfcc: 20; kaldi-mfcc: 13).")
    var coefficients: Int?

    @Option(help: ArgumentHelp("Samples of a frame (mfcc, power, amplitude: 2048).", valueName: "samples"))
    var window: Int?

    @Option(help: ArgumentHelp("Samples from frame to frame (mfcc, power, amplitude: 512).", valueName: "samples"))
    var hop: Int?

    @Option(help: "The lifter (mfcc: 0; kaldi-mfcc: 22).")
    var lifter: Float?

    @Option(help: ArgumentHelp("The range kept below the loudest value (mfcc: 80; 0 for all).", valueName: "dB"))
    var topDB: Float?

    @Flag(help: "Leaves samples in -1…1 instead of scaling them by 2^15 (kaldi-fbank, kaldi-mfcc).")
    var unscaled = false

    @Flag(help: "Mirrors the ends so that every hop has a frame: snip_edges off (kaldi-fbank, kaldi-mfcc).")
    var mirrorEdges = false

    @Option(help: "The least frame energy; adds an energy column to kaldi-fbank (kaldi-fbank, kaldi-mfcc).")
    var energyFloor: Float?

    @Flag(help: "Fills or cuts to the model's window: 30 s (whisper), 1,024 rows (ast).")
    var pad = false

    /// The options that the user gave, with the kinds that take them.
    private var given: [(name: String, kinds: Set<FeatureKind>)] {
        let linear: Set<FeatureKind> = [.mfcc, .power, .amplitude]
        let kaldi: Set<FeatureKind> = [.kaldiFilterBank, .kaldiMFCC]
        let all: [(String, Bool, Set<FeatureKind>)] = [
            ("--rate", rate != nil, linear.union(kaldi)),
            ("--mel-bands", melBands != nil, kaldi.union([.whisper, .mfcc])),
            ("--coefficients", coefficients != nil, [.mfcc, .kaldiMFCC]),
            ("--window", window != nil, linear), ("--hop", hop != nil, linear),
            ("--lifter", lifter != nil, [.mfcc, .kaldiMFCC]), ("--top-db", topDB != nil, [.mfcc]),
            ("--unscaled", unscaled, kaldi), ("--mirror-edges", mirrorEdges, kaldi),
            ("--energy-floor", energyFloor != nil, kaldi), ("--pad", pad, [.whisper, .ast]),
        ]
        return all.filter(\.1).map { ($0.0, $0.2) }
    }

    func validate() throws {
        for option in given where !option.kinds.contains(kind) {
            throw ValidationError("\(option.name) does not belong to --kind \(kind.rawValue)")
        }
        if let rate, !(1_000...768_000).contains(rate) {
            throw ValidationError("--rate: expected 1000 to 768000 Hz, got \(rate)")
        }
    }

    /// The features' configuration for a recording of some rate.
    func configuration(fileRateHz: Int) -> FeatureConfiguration {
        let scale: Float = unscaled ? 1 : 32_768
        switch kind {
        case .whisper:
            return .whisper(
                melBands: melBands ?? 80,
                extent: pad ? .padded(samples: FeatureConfiguration.whisperWindowSamples) : .recording)
        case .mfcc:
            return .librosaMFCC(
                sampleRateHz: rate ?? fileRateHz, coefficients: coefficients ?? 20, windowSamples: window ?? 2_048,
                hopSamples: hop ?? 512, melBands: melBands ?? 128, decibelSpan: topDB == 0 ? nil : topDB ?? 80,
                lifter: lifter ?? 0)
        case .power, .amplitude:
            return .linear(
                kind == .power ? .power : .amplitude, sampleRateHz: rate ?? fileRateHz, windowSamples: window ?? 2_048,
                hopSamples: hop ?? 512)
        case .kaldiFilterBank:
            return .kaldiFilterBank(
                melBands: melBands ?? 80, sampleRateHz: rate ?? 16_000, snipsEdges: !mirrorEdges, scale: scale,
                energy: energyFloor.map { .init(floor: $0) })
        case .kaldiMFCC:
            return .kaldiMFCC(
                coefficients: coefficients ?? 13, melBands: melBands ?? 23, sampleRateHz: rate ?? 16_000,
                snipsEdges: !mirrorEdges, scale: scale, lifter: lifter ?? 22, energy: .init(floor: energyFloor ?? 0))
        case .ast: return .ast(extent: pad ? .rows(1_024) : .recording)
        case .beats: return .beats()
        case .seamless: return .seamless()
        }
    }
}
