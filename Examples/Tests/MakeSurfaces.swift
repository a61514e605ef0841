// Closed surfaces, to print and to play with.

import Foundation
import PointClouds
import Sonoform
import Surfaces
import Testing

@Suite struct MakeSurfaces {
    @Test func `a scene becomes closed meshes`() throws {
        let scene = try pipeline.understand(text: "a red mug next to a blue boat")
        let surface = try pipeline.surface(scene, surface: SurfaceOptions(triangles: 20_000))
        let folder = try TemporaryFolder()
        try surface.write(to: folder.path + "/scene.glb", format: .glb)
        try surface.write(to: folder.path + "/scene.stl", format: .stl, millimetres: 80)

        let check = MeshCheck(surface)
        #expect(surface.objects.map(\.name) == ["red mug", "blue boat"])
        #expect(check.isWatertight && check.isWindingConsistent && (check.volume ?? 0) > 0)
        let file = try CloudFile(path: folder.path + "/scene.stl")
        let bounds = try #require(file.surface?.bounds)
        #expect(abs((bounds.upper - bounds.lower).max() - 80) < 0.01)
    }
}
