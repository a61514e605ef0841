// What programs are told about an input: a line of `convert --json`, and the greater part of a batch report's line.

import AudioFeatures
import FoundationEssentials
public import Surfaces
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One input, converted or refused; its JSON is one line with sorted keys.
public struct ConversionRecord: Codable, Sendable, Equatable {
    /// The files that were made of a scene.
    public struct Files: Codable, Sendable, Equatable {
        /// The cloud; nil where it is part of another.
        public var output: String?
        /// Its picture.
        public var picture: String?
        /// The scene's JSON.
        public var scene: String?
    }

    /// One utterance of a recording that has several.
    public struct Utterance: Codable, Sendable, Equatable {
        /// Where it begins, in seconds of the recording.
        public var start: Double
        /// Where it ends.
        public var end: Double
        /// What was heard in it.
        public var heard: String?
        /// What it describes, in the language's own order of words.
        public var description: String?
        /// The objects described.
        public var objects: [Conversion.Object]?
        /// The probability that it is right, 0 to 1.
        public var confidence: Float?
        /// The words that were heard, with their times in the recording.
        public var words: [HeardWord]?
        /// What the confidence comes from.
        public var evidence: Evidence?
        /// Whether the confidence is low.
        public var unsure: Bool?
        /// Its own cloud; nil where all are one scene.
        public var output: String?
        /// Its cloud's picture.
        public var picture: String?
        /// Its scene's JSON.
        public var scene: String?
        /// Words that were heard and have no place in the scene.
        public var unplaced: [String]?
        /// What was asked for and is made as something that it is a kind of.
        public var substitutions: [Scene.Substitution]?
        /// Its channel, from 1, where every channel is heard by itself.
        public var channel: Int?
        /// Why nothing was made of it.
        public var error: String?
        /// The object that was asked for and that the pipeline does not make.
        public var unknown: UnknownObject?

        /// What came of an utterance.
        init(_ utterance: UtteranceConversion, files: Files = Files()) {
            self.init(times: utterance.seconds, channel: utterance.channel)
            switch utterance.outcome {
            case .success(let conversion):
                (heard, description) = (conversion.heard, conversion.description)
                (objects, confidence) = (conversion.objects, conversion.confidence)
                (output, picture, scene) = (files.output, files.picture, files.scene)
                unplaced = conversion.scene.allUnplaced
                take(conversion.scene)
            case .failure(let error): take(error)
            }
        }

        /// An utterance whose scene is part of a whole; `objects` are its own among the whole's.
        init(_ utterance: UtteranceUnderstanding, objects: [Conversion.Object], description: String) {
            self.init(times: utterance.seconds, channel: utterance.channel)
            switch utterance.outcome {
            case .success(let scene):
                (heard, confidence, unplaced) = (scene.heard, scene.confidence, scene.allUnplaced)
                (self.objects, self.description) = (objects, description)
                take(scene)
            case .failure(let error): take(error)
            }
        }

        private mutating func take(_ scene: Scene) {
            // What was heard in an utterance has the utterance's times.
            words = scene.words?.map { $0.later(by: start) }
            (evidence, unsure, substitutions) = (scene.evidence, scene.unsure, scene.substitutions)
        }

        private mutating func take(_ error: SonoformError) { (self.error, unknown) = ("\(error)", error.unknown) }

        private init(times: Range<Double>, channel: Int?) {
            (start, end, self.channel) = (times.lowerBound, times.upperBound, channel)
        }
    }

    /// The input: a path (see `FilePath.text`), or the text itself.
    public var input: String
    /// What was heard or read; of several utterances all, with commas between.
    public var heard: String?
    /// The whole scene in the language's own order of words.
    public var description: String?
    /// The objects in the order in which they were named.
    public var objects: [Conversion.Object]?
    /// The probability that it is right, 0 to 1; of several utterances the least.
    public var confidence: Float?
    /// The words that were heard, with their times; nil where several utterances have their own.
    public var words: [HeardWord]?
    /// What the confidence comes from.
    public var evidence: Evidence?
    /// Whether the confidence is so low that a person should be told.
    public var unsure: Bool?
    /// What the objects' shapes were made of.
    public var signals: ModalitySignals?
    /// The cloud that was written; of several the first.
    public var output: String?
    /// The picture that was drawn; of several the first.
    public var picture: String?
    /// The scene's JSON that was written; of several the first.
    public var scene: String?
    /// What holds of the surfaces that were written; of several utterances see their objects.
    public var surface: MeshCheck?
    /// Words that were heard and have no place in the scene.
    public var unplaced: [String]?
    /// What was asked for and is made as something that it is a kind of.
    public var substitutions: [Scene.Substitution]?
    /// What was odd about the recording.
    public var warnings: [String]?
    /// The utterances of a recording that has several.
    public var utterances: [Utterance]?
    /// How long each stage took.
    public var seconds: StageSeconds?
    /// The largest resident memory of the process so far.
    public var peakMemoryBytes: Int?
    /// Why nothing was made.
    public var error: String?
    /// The object that was asked for and that the pipeline does not make.
    public var unknown: UnknownObject?

    enum CodingKeys: String, CodingKey {
        case input, heard, description, objects, confidence, signals, output, picture, scene, surface, unplaced
        case substitutions, warnings, utterances, seconds, error, words, evidence, unsure, unknown
        case peakMemoryBytes = "peak_memory_bytes"
    }

    /// An input of which one cloud was made.
    init(input: String, files: Files, _ conversion: Conversion) {
        self.input = input
        (output, picture, scene) = (files.output, files.picture, files.scene)
        (heard, description) = (conversion.heard, conversion.description)
        (objects, confidence) = (conversion.objects, conversion.confidence)
        (signals, seconds) = (conversion.signals, conversion.seconds)
        surface = conversion.surface.map(MeshCheck.init)
        (words, evidence, unsure) = (conversion.scene.words, conversion.scene.evidence, conversion.scene.unsure)
        (unplaced, substitutions) = (conversion.scene.allUnplaced, conversion.scene.substitutions)
        peakMemoryBytes = peakMemory()
    }

    /// An input with several utterances, each with its own cloud.
    init(input: String, utterances: [Utterance], signals: ModalitySignals, seconds: StageSeconds) {
        (self.input, self.signals) = (input, signals)
        self.utterances = utterances
        heard = utterances.compactMap(\.heard).joined(separator: ", ")
        description = utterances.compactMap(\.description).joined(separator: ", ")
        objects = utterances.flatMap { $0.objects ?? [] }
        confidence = utterances.compactMap(\.confidence).min()
        output = utterances.lazy.compactMap(\.output).first
        picture = utterances.lazy.compactMap(\.picture).first
        scene = utterances.lazy.compactMap(\.scene).first
        self.seconds = seconds
        peakMemoryBytes = peakMemory()
    }

    /// An input of which nothing was made.
    public init(input: String, error: any Error) {
        self.input = input
        self.error = "\(error)"
        unknown = (error as? SonoformError)?.unknown
    }

    /// Keeps what was odd about the recording.
    mutating func note(_ warnings: [RecordingWarning]) {
        if !warnings.isEmpty { self.warnings = warnings.map(\.description) }
    }

    /// Why nothing was made of the input, or of utterances of it; empty where all of it was converted.
    public var errors: [String] {
        ([error] + (utterances ?? []).map(\.error)).compactMap(\.self)
    }
}

extension Scene {
    /// The words without a place, those of its objects among them; nil for none.
    var allUnplaced: [String]? {
        let words = (unplaced ?? []) + objects.flatMap { $0.unplaced ?? [] }
        return words.isEmpty ? nil : words
    }
}

/// A value as JSON on one line, its keys sorted.
package func jsonLine(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
}

/// The largest resident memory of this process so far, in bytes.
package func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1_024
}
