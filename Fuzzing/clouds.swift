// A libFuzzer target over the readers of clouds: any bytes are read or refused with one line, in memory that their size
// bounds.
//
// `make fuzz-ply`, `fuzz-xyz`, `fuzz-obj` and `fuzz-glb` build it from these sources with AddressSanitizer; FUZZ_FORMAT
// names the format whose reader takes what is of no format.

import Glibc

/// What errors call the bytes.
private let name = "fuzzed." + (getenv("FUZZ_FORMAT").map { String(cString: $0) } ?? "ply")

/// Reads the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzClouds(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        let file = try CloudFile(bytes: Array(UnsafeBufferPointer(start: bytes, count: count)), name: name)
        let cloud = file.cloud
        let mayRepeat = file.format == .glb || file.findings.contains { "\($0)".contains("drawn from") }
        precondition(mayRepeat || cloud.count <= count / 3, "no more points than the file can hold")
        precondition(cloud.normals?.count ?? cloud.count == cloud.count, "a normal per point")
        precondition(cloud.colours?.count ?? cloud.count == cloud.count, "a colour per point")
        precondition(cloud.objects.count == cloud.count, "an object per point")
        precondition(cloud.positions.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }, "finite positions")
        precondition(cloud.normals?.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite } ?? true)
        for finding in file.findings { check(finding.description) }
    } catch {
        check(error.description)
    }
    return 0
}

private func check(_ line: String) {
    precondition(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 }, "one line")
    precondition(line.utf8.count < 2_000, "and a short one")
}
