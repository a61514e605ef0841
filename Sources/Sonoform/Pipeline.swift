// The whole way from a recording or a text to a point cloud.

public import AudioFeatures
import InputProjector
import LanguageModel
import Layers
import ModalityEncoder
import ModalityGenerator
import OutputProjector
import PointClouds
import Tensors

/// A loaded pipeline: the front end and the five components. One serves any number of threads.
public struct Pipeline: Sendable {
    /// The folder it was loaded from.
    public let directory: String
    /// The name that its manifest gives.
    public var name: String { manifest.name }
    let manifest: PipelineManifest
    let features: LogMelSpectrogram
    let encoder: AudioEncoder
    let inputProjector: InputProjector
    let decoder: ReplyDecoder
    let lexicon: Lexicon?
    let outputProjector: OutputProjector
    let codeWriter: CodeWriter?
    let generator: ModalityGenerator

    /// The longest sound, in samples, that the encoder hears at once.
    var longestSamples: Int { 2 * encoder.configuration.maximumPositions * features.configuration.hopSamples }

    /// Turns a recording into a point cloud.
    ///
    /// - Parameters:
    ///   - recording: mono samples at the rate of the pipeline's features.
    ///   - source: what errors call the recording, its path for instance.
    /// - Throws: `ConversionError` when nothing that the pipeline understands was heard.
    public func convert(
        _ recording: Recording, source: String, options: ConversionOptions = ConversionOptions()
    ) throws(ConversionError) -> Conversion {
        try check(options, source: source)
        var clock = StageClock()
        let heard = try listen(to: recording, source: source, clock: &clock)
        let reply = try answer(to: heard, source: source, clock: &clock)
        return try generate(reply, source: source, options: options, clock: &clock)
    }

    /// Turns a written description into a point cloud, by the same language model.
    public func convert(
        text: String, options: ConversionOptions = ConversionOptions()
    ) throws(ConversionError) -> Conversion {
        let source = "\"\(text)\""
        try check(options, source: source)
        var clock = StageClock()
        let tokens = decoder.tokenizer.encode(text, spellings: manifest.spellings ?? [:])
        guard !tokens.isEmpty, tokens.count <= manifest.decoding.maximumTranscript else {
            throw ConversionError(
                source: source, expected: "1 to \(manifest.decoding.maximumTranscript) words", got: "\(tokens.count)")
        }
        let reply: Reply
        do {
            reply = try clock.measure(\.language) { () throws(NumericalError) in try decoder.reply(read: tokens) }
        } catch {
            throw ConversionError(source: source, expected: "a sound pipeline in \(directory)", got: "scores of NaN")
        }
        return try generate(reply, source: source, options: options, clock: &clock)
    }

    /// What the ears made of a recording: the language model's prefix and the phone posteriors behind it.
    private struct Heard {
        let prefix: Tensor
        let posteriors: Tensor?
    }

    private func listen(
        to recording: Recording, source: String, clock: inout StageClock
    ) throws(ConversionError) -> Heard {
        let rate = features.configuration.sampleRateHz
        guard recording.sampleRateHz == rate else {
            throw ConversionError(
                source: source, expected: "samples at \(rate) Hz", got: "\(recording.sampleRateHz) Hz")
        }
        guard recording.samples.count <= longestSamples else {
            throw ConversionError(
                source: source, expected: "a recording of at most \(seconds(longestSamples)) s",
                got: "\(seconds(recording.samples.count)) s")
        }
        let matrix: FeatureMatrix
        do {
            matrix = try clock.measure(\.features) { () throws(SpectrogramError) in try features(recording.samples) }
        } catch {
            throw ConversionError(source: source, expected: error.expected, got: error.got)
        }
        let spectrogram = Tensor(shape: [matrix.frames, matrix.features], values: matrix.values)
        let (hidden, posteriors): (Tensor, Tensor?)
        do {
            (hidden, posteriors) = try clock.measure(\.encode) { () throws(InputError) in
                let hidden = try encoder(spectrogram)
                return (hidden, encoder.phonePosteriors(hidden))
            }
        } catch {
            throw ConversionError(source: source, expected: error.expected, got: error.got)
        }
        let prefix = clock.measure(\.project) {
            switch inputProjector {
            case .ctcCompressor(let compressor): compressor(posteriors ?? Tensor(zeros: 0, 1))
            case .frameStacking(let stacking): stacking(hidden)
            }
        }
        guard prefix.rows > 0 else {
            throw ConversionError(source: source, expected: "a spoken description", got: "no speech")
        }
        return Heard(prefix: prefix, posteriors: posteriors)
    }

    private func answer(
        to heard: Heard, source: String, clock: inout StageClock
    ) throws(ConversionError) -> Reply {
        do {
            return try clock.measure(\.language) { () throws(NumericalError) in
                guard let lexicon, let posteriors = heard.posteriors else {
                    return try decoder.reply(heard: heard.prefix, scorer: NoScorer())
                }
                return try decoder.reply(heard: heard.prefix, scorer: lexicon.scorer(of: posteriors))
            }
        } catch {
            throw ConversionError(source: source, expected: "a sound pipeline in \(directory)", got: "scores of NaN")
        }
    }

    private func generate(
        _ reply: Reply, source: String, options: ConversionOptions, clock: inout StageClock
    ) throws(ConversionError) -> Conversion {
        let heard = decoder.tokenizer.decode(reply.transcript)
        guard reply.refusal == nil, !reply.objects.isEmpty else {
            throw ConversionError(
                source: source, expected: "the description of an object",
                got: reply.refusal == .unintelligible
                    ? "speech that it could not make out" : heard.isEmpty ? "none" : "\"\(heard)\"")
        }
        let blocks = reply.objects.map { object in
            let words = decoder.tokenizer.decode(object.description)
            return manifest.scene?.block(words) ?? SceneRules.Block(description: words, copies: 1, relation: nil)
        }
        if let strange = blocks.first(where: { manifest.scene?.makes($0) == false }) {
            throw ConversionError(
                source: source, expected: "an object that the model \(name) makes", got: "\"\(strange.description)\"")
        }
        let count = blocks.reduce(0) { $0 + $1.copies }
        // The points are shared out evenly; the first objects take what is left over.
        func share(of object: Int) -> Int { options.points / count + (object < options.points % count ? 1 : 0) }

        let projected = clock.measure(\.language) { reply.objects.map { outputProjector($0.signals) } }
        let codes = try latents(of: projected.map(\.conditions), source: source, options: options, clock: &clock)
        var clouds: [PointCloud] = []
        var scales: [Float] = []
        var first = 0
        for (index, (conditions, place)) in projected.enumerated() {
            let (points, seed) = (max(1, share(of: first)), options.seed &+ UInt64(index))
            let made = clock.measure(\.generate) {
                let stretch = manifest.scene?.stretch(blocks[index]) ?? SIMD3(repeating: 1)
                let cloud =
                    if let codes {
                        generator.generate(latents: codes[index], points: points, seed: seed, stretch: stretch)
                    } else {
                        generator.generate(
                            conditions: conditions, points: points, seed: seed, steps: options.steps,
                            guidance: options.guidance, stretch: stretch)
                    }
                return cloud.placed(at: place.position, scale: place.scale)
            }
            guard let bounds = made.bounds, (bounds.upper - bounds.lower).sum().isFinite else {
                throw ConversionError(
                    source: source, expected: "a sound pipeline in \(directory)", got: "points that are not finite")
            }
            clouds.append(made)
            scales.append(place.scale)
            first += blocks[index].copies
        }
        return compose(reply, blocks, clouds, scales: scales, signals: options.signals, share: share, clock: clock)
    }

    /// Puts the clouds of the blocks, one copy of each, where the scene has them.
    private func compose(
        _ reply: Reply, _ blocks: [SceneRules.Block], _ clouds: [PointCloud], scales: [Float],
        signals: ModalitySignals, share: (Int) -> Int, clock: StageClock
    ) -> Conversion {
        let origin = (SIMD3<Float>.zero, SIMD3<Float>.zero)
        let moves =
            manifest.scene?.moves(blocks, bounds: clouds.map { $0.boundsWithoutStrays() ?? origin })
            ?? clouds.map { _ in [.zero] }
        var cloud = PointCloud()
        var objects: [Conversion.Object] = []
        for (index, row) in moves.enumerated() {
            for move in row {
                let copy = clouds[index].prefix(share(objects.count)).placed(at: move)
                    .assigned(to: UInt8(truncatingIfNeeded: objects.count))
                let bounds = copy.bounds ?? (move, move)
                let center = (bounds.lower + bounds.upper) / 2
                objects.append(
                    Conversion.Object(
                        description: blocks[index].description, center: [center.x, center.y, center.z],
                        scale: scales[index], points: copy.count))
                cloud.append(copy)
            }
        }
        return Conversion(
            heard: decoder.tokenizer.decode(reply.transcript),
            description: reply.objects.map { decoder.tokenizer.decode($0.description) }.joined(separator: " "),
            objects: objects, confidence: reply.confidence, signals: signals, cloud: cloud, seconds: clock.seconds)
    }

    private func seconds(_ samples: Int) -> String {
        // One decimal, without a formatter.
        let tenths = samples * 10 / features.configuration.sampleRateHz
        return "\(tenths / 10).\(tenths % 10)"
    }
}
