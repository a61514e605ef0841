// The second half: from a scene to a point cloud.

import LanguageModel
import ModalityGenerator
import OutputProjector
public import PointClouds
import Surfaces
import Tensors

extension Pipeline {
    /// A scene's point cloud: every copy of every object is an object of the cloud, in their order.
    ///
    /// An object whose words are not those that its signals stand for, or that has no signals, is read by the language
    /// model again, so that a scene may be edited or written by hand.
    public func render(
        _ scene: Scene, options: ConversionOptions = ConversionOptions()
    ) throws(SonoformError) -> PointCloud {
        var clock = StageClock()
        let scene = try completed(scene, source: "scene", options: options, clock: &clock)
        return try rendered(scene, source: "scene", options: options, clock: &clock)
    }

    /// The scene with signals for every object that stand for its words, and with codes where `options` ask for them.
    func completed(
        _ scene: Scene, source: String, options: ConversionOptions, clock: inout StageClock
    ) throws(SonoformError) -> Scene {
        try check(options, source: source)
        try check(scene, source: source)
        return try computing { () throws(SonoformError) in
            var scene = scene
            for index in scene.objects.indices {
                let description = language.description(of: scene.objects[index])
                if let signals = scene.objects[index].signals, signals.description == description {
                    try check(signals, of: description, source: source)
                } else {
                    scene.objects[index].signals = try signals(
                        reading: description, of: scene.objects[index], source: source, clock: &clock)
                }
            }
            if options.signals == .discrete { try writeCodes(of: &scene, source: source, clock: &clock) }
            return scene
        }
    }

    /// The signals of an object that was written and not said.
    private func signals(
        reading description: String, of object: Scene.Object, source: String, clock: inout StageClock
    ) throws(SonoformError) -> ShapeSignals {
        let article = language.articles.article(before: description)
        let reply = try read("\(article) \(description)", source: source, clock: &clock)
        let words = reply.objects.first.map { decoder.tokenizer.decode($0.description) } ?? ""
        let understood = language.object(words, proportions: (manifest.scene?.proportions ?? [:]).keys)
        guard let block = reply.objects.first, let understood, language.description(of: understood) == description
        else {
            throw SonoformError(
                .notADescription, source: source, expected: "a description of the pipeline's language",
                got: quoted(description) + (words.isEmpty ? "" : ", read as \(quoted(words))"))
        }
        return clock.measure(\.language) { signals(of: block, describing: object) }
    }

    private func writeCodes(
        of scene: inout Scene, source: String, clock: inout StageClock
    ) throws(SonoformError) {
        let missing = scene.objects.indices.filter { scene.objects[$0].signals?.codes == nil }
        let conditions = missing.compactMap { scene.objects[$0].signals?.conditions.tensor }
        guard let codeWriter, !missing.isEmpty else { return }
        do {
            let codes = try clock.measure(\.language) { () throws(NumericalError) in try codeWriter.codes(conditions) }
            for (index, codes) in zip(missing, codes) { scene.objects[index].signals?.codes = codes }
        } catch {
            throw .damagedPipeline(directory, got: "scores of NaN", source: source)
        }
    }

    /// The cloud of a scene that is complete.
    func rendered(
        _ scene: Scene, source: String, options: ConversionOptions, clock: inout StageClock
    ) throws(SonoformError) -> PointCloud {
        // Without rules every object goes where its own place says: they are one group.
        let groups =
            manifest.scene == nil ? [Array(scene.objects.indices)] : try scene.groups(source: source)
        guard groups.count == 1 || groups.count <= options.points else {
            throw SonoformError(
                .unsupportedOption, source: source, expected: "at least a point for each of \(groups.count) groups",
                got: "\(options.points)")
        }
        return try computing { () throws(SonoformError) in
            var clouds: [PointCloud] = []
            for (index, members) in groups.enumerated() {
                let points = share(of: index, among: groups.count, points: options.points)
                clouds.append(
                    try rendered(
                        scene.group(members), points: points, source: source, options: options, clock: &clock))
            }
            guard clouds.count > 1, let rules = manifest.scene else { return clouds[0] }
            let counts = groups.map { members in members.reduce(0) { $0 + scene.objects[$1].copies } }
            return .row(of: clouds, objects: counts, gap: rules.groupsGap)
        }
    }

    /// The cloud of one group: the clouds of the objects, one copy of each, put where the scene has them.
    private func rendered(
        _ objects: [Scene.Object], points: Int, source: String, options: ConversionOptions, clock: inout StageClock
    ) throws(SonoformError) -> PointCloud {
        let count = objects.reduce(0) { $0 + $1.copies }
        var clouds: [PointCloud] = []
        var first = 0
        for (index, object) in objects.enumerated() {
            let made = try clock.measure(\.generate) { () throws(SonoformError) in
                try generated(
                    object, points: max(1, share(of: first, among: count, points: points)),
                    seed: object.seed ?? options.seed &+ UInt64(index), source: source, options: options)
            }
            guard let bounds = made.bounds, (bounds.upper - bounds.lower).sum().isFinite else {
                throw .damagedPipeline(directory, got: "points that are not finite", source: source)
            }
            clouds.append(made)
            first += object.copies
        }
        let moves = moves(of: objects, made: clouds)
        var cloud = PointCloud()
        var number = 0
        for (index, row) in moves.enumerated() {
            for move in row {
                let length = share(of: number, among: count, points: points)
                cloud.append(
                    clouds[index].prefix(length).placed(at: move).assigned(to: UInt8(truncatingIfNeeded: number)))
                number += 1
            }
        }
        return cloud
    }

    /// More points of one object than this come of the stream, which is even over all of them.
    private static let mostAtOnce = 32_768

    /// One copy of an object by itself; throws where the task was cancelled.
    func generated(
        _ object: Scene.Object, points: Int, seed: UInt64, source: String, options: ConversionOptions
    ) throws(SonoformError) -> PointCloud {
        try checkCancellation(source)
        return try generated(
            object, latents: latents(of: object, seed: seed, options: options), points: points, seed: seed,
            source: source, options: options)
    }

    /// The same of latents that are known.
    func generated(
        _ object: Scene.Object, latents: Tensor?, points: Int, seed: UInt64, source: String, options: ConversionOptions
    ) throws(SonoformError) -> PointCloud {
        try checkCancellation(source)
        guard let signals = object.signals else { return PointCloud() }
        let stretch = manifest.scene?.stretch(object.proportions) ?? SIMD3(repeating: 1)
        let asksField = points > Self.mostAtOnce || options.outwardNormals == true
        let field = asksField ? latents.flatMap(generator.field) : nil
        if points > Self.mostAtOnce, let field {
            var cloud = PointCloud()
            for piece in SurfacePointStream(field, count: points, seed: seed, stretch: stretch) {
                try checkCancellation(source)
                cloud.append(piece)
            }
            // A field of broken weights has no surface.
            if cloud.count == points { return placed(outward(cloud, field, stretch, options), object) }
        }
        var cloud =
            if let latents {
                generator.generate(latents: latents, points: points, seed: seed, stretch: stretch)
            } else {
                generator.generate(
                    conditions: signals.conditions.tensor, points: points, seed: seed, steps: options.steps,
                    guidance: options.guidance, stretch: stretch)
            }
        if let field { cloud = outward(cloud, field, stretch, options) }
        try checkCancellation(source)
        return placed(cloud, object)
    }

    /// The cloud with its normals turned outward, where that is asked for.
    func outward(
        _ cloud: PointCloud, _ field: any ClosestPointField, _ stretch: SIMD3<Float>, _ options: ConversionOptions
    ) -> PointCloud {
        options.outwardNormals == true ? cloud.withOutwardNormals(in: field, stretch: stretch) : cloud
    }

    /// The cloud where the model says that the object is.
    func placed(_ cloud: PointCloud, _ object: Scene.Object) -> PointCloud {
        guard let signals = object.signals else { return cloud }
        let place = signals.position
        return cloud.placed(at: SIMD3(place[0], place[1], place[2]), scale: signals.scale)
    }

    /// The latents of an object, of the flow or of its codes; nil for a generator without any.
    func latents(of object: Scene.Object, seed: UInt64, options: ConversionOptions) -> Tensor? {
        guard let signals = object.signals else { return nil }
        if options.signals == .discrete, let codes = signals.codes, let codeWriter {
            return codeWriter.layout.latents(of: codes)
        }
        return generator.latents(
            conditions: signals.conditions.tensor, seed: seed, steps: options.steps, guidance: options.guidance)
    }

    /// The field of one copy of an object by itself; nil for a generator without fields.
    func field(of object: Scene.Object, seed: UInt64, options: ConversionOptions) -> (any ClosestPointField)? {
        latents(of: object, seed: seed, options: options).flatMap(generator.field)
    }

    /// Points are shared out evenly; the first ones take what is left over.
    func share(of index: Int, among count: Int, points: Int) -> Int {
        points / count + (index < points % count ? 1 : 0)
    }
}
