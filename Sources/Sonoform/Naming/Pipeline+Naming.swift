// Naming what was asked for and cannot be made.

import LanguageModel
import ModalityEncoder
import Tensors

extension Pipeline {
    /// The object beyond the language that a recording asks for, where its sound says so more clearly than the reply.
    ///
    /// Asked where the reply is a refusal or explains the sound badly: words of a large vocabulary are searched for,
    /// and believed if they explain it well, and better than the reply's by a margin.
    func unknownObject(
        heard posteriors: Tensor?, after reply: Reply, source: String
    ) throws(SonoformError) -> UnknownObject? {
        guard let naming = manifest.naming, let ctc = encoder.phoneHead, let lexicon, let posteriors else { return nil }
        let isRefused = reply.refusal != nil || reply.objects.isEmpty
        guard isRefused || (reply.confidence ?? 0) < naming.doubt else { return nil }
        guard let named = try vocabulary.loaded(for: self) else { return nil }
        try checkCancellation(source)
        guard let (words, match) = named.words(of: posteriors, ctc, floor: Float(manifest.decoding.ctcFloor)),
            match.mean >= naming.leastMatch,
            let noun = named.unknownObject(in: words, ofCertainText: false)
        else { return nil }
        if !isRefused {
            let own = lexicon.matches(of: reply.transcript, in: posteriors, manifest.decoding)
            let explained = own.map { $0.reduce(0) { $0 + $1.logProbability } } ?? -.infinity
            guard match.logProbability - explained >= naming.margin else { return nil }
        }
        return UnknownObject(
            heard: words.joined(separator: " "), noun: noun, nearest: named.vocabulary.objects(near: noun))
    }

    /// What a text says beside what the language has words for.
    struct Strangers {
        /// The text without words that say something of an object that is known.
        var words: [String]
        /// Those words.
        var modifiers: [String] = []
        /// Words that neither the language nor the vocabulary knows, or that fit nowhere.
        var others: [String] = []
    }

    /// A text's words beyond the language; nil where there are none, or the pipeline has no vocabulary.
    func strangers(in text: String) throws(SonoformError) -> Strangers? {
        let words = decoder.tokenizer.words(of: text, spellings: manifest.spellings ?? [:])
        let unknown = words.indices.filter { !decoder.tokenizer.contains(words[$0]) }
        guard !unknown.isEmpty, let named = try vocabulary.loaded(for: self) else { return nil }
        let modifiers = named.unknownModifiers(in: words)
        var strangers = Strangers(words: [])
        for place in words.indices {
            if modifiers.contains(place) {
                strangers.modifiers.append(words[place])
            } else {
                strangers.words.append(words[place])
                if unknown.contains(place) { strangers.others.append(words[place]) }
            }
        }
        return strangers
    }

    /// The object beyond the language that a text asks for.
    func unknownObject(read words: [String], after reply: Reply) throws(SonoformError) -> UnknownObject? {
        guard let named = try vocabulary.loaded(for: self) else { return nil }
        let isRefused = reply.refusal != nil || reply.objects.isEmpty
        return named.unknownObject(in: words, ofCertainText: !isRefused).map {
            UnknownObject(noun: $0, nearest: named.vocabulary.objects(near: $0))
        }
    }
}

extension SonoformError {
    /// The object that was asked for and that the pipeline does not make.
    var unknown: UnknownObject? {
        guard case .unknownObject(let object) = reason else { return nil }
        return object
    }

    /// The refusal of an object that the pipeline does not make.
    static func unknown(_ object: UnknownObject, model: String, source: String) -> SonoformError {
        SonoformError(
            .unknownObject(object), source: source, expected: "an object that the model \(model) makes",
            got: quoted(object.noun))
    }
}
