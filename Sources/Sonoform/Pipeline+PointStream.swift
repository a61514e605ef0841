// More points than memory holds: written as they are made.

import AtomicFiles
import ModalityGenerator
import PointClouds
import SystemPackage
import Surfaces
import Tensors

extension Pipeline {
    /// Clouds of more points are written as they are made, where their format allows.
    static let mostPointsInMemory = 250_000
    /// What stands for such a cloud in pictures and where objects' places are found.
    static let previewPoints = 65_536

    /// Writes the points of a scene that is complete, in memory that does not grow with their number.
    ///
    /// - Returns: how many points each object has, every copy by itself.
    /// - Throws: ``SonoformError``, and `FileWriteError`.
    func writePoints(
        of scene: Scene, source: String, options: ConversionOptions, format: CloudFormat, to path: FilePath
    ) throws -> [Int] {
        guard let threads else {
            return try writeAll(scene, source: source, options: options, format: format, to: path)
        }
        return try withComputeThreads(threads) {
            try writeAll(scene, source: source, options: options, format: format, to: path)
        }
    }

    private func writeAll(
        _ scene: Scene, source: String, options: ConversionOptions, format: CloudFormat, to path: FilePath
    ) throws -> [Int] {
        let groups = manifest.scene == nil ? [Array(scene.objects.indices)] : try scene.groups(source: source)
        var writer = try CloudFileWriter(path, format: format, count: options.points)
        var counts: [Int] = []
        // Where everything stands is found with fewer points.
        var places: [[[SIMD3<Float>]]] = []
        var boxes: [SceneRules.Bounds?] = []
        var latents: [[Tensor?]] = []
        for members in groups {
            let objects = scene.group(members)
            let seeds = objects.enumerated().map { $1.seed ?? options.seed &+ UInt64($0) }
            let made = zip(objects, seeds).map { self.latents(of: $0, seed: $1, options: options) }
            var clouds: [PointCloud] = []
            for index in objects.indices {
                clouds.append(
                    try generated(
                        objects[index], latents: made[index], points: Self.previewPoints / 4, seed: seeds[index],
                        source: source, options: options))
            }
            latents.append(made)
            let moves = moves(of: objects, made: clouds)
            places.append(moves)
            boxes.append(Self.box(around: clouds, at: moves))
        }
        let aside = groups.count > 1 ? rowMoves(of: boxes, gap: manifest.scene?.groupsGap ?? 0) : [0]
        for (group, members) in groups.enumerated() {
            let objects = scene.group(members)
            let points = share(of: group, among: groups.count, points: options.points)
            let copies = objects.reduce(0) { $0 + $1.copies }
            var number = 0
            for (index, object) in objects.enumerated() {
                let seed = object.seed ?? options.seed &+ UInt64(index)
                let stretch = manifest.scene?.stretch(object.proportions) ?? SIMD3(repeating: 1)
                for move in places[group][index] {
                    let length = share(of: number, among: copies, points: points)
                    let place = move + SIMD3(aside[group], 0, 0)
                    let name = UInt8(truncatingIfNeeded: counts.count)
                    var written = 0
                    if let field = latents[group][index].flatMap(generator.field) {
                        for piece in SurfacePointStream(field, count: length, seed: seed, stretch: stretch) {
                            try checkCancellation(source)
                            let piece = outward(piece, field, stretch, options)
                            try writer.append(placed(piece, object).placed(at: place).assigned(to: name))
                            written += piece.count
                        }
                    }
                    if written == 0 {
                        let cloud = try generated(
                            object, latents: latents[group][index], points: length, seed: seed, source: source,
                            options: options)
                        try writer.append(cloud.placed(at: place).assigned(to: name))
                    }
                    counts.append(length)
                    number += 1
                }
            }
        }
        try writer.commit()
        return counts
    }

    private static func box(around clouds: [PointCloud], at moves: [[SIMD3<Float>]]) -> SceneRules.Bounds? {
        var all: SceneRules.Bounds?
        for (cloud, row) in zip(clouds, moves) {
            guard let box = cloud.bounds else { continue }
            for move in row {
                let moved = (lower: box.lower + move, upper: box.upper + move)
                all = all.map { (pointwiseMin($0.lower, moved.lower), pointwiseMax($0.upper, moved.upper)) } ?? moved
            }
        }
        return all
    }
}
