// An object beyond the language that is a kind of one that the pipeline makes is made as that: a cottage as a house.

import LanguageModel

extension Pipeline {
    /// The scene of a text in which objects are called what they are a kind of; nil where none is, or where only the
    /// language's own words will do.
    ///
    /// - Parameters:
    ///   - text: a text that asks for an object beyond the language.
    ///   - reply: the language model's reply to it.
    func familiar(
        _ text: String, after reply: Reply, source: String, options: UnderstandingOptions, clock: inout StageClock
    ) throws(SonoformError) -> Scene? {
        let isRefused = reply.refusal != nil || reply.objects.isEmpty
        let words = decoder.tokenizer.words(of: text, spellings: manifest.spellings ?? [:])
        return try familiar(words, isCertain: !isRefused, source: source, options: options, clock: &clock)
    }

    /// The same of what was heard by the large vocabulary.
    ///
    /// How sure that is nobody has measured: the scene has no confidence and counts as unsure, and where a least
    /// confidence is asked for there is none.
    func familiar(
        _ object: UnknownObject, source: String, options: UnderstandingOptions, clock: inout StageClock
    ) throws(SonoformError) -> Scene? {
        guard (options.leastConfidence ?? 0) == 0, let heard = object.heard else { return nil }
        let words = heard.split(separator: " ").map(String.init)
        guard var scene = try familiar(words, isCertain: false, source: source, options: options, clock: &clock) else {
            return nil
        }
        (scene.confidence, scene.evidence, scene.unsure) = (nil, nil, true)
        return scene
    }

    private func familiar(
        _ words: [String], isCertain: Bool, source: String, options: UnderstandingOptions, clock: inout StageClock
    ) throws(SonoformError) -> Scene? {
        guard !options.isStrict, let named = try vocabulary.loaded(for: self),
            let (known, substitutions) = named.familiar(words, ofCertainText: isCertain)
        else { return nil }
        var scene = try understand(
            text: known.joined(separator: " "), source: source, options: options,
            clock: &clock)
        scene.heard = words.joined(separator: " ")
        scene.substitutions = substitutions + (scene.substitutions ?? [])
        return scene
    }
}
