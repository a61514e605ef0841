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
            let distances = Self.distances(of: mesh, from: field)
            let mean = distances.reduce(0, +) / Float(distances.count)
            let far = distances[distances.count * 99 / 100]
            #expect(mean < 0.002 && far < 0.01, "\(noun), seed \(seed): mean \(mean), 99th percentile \(far)")
            if Self.seeds != nil { print("\(noun) \(seed) \(mesh.triangles.count) \(mean) \(far) \(seconds)") }
        }
    }

    /// How far points of the mesh go until the field says that they are on the surface, ascending.
    private static func distances(of mesh: Mesh, from field: any ClosestPointField) -> [Float] {
        let start = PointCloud(sampling: MeshScene([NamedMesh(name: "", mesh: mesh)]), points: 10_000).positions
        var points = start
        for _ in 0..<4 {
            let samples = field.samples(at: points)
            for index in points.indices { points[index] -= samples.distances[index] * samples.directions[index] }
        }
        return zip(points, start).map { (($0 - $1) * ($0 - $1)).sum().squareRoot() }.sorted()
    }
}
