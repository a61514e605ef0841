// Discrete signals: a small language model writes a shape's codes.

public import Layers
public import Tensors

/// A causal language model that reads an object's condition tokens and writes its shape's quantised latents, greedily.
///
/// The sequence is the K conditions, as wide as the model, at positions 0 ..< K; then the token that begins a shape and
/// the codes (``CodeLayout``). At each place only its own alphabet is allowed, so that every reply is a shape.
public struct CodeWriter: Sendable {
    /// How latents stand as tokens.
    public let layout: CodeLayout
    let model: any CausalModel

    /// The keys of config.json that a plain language model's lacks, and the one that they must fit.
    private struct Configuration: Decodable {
        let codes: CodeLayout
        let vocabularySize: Int

        enum CodingKeys: String, CodingKey {
            case codes
            case vocabularySize = "vocab_size"
        }
    }

    /// Loads the language model that the folder's config.json names, and from there the layout of its codes; throws
    /// `TensorFileError`.
    public init(
        _ folder: ComponentFolder, precision: Precision = .native,
        models: VariantTable<any CausalModel> = .languageModels
    ) throws(TensorFileError) {
        let configuration = try folder.configuration(Configuration.self)
        layout = configuration.codes
        try layout.validate(in: folder)
        try layout.require(vocabularySize: configuration.vocabularySize, in: folder)
        model = try models.load(folder, precision: precision)
    }

    /// The width C of a condition token.
    public var conditionWidth: Int { model.width }

    /// The latents of several objects' shapes, each from its conditions: `[K, C] -> [L, 3 + F]`.
    ///
    /// Throws when the model computes NaN.
    public func callAsFunction(_ conditions: [Tensor]) throws(NumericalError) -> [Tensor] {
        try codes(conditions).map { layout.latents(of: $0) }
    }

    /// The codes of several objects' shapes, each from its conditions: `[K, C] -> [5·L]`; `layout` reads them.
    ///
    /// The objects are written side by side, so that a scene costs little more than its first object. Throws when the
    /// model computes NaN.
    public func codes(_ conditions: [Tensor]) throws(NumericalError) -> [[Int]] {
        guard let count = conditions.first?.rows else { return [] }
        precondition(conditions.allSatisfy { $0.shape == [count, conditionWidth] })
        let begin = model.embed([CodeLayout.begin])
        var caches: [KVCache] = []
        var last: [Tensor] = []
        for tokens in conditions {
            var cache = model.makeCache()
            let hidden = model.prefill(
                .concatenatingRows([tokens, begin]), positions: Array(0...count), visible: Array(1...count + 1),
                cache: &cache)
            caches.append(cache)
            last.append(hidden.rows(count..<count + 1))
        }
        var hidden = Tensor.concatenatingRows(last)
        var ids = [[Int]](repeating: [], count: conditions.count)
        for place in 0..<layout.length {
            if place > 0 { hidden = model.step(ids.map { $0[place - 1] }, position: count + place, caches: &caches) }
            let logits = model.logits(hidden)
            for index in ids.indices {
                ids[index].append(try likeliest(of: layout.alphabet(at: place), logits.row(index)))
            }
        }
        return ids
    }

    /// The allowed token of the highest score, of equal ones the first.
    private func likeliest(of alphabet: Range<Int>, _ scores: ArraySlice<Float>) throws(NumericalError) -> Int {
        let start = scores.startIndex
        var best = alphabet.lowerBound
        for token in alphabet.dropFirst() where scores[start + token] > scores[start + best] { best = token }
        // A first score of NaN is never beaten.
        guard scores[start + best].isFinite else { throw NumericalError() }
        return best
    }
}
