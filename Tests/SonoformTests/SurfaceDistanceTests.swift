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
    /// What is thin or sharp, or all there is.
    private static let nouns =
        seeds == nil ? ["box", "chair", "ladder", "vase"] : builtIn.language.objects.keys.sorted()

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

    /// How far points of the mesh are from where the field's distance is zero, ascending: the nearest of the places with
    /// that distance that are found. Those are where walking along the field ends, and where the distance changes its
    /// sign along the mesh's normal; in a crack that was closed the field's own directions lead astray.
    private static func distances(of mesh: Mesh, from field: any ClosestPointField) throws -> [Float] {
        let sampled = PointCloud(sampling: MeshScene([NamedMesh(name: "", mesh: mesh)]), points: 10_000)
        let (start, normals) = (sampled.positions, try #require(sampled.normals))
        var points = start
        for _ in 0..<4 {
            let samples = field.samples(at: points)
            for index in points.indices { points[index] -= samples.distances[index] * samples.directions[index] }
        }
        let ends = field.samples(at: points).distances
        let steps = (-12...12).map { 0.001 * Float($0) }
        let along = steps.map { step in field.samples(at: zip(start, normals).map { $0 + step * $1 }).distances }
        return start.indices.map { index in
            let offset = points[index] - start[index]
            let walked = (offset * offset).sum().squareRoot()
            var least = abs(ends[index]) < 5e-4 ? walked : .infinity
            for (place, step) in steps.enumerated().dropLast() {
                let (here, next) = (along[place][index], along[place + 1][index])
                guard (here < 0) != (next < 0) else { continue }
                least = min(least, abs(step + 0.001 * here / (here - next)))
            }
            // Where neither finds one, what walking says is too much rather than too little.
            return least.isFinite ? least : walked + abs(ends[index])
        }.sorted()
    }
}
