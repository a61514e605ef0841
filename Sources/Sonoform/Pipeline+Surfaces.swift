// The second half once more: from a scene to closed surfaces.

import LanguageModel
import ModalityGenerator
import OutputProjector
public import Surfaces
import Tensors

/// How surfaces are to be made.
public struct SurfaceOptions: Codable, Sendable, Equatable {
    /// The most triangles of an object.
    public var triangles: Int
    /// What the longest side of the scene's box is to measure when it is written, in millimetres; nil for the format's
    /// own choice.
    public var millimetres: Double?
    /// Whether objects that stand on the ground get a flat plate under them.
    public var base: Bool

    /// The defaults: 50,000 triangles, no size, no base.
    public init(triangles: Int = 50_000, millimetres: Double? = nil, base: Bool = false) {
        (self.triangles, self.millimetres, self.base) = (triangles, millimetres, base)
    }
}

extension Pipeline {
    /// A scene's closed surfaces: a named mesh for every copy of every object, in their order, in the language's units.
    ///
    /// Every mesh is closed and oriented: each edge belongs to two triangles, which run along it in opposite directions.
    public func surface(
        _ scene: Scene, options: ConversionOptions = ConversionOptions(), surface: SurfaceOptions = SurfaceOptions()
    ) throws(SonoformError) -> MeshScene {
        var clock = StageClock()
        var options = options
        options.surface = surface
        let scene = try completed(scene, source: "scene", options: options, clock: &clock)
        return try surfaced(scene, source: "scene", options: options, surface: surface, clock: &clock)
    }

    /// The surfaces of a scene that is complete.
    func surfaced(
        _ scene: Scene, source: String, options: ConversionOptions, surface: SurfaceOptions, clock: inout StageClock
    ) throws(SonoformError) -> MeshScene {
        let groups = manifest.scene == nil ? [Array(scene.objects.indices)] : try scene.groups(source: source)
        return try computing { () throws(SonoformError) in
            var made: [MeshScene] = []
            for members in groups {
                made.append(
                    try surfaced(
                        scene.group(members), source: source, options: options, surface: surface, clock: &clock))
            }
            guard made.count > 1, let rules = manifest.scene else { return made[0] }
            return .row(of: made, gap: rules.groupsGap)
        }
    }

    /// The surfaces of one group, put where the scene has them.
    private func surfaced(
        _ objects: [Scene.Object], source: String, options: ConversionOptions, surface: SurfaceOptions,
        clock: inout StageClock
    ) throws(SonoformError) -> MeshScene {
        func meshes(onPlate isOnPlate: [Bool]) throws(SonoformError) -> [Mesh?] {
            var made: [Mesh?] = []
            for (index, object) in objects.enumerated() {
                guard isOnPlate.isEmpty || isOnPlate[index] else {
                    made.append(nil)
                    continue
                }
                let seed = object.seed ?? options.seed &+ UInt64(index)
                made.append(
                    try clock.measure(\.generate) { () throws(SonoformError) in
                        try mesh(
                            of: object, seed: seed, source: source, options: options, surface: surface,
                            onPlate: !isOnPlate.isEmpty)
                    })
                try checkCancellation(source)
            }
            return made
        }
        var made = try meshes(onPlate: []).map { $0 ?? Mesh() }
        let moves = moves(of: objects) { _ in made.map(\.bounds) }
        if surface.base {
            // What stands on something else needs no plate of its own.
            let feet = zip(made, moves).map { ($0.bounds?.lower.z ?? 0) + ($1.first?.z ?? 0) }
            let ground = feet.min() ?? 0
            let plated = try meshes(onPlate: feet.map { $0 < ground + 0.02 })
            made = zip(plated, made).map { $0 ?? $1 }
        }
        var scene = MeshScene()
        for (index, row) in moves.enumerated() {
            let name = language.description(of: objects[index])
            for (copy, move) in row.enumerated() {
                scene.objects.append(
                    NamedMesh(
                        name: row.count == 1 ? name : "\(name) \(copy + 1)", mesh: made[index].placed(at: move)))
            }
        }
        return scene
    }

    /// One copy of an object by itself.
    private func mesh(
        of object: Scene.Object, seed: UInt64, source: String, options: ConversionOptions, surface: SurfaceOptions,
        onPlate: Bool
    ) throws(SonoformError) -> Mesh {
        guard let signals = object.signals else { return Mesh() }
        let field = field(of: object, seed: seed, options: options)
        guard let field else {
            throw SonoformError(
                .unsupportedOption, source: source, expected: "a generator with a field, for surfaces",
                got: "one without")
        }
        let stretch = manifest.scene?.stretch(object.proportions) ?? SIMD3(repeating: 1)
        let extraction = SurfaceExtraction(triangles: surface.triangles)
        let mesh = extraction(field, stretch: stretch, onPlate: onPlate)
        guard !mesh.triangles.isEmpty else {
            throw .damagedPipeline(directory, got: "a shape without a surface", source: source)
        }
        let place = signals.position
        return mesh.placed(at: SIMD3(place[0], place[1], place[2]), scale: signals.scale)
    }
}

extension MeshScene {
    /// Groups side by side, `gap` between them, as clouds stand.
    fileprivate static func row(of groups: [MeshScene], gap: Float) -> MeshScene {
        let moves = rowMoves(of: groups.map(\.bounds), gap: gap)
        return MeshScene(zip(groups, moves).flatMap { $0.placed(at: SIMD3($1, 0, 0)).objects })
    }
}
