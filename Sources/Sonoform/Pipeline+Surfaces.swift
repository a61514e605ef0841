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
    /// Whether the uneven feet of objects that stand on the ground are pressed flat, for a printer's first layer; no part of
    /// what a report keeps, because the file's format decides it.
    public var levelsFeet = false

    enum CodingKeys: String, CodingKey {
        case triangles, millimetres, base
    }

    /// The defaults: 50,000 triangles, no size, no base.
    public init(triangles: Int = 50_000, millimetres: Double? = nil, base: Bool = false, levelsFeet: Bool = false) {
        (self.triangles, self.millimetres, self.base) = (triangles, millimetres, base)
        self.levelsFeet = levelsFeet
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
        var shapes: [ObjectSurface] = []
        for (index, object) in objects.enumerated() {
            try checkCancellation(source)
            let seed = object.seed ?? options.seed &+ UInt64(index)
            shapes.append(
                try clock.measure(\.generate) { () throws(SonoformError) in
                    try shape(of: object, seed: seed, source: source, options: options, surface: surface)
                })
        }
        let moves = moves(of: objects) { _ in shapes.map(\.bounds) }
        if surface.base || surface.levelsFeet {
            // What stands on something else needs no plate of its own, and its foot is on no printer's bed.
            let feet = zip(shapes, moves).map { ($0.bounds?.lower.z ?? 0) + ($1.first?.z ?? 0) }
            let ground = feet.min() ?? 0
            for index in shapes.indices where feet[index] < ground + 0.02 {
                try checkCancellation(source)
                clock.measure(\.generate) {
                    if surface.base { shapes[index].putOnPlate() } else { shapes[index].levelFoot() }
                }
            }
        }
        let made = shapes.map(\.placed)
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
    private func shape(
        of object: Scene.Object, seed: UInt64, source: String, options: ConversionOptions, surface: SurfaceOptions
    ) throws(SonoformError) -> ObjectSurface {
        guard let signals = object.signals else { return ObjectSurface() }
        guard let field = field(of: object, seed: seed, options: options) else {
            throw SonoformError(
                .unsupportedOption, source: source, expected: "a generator with a field, for surfaces",
                got: "one without")
        }
        let shape = ObjectSurface(
            field, SurfaceExtraction(triangles: surface.triangles),
            stretch: manifest.scene?.stretch(object.proportions) ?? SIMD3(repeating: 1), signals)
        guard !shape.isEmpty else {
            throw .damagedPipeline(directory, got: "a shape without a surface", source: source)
        }
        return shape
    }
}

/// One copy of an object by itself: its field, and the surface of it.
private struct ObjectSurface {
    private let field: (any ClosestPointField)?
    private let extraction: SurfaceExtraction
    private let stretch: SIMD3<Float>
    private let place: SIMD3<Float>
    private let scale: Float
    private var mesh: Mesh

    init(
        _ field: any ClosestPointField, _ extraction: SurfaceExtraction, stretch: SIMD3<Float>, _ signals: ShapeSignals
    ) {
        (self.field, self.extraction, self.stretch) = (field, extraction, stretch)
        place = SIMD3(signals.position[0], signals.position[1], signals.position[2])
        scale = signals.scale
        mesh = extraction(field, stretch: stretch)
    }

    /// Nothing.
    init() {
        (field, extraction, stretch) = (nil, SurfaceExtraction(), SIMD3(repeating: 1))
        (place, scale, mesh) = (.zero, 1, Mesh())
    }

    var isEmpty: Bool { mesh.triangles.isEmpty }

    /// The surface where the model says that the object is.
    var placed: Mesh { mesh.placed(at: place, scale: scale) }

    var bounds: (lower: SIMD3<Float>, upper: SIMD3<Float>)? {
        mesh.bounds.map { (place + scale * $0.lower, place + scale * $0.upper) }
    }

    /// Presses an uneven foot flat.
    mutating func levelFoot() { mesh = mesh.footLevelled() }

    /// Puts it on a flat plate.
    mutating func putOnPlate() {
        guard let field else { return }
        mesh = extraction.plated(field, under: mesh, stretch: stretch)
    }
}

extension MeshScene {
    /// Groups side by side, `gap` between them, as clouds stand.
    fileprivate static func row(of groups: [MeshScene], gap: Float) -> MeshScene {
        let moves = rowMoves(of: groups.map(\.bounds), gap: gap)
        return MeshScene(zip(groups, moves).flatMap { $0.placed(at: SIMD3($1, 0, 0)).objects })
    }
}
