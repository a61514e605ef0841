// What comes of a recording that holds several utterances.

public import AudioFeatures

/// One utterance of a recording, with what came of it or why nothing did.
public struct UtteranceOutcome<Made: Sendable>: Sendable {
    /// Its place among the recording's utterances, from 0.
    public let index: Int
    /// How many utterances the recording has.
    public let count: Int
    /// Its channel, from 1, where every channel is heard by itself.
    public let channel: Int?
    /// Where it begins and ends, in seconds of the recording.
    public let seconds: Range<Double>
    /// What was made of it, or why nothing was.
    public let outcome: Result<Made, SonoformError>

    /// Whether the recording is this one utterance.
    public var isAlone: Bool { count == 1 }
}

/// An utterance that was converted or refused.
public typealias UtteranceConversion = UtteranceOutcome<Conversion>

/// An utterance that was understood or refused.
public typealias UtteranceUnderstanding = UtteranceOutcome<Scene>

/// What a recording's utterances describe, as one scene.
public struct JoinedUnderstanding: Sendable {
    /// All objects, utterance by utterance.
    public let scene: Scene
    /// The utterances in order, those that were refused among them; the others' scenes are groups of the whole.
    public let utterances: [UtteranceUnderstanding]
    /// What was odd about the recording.
    public let warnings: [RecordingWarning]
    /// What errors call the recording.
    let source: String
}

/// A recording's utterances as one scene, converted.
public struct JoinedConversion: Sendable {
    /// The whole: everything that was heard, all objects, one cloud.
    public let conversion: Conversion
    /// The utterances in order, those that were refused among them; the others' scenes are groups of the whole.
    public let utterances: [UtteranceUnderstanding]
    /// What was odd about the recording.
    public let warnings: [RecordingWarning]
}

/// The number of an utterance in its file's name: 0 -> "01", with as many digits as the last one needs.
package func utteranceNumber(_ index: Int, of count: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, max(2, String(count).count) - digits.count)) + digits
}
