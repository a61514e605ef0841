// The first half: from a recording or a text to a scene.

public import AudioFeatures
import InputProjector
import LanguageModel
import ModalityEncoder
import OutputProjector
import Tensors

extension Pipeline {
    /// What a recording describes.
    ///
    /// - Parameters:
    ///   - recording: mono samples at the rate of the pipeline's features.
    ///   - source: what errors call the recording, its path for instance.
    ///   - options: when an answer is refused.
    public func understand(
        _ recording: Recording, source: String = "recording", options: UnderstandingOptions = UnderstandingOptions()
    ) throws(SonoformError) -> Scene {
        var clock = StageClock()
        return try understand(recording, source: source, options: options, clock: &clock)
    }

    /// What a text describes.
    public func understand(
        text: String, options: UnderstandingOptions = UnderstandingOptions()
    ) throws(SonoformError) -> Scene {
        var clock = StageClock()
        return try understand(text: text, source: quoted(text), options: options, clock: &clock)
    }

    /// The words that are heard in a recording, whether they describe anything or not.
    ///
    /// The words are of the pipeline's own language: what lies outside it is heard as something near. With a
    /// ``Pipeline/listener`` they are those that it hears.
    ///
    /// - Parameters:
    ///   - recording: mono samples at the rate of the pipeline's features.
    ///   - source: what errors call the recording.
    public func transcribe(
        _ recording: Recording, source: String = "recording"
    ) throws(SonoformError) -> String {
        try transcript(of: recording, source: source, isQuick: false)
    }

    /// What is heard so far of talk that goes on: its words, without a meaning; empty where there are none yet.
    ///
    /// Quick, because the language model goes on with the likeliest word.
    public func transcript(of recording: Recording) throws(SonoformError) -> String {
        do throws(SonoformError) {
            return try transcript(of: recording, source: "recording", isQuick: true)
        } catch {
            if error.reason == .noSpeech { return "" }
            throw error
        }
    }

    private func transcript(
        of recording: Recording, source: String, isQuick: Bool
    ) throws(SonoformError) -> String {
        if let listener { return try words(of: recording, heardBy: listener, source: source, isQuick: isQuick) }
        var clock = StageClock()
        return try computing { () throws(SonoformError) in
            let heard = try listen(to: recording, source: source, clock: &clock)
            do {
                return decoder.tokenizer.decode(
                    try decoder.transcript(heard: heard.prefix, scorer: scorer(of: heard), isQuick: isQuick))
            } catch {
                throw .damagedPipeline(directory, got: "scores of NaN", source: source)
            }
        }
    }

    func understand(
        _ recording: Recording, source: String, options: UnderstandingOptions, clock: inout StageClock
    ) throws(SonoformError) -> Scene {
        if let listener {
            return try understand(recording, heardBy: listener, source: source, options: options, clock: &clock)
        }
        return try computing { () throws(SonoformError) in
            let heard = try listen(to: recording, source: source, clock: &clock)
            let reply = try answer(to: heard, source: source, clock: &clock)
            let unknown = try clock.measure(\.language) { () throws(SonoformError) in
                try unknownObject(heard: heard.posteriors, after: reply, source: source)
            }
            if let unknown {
                if let scene = try familiar(unknown, source: source, options: options, clock: &clock) { return scene }
                throw .unknown(unknown, model: name, source: source)
            }
            var scene = try scene(of: reply, source: source, clock: &clock)
            clock.measure(\.language) {
                scene.take(certainty(of: reply, heard: heard.posteriors, samples: recording.samples.count), manifest)
            }
            try check(scene, least: options.leastConfidence, source: source)
            return scene
        }
    }

    func understand(
        text: String, source: String, options: UnderstandingOptions, clock: inout StageClock
    ) throws(SonoformError) -> Scene {
        try computing { () throws(SonoformError) in
            let strangers = try strangers(in: text)
            let reply = try read(
                strangers?.words.joined(separator: " ") ?? text, source: source, clock: &clock)
            if let strangers, let unknown = try unknownObject(read: strangers.words, after: reply) {
                if let scene = try familiar(text, after: reply, source: source, options: options, clock: &clock) {
                    return scene
                }
                throw .unknown(unknown, model: name, source: source)
            }
            var scene: Scene
            do throws(SonoformError) {
                scene = try self.scene(of: reply, source: source, clock: &clock)
            } catch {
                throw error.naming(strangers?.others ?? [])
            }
            if let modifiers = strangers?.modifiers, !modifiers.isEmpty {
                scene.unplaced = (scene.unplaced ?? []) + modifiers
            }
            scene.take(certainty(ofRead: reply), manifest)
            try check(scene, least: options.leastConfidence, source: source)
            return scene
        }
    }

    /// What the ears made of a recording: the language model's prefix and the phone posteriors behind it.
    private struct Heard {
        let prefix: Tensor
        let posteriors: Tensor?
    }

    private func listen(
        to recording: Recording, source: String, clock: inout StageClock
    ) throws(SonoformError) -> Heard {
        let rate = encoder.sampleRateHz
        guard recording.sampleRateHz == rate else {
            throw SonoformError(
                .wrongRate, source: source, expected: "samples at \(rate) Hz", got: "\(recording.sampleRateHz) Hz")
        }
        guard recording.samples.count <= encoder.longestSamples else {
            throw SonoformError(
                .tooLong, source: source, expected: "a recording of at most \(seconds(encoder.longestSamples)) s",
                got: "\(seconds(recording.samples.count)) s")
        }
        let encoded: EncodedSpeech
        do {
            let features = try clock.measure(\.features) { () throws(InputError) in
                try encoder.features(of: recording.samples)
            }
            encoded = try clock.measure(\.encode) { () throws(InputError) in try encoder.encode(features) }
        } catch {
            throw SonoformError(.noSpeech, source: source, expected: error.expected, got: error.got)
        }
        try checkCancellation(source)
        let prefix = clock.measure(\.project) { inputProjector(encoded.frames(for: inputProjector.input)) }
        guard prefix.rows > 0 else {
            throw SonoformError(.noSpeech, source: source, expected: "a spoken description", got: "no speech")
        }
        return Heard(prefix: prefix, posteriors: encoded.phonePosteriors)
    }

    private func answer(
        to heard: Heard, source: String, clock: inout StageClock
    ) throws(SonoformError) -> Reply {
        do {
            return try clock.measure(\.language) { () throws(NumericalError) in
                try decoder.reply(heard: heard.prefix, scorer: scorer(of: heard))
            }
        } catch {
            throw .damagedPipeline(directory, got: "scores of NaN", source: source)
        }
    }

    /// How well transcripts explain what the phone head heard; everything alike where there is none.
    private func scorer(of heard: Heard) -> any TranscriptScorer {
        guard let lexicon, let posteriors = heard.posteriors else { return NoScorer() }
        return lexicon.scorer(of: posteriors, manifest.decoding)
    }

    /// The language model's reply to a text.
    func read(_ text: String, source: String, clock: inout StageClock) throws(SonoformError) -> Reply {
        let tokens = decoder.tokenizer.encode(text, spellings: manifest.spellings ?? [:])
        let longest = manifest.decoding.maximumTranscript
        guard !tokens.isEmpty, tokens.count <= longest else {
            throw SonoformError(
                tokens.isEmpty ? .notADescription : .tooLong, source: source, expected: "1 to \(longest) words",
                got: "\(tokens.count)")
        }
        do {
            return try clock.measure(\.language) { () throws(NumericalError) in try decoder.reply(read: tokens) }
        } catch {
            throw .damagedPipeline(directory, got: "scores of NaN", source: source)
        }
    }

    /// A reply as a scene: its blocks' words are read here, and nowhere after.
    func scene(of reply: Reply, source: String, clock: inout StageClock) throws(SonoformError) -> Scene {
        try checkCancellation(source)
        let heard = decoder.tokenizer.decode(reply.transcript)
        guard reply.refusal == nil, !reply.objects.isEmpty else {
            throw SonoformError(
                reply.refusal == .unintelligible ? .unintelligible : .notADescription, source: source,
                expected: "the description of an object",
                got: reply.refusal == .unintelligible
                    ? "speech that it could not make out" : heard.isEmpty ? "none" : quoted(heard))
        }
        var scene = Scene([], heard: heard)
        for (index, block) in reply.objects.enumerated() {
            let isLast = index + 1 == reply.objects.count
            var object = try self.object(of: block, beside: isLast ? nil : index + 1, source: source)
            object.signals = clock.measure(\.language) { signals(of: block, describing: object) }
            scene.objects.append(object)
        }
        try refuseOmissions(from: &scene, source: source)
        return scene
    }

    /// A block's words as an object. Its relation is to the object of the next block; where none was said, the rules
    /// have one.
    func object(
        of block: Reply.Object, beside next: Int?, source: String
    ) throws(SonoformError) -> Scene.Object {
        let words = decoder.tokenizer.decode(block.description)
        let split = manifest.scene?.block(words) ?? SceneRules.Block(description: words, copies: 1, relation: nil)
        let proportions = manifest.scene?.proportions ?? [:]
        guard var object = language.object(split.description, proportions: proportions.keys) else {
            throw SonoformError(
                .notADescription, source: source, expected: "the description of an object", got: quoted(words))
        }
        guard manifest.scene?.makes(object.noun) != false else {
            throw .unknown(UnknownObject(noun: object.noun), model: name, source: source)
        }
        object.copies = split.copies
        if let next {
            let relation = split.relation ?? manifest.scene?.unsaidRelation
            object.relation = relation.map { Scene.Relation($0, to: next) }
        } else if let relation = split.relation {
            object.unplaced = (object.unplaced ?? []) + relation.split(separator: " ").map(String.init)
        }
        return object
    }

    /// What the output projector makes of a block's signals.
    func signals(of block: Reply.Object, describing object: Scene.Object) -> ShapeSignals {
        let (conditions, place) = outputProjector(block.signals)
        return ShapeSignals(
            description: language.description(of: object), conditions: ShapeSignals.Matrix(conditions),
            position: [place.position.x, place.position.y, place.position.z], scale: place.scale)
    }

    /// Throws where an object was named that the scene does not have; other words that it lacks are noted in it.
    private func refuseOmissions(from scene: inout Scene, source: String) throws(SonoformError) {
        let omissions = language.omissions(from: scene, heard: scene.heard)
        if let missing = omissions.objects.first {
            guard omissions.named <= language.maximumObjects else {
                throw SonoformError(
                    .tooManyObjects, source: source, expected: "at most \(language.maximumObjects) objects",
                    got: "\(omissions.named) in \(quoted(scene.heard))")
            }
            throw SonoformError(
                .incomplete, source: source, expected: "to place every object of \(quoted(scene.heard))",
                got: "no \(missing) in \(quoted(language.description(of: scene)))")
        }
        if !omissions.words.isEmpty { scene.unplaced = omissions.words }
    }

    private func seconds(_ samples: Int) -> String {
        // One decimal, without a formatter.
        let tenths = samples * 10 / encoder.sampleRateHz
        return "\(tenths / 10).\(tenths % 10)"
    }
}
