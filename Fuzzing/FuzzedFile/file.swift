// What fuzz targets of parsers that take a path have in common: a file in memory, and what an error must be.

import Glibc

/// The file that the bytes are put into; in memory, one for every process, gone with it.
private let file: (descriptor: Int32, path: String) = {
    let path = "/dev/shm/sonoform-fuzzing-\(getpid())"
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    unlink(path)
    return (descriptor, "/proc/self/fd/\(descriptor)")
}()

/// Puts the bytes into the file and gives its path.
public func fuzzedFile(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
    ftruncate(file.descriptor, 0)
    precondition(count == 0 || pwrite(file.descriptor, bytes, count, 0) == count)
    return file.path
}

/// Stops where an error is not one line.
public func checkError(_ error: any Error) {
    let line = "\(error)"
    precondition(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 }, "an error is one line: \(line)")
    precondition(line.utf8.count < 100_000, "and no book")
}
