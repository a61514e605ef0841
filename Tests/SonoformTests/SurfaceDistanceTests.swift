// How far surfaces are from where their field says that they are.
//
// `SONOFORM_SURFACE_SEEDS=10 swift test … --filter SurfaceDistanceTests` measures every object under ten seeds, and
// prints a line for each.

import Foundation
import ModalityGenerator
import PointClouds
import Surfaces
import Testing

@testable import Sonoform

@Suite struct SurfaceDistanceTests {
    private static let seeds = ProcessInfo.processInfo.environment["SONOFORM_SURFACE_SEEDS"].flatMap { UInt64($0) }
    /// What is thin, round or sharp and shows few cracks that have to be closed, or all there is.
    private static let nouns =
        seeds == nil ? ["bottle", "box", "chair", "ladder"] : builtIn.language.objects.keys.sorted()

    @Test(.serialized, arguments: nouns)
    func samplesLieOnTheFieldsZeroSet(noun: String) throws {
        var clock = StageClock()
        let text = "\(builtIn.language.articles.article(before: noun)) \(noun)"
        let scene = try builtIn.completed(
            try builtIn.understand(text: text), source: text, options: ConversionOptions(), clock: &clock)
        for seed in 0..<(Self.seeds ?? 1) {
            let field = try #require(builtIn.field(of: scene.objects[0], seed: seed, options: ConversionOptions()))
            let start = ContinuousClock.now
            let mesh = SurfaceExtraction(triangles: 50_000)(field)
            let seconds = (ContinuousClock.now - start).inSeconds
            let distances = try Self.distances(of: mesh, from: field)
            let mean = distances.reduce(0, +) / Float(distances.count)
            let far = distances[distances.count * 99 / 100]
            #expect(mean < 0.002 && far < 0.01, "\(noun), seed \(seed): mean \(mean), 99th percentile \(far)")
            if Self.seeds != nil { print("\(noun) \(seed) \(mesh.triangles.count) \(mean) \(far) \(seconds)") }
        }
    }

    /// How far points of the mesh are from where the field's distance is zero, ascending: from the nearest of the places
    /// with that distance that are found, so that none of the numbers is too small. Those are where walking along the
    /// field ends, and where the distance changes its sign along the mesh's normal and the axes; in a crack that was
    /// closed the field's own directions lead astray.
    private static func distances(of mesh: Mesh, from field: any ClosestPointField) throws -> [Float] {
        let sampled = PointCloud(sampling: MeshScene([NamedMesh(name: "", mesh: mesh)]), points: 4_000)
        let (start, normals) = (sampled.positions, try #require(sampled.normals))
        var points = start
        for _ in 0..<4 {
            let samples = field.samples(at: points)
            for index in points.indices { points[index] -= samples.distances[index] * samples.directions[index] }
        }
        let ends = field.samples(at: points).distances
        var least = start.indices.map { index in
            let offset = points[index] - start[index]
            // What does not end on the surface is farther from it rather than nearer.
            return (offset * offset).sum().squareRoot() + abs(ends[index])
        }
        let axes: [[SIMD3<Float>]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map { Array(repeating: $0, count: start.count) }
        for directions in axes + [normals] { search(start, along: directions, in: field, &least) }
        return least.sorted()
    }

    /// Lessens distances to those of the nearest changes of sign along directions.
    private static func search(
        _ start: [SIMD3<Float>], along directions: [SIMD3<Float>], in field: any ClosestPointField,
        _ least: inout [Float]
    ) {
        let (width, count): (Float, Int) = (0.001, 16)
        let steps = (-count...count).map { width * Float($0) }
        let found = steps.map { step in field.samples(at: zip(start, directions).map { $0 + step * $1 }).distances }
        for index in start.indices {
            for place in steps.indices.dropLast() {
                let (here, next) = (found[place][index], found[place + 1][index])
                guard (here < 0) != (next < 0) else { continue }
                least[index] = min(least[index], abs(steps[place] + width * here / (here - next)))
            }
        }
    }
}
