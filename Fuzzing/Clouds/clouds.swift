// A libFuzzer target over the readers of clouds: any bytes are read or refused with one line, in memory that their size
// bounds.
//
// The first byte chooses the format whose reader takes what is of no format.

import CFuzzing
import FuzzedFile
import PointClouds
import Surfaces

/// Reads the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzClouds(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: bytes, count: count))
    let formats = CloudFile.Format.allCases
    let format = formats[Int(bytes.first ?? 0) % formats.count]
    do {
        let file = try CloudFile(bytes: bytes, name: "fuzzed.\(format.rawValue)")
        let cloud = file.cloud
        let mayRepeat = file.format == .glb || file.findings.contains { "\($0)".contains("drawn from") }
        precondition(mayRepeat || cloud.count <= count / 3, "no more points than the file can hold")
        precondition(cloud.normals?.count ?? cloud.count == cloud.count, "a normal per point")
        precondition(cloud.colours?.count ?? cloud.count == cloud.count, "a colour per point")
        precondition(cloud.objects.count == cloud.count, "an object per point")
        precondition(cloud.positions.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }, "finite positions")
        precondition(cloud.normals?.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite } ?? true)
        if let surface = file.surface {
            let measured = MeshCheck(surface)
            precondition(measured.triangles == surface.triangleCount, "every triangle is checked")
            precondition(measured.area.isFinite && measured.area >= 0, "a finite area")
        }
        for finding in file.findings { check(finding.description) }
    } catch {
        checkError(error)
    }
    return 0
}

private func check(_ line: String) {
    precondition(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 }, "one line")
    precondition(line.utf8.count < 2_000, "and a short one")
}

/// SwiftPM's name for this program's main.
@_cdecl("FuzzClouds_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments)
}
