// A libFuzzer target over the PLY reader: any bytes are read or refused with one line, in memory that the file's own
// size bounds.
//
// `make fuzz-ply` builds it from these sources with AddressSanitizer; CONTRIBUTING.md says how to keep what it finds.

import Glibc

/// The file that the bytes are put into; in memory, one for every process.
private let file: (descriptor: Int32, path: String) = {
    let path = "/dev/shm/sonoform-fuzzing-ply-\(getpid())"
    return (open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600), path)
}()

/// Reads the bytes as a file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPLY(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    ftruncate(file.descriptor, 0)
    guard let bytes, pwrite(file.descriptor, bytes, count, 0) == count else { return 0 }
    do {
        let cloud = try PointCloud(readingPLY: file.path)
        precondition(cloud.count <= count / 3, "no more points than the file can hold")
        precondition(cloud.normals?.count ?? cloud.count == cloud.count, "a normal a point")
        precondition(cloud.colours?.count ?? cloud.count == cloud.count, "a colour a point")
        precondition(cloud.objects.count == cloud.count, "an object a point")
        precondition(cloud.positions.allSatisfy { abs($0.sum()) <= .infinity }, "positions are numbers")
    } catch {
        let line = error.description
        precondition(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 }, "an error is one line")
        precondition(line.utf8.count < 1000, "and a short one")
    }
    return 0
}
