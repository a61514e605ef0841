// A libFuzzer target over the reader: any bytes are read or refused, in bounded memory and time.
//
// `make fuzz` builds it from these sources with AddressSanitizer; CONTRIBUTING.md says how to keep what it finds.

import Glibc

/// The file that the bytes are put into; in memory, one for every process, gone with it.
private let file: (descriptor: Int32, path: String) = {
    let path = "/dev/shm/sonoform-fuzzing-\(getpid())"
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    unlink(path)
    return (descriptor, "/proc/self/fd/\(descriptor)")
}()

/// Reads the bytes as a file; the last one chooses how.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReader(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 3 else { return 0 }
    // The last bytes choose what is read, so that the file itself stays as it is.
    let choice = bytes[count - 1]
    let length = count - 1
    ftruncate(file.descriptor, 0)
    guard pwrite(file.descriptor, bytes, length, 0) == length else { return 0 }
    let options = ReadingOptions(
        sampleRateHz: [16_000, nil, 8_000, 48_000][Int(choice & 3)], channel: choice & 4 == 0 ? nil : 0,
        start: choice & 8 == 0 ? .zero : .milliseconds(10), end: choice & 16 == 0 ? nil : .milliseconds(50),
        resampling: choice & 32 == 0 ? .quick : .high, limits: AudioLimits(duration: .seconds(60)))
    do {
        let recording = try Recording(contentsOf: file.path, options)
        precondition(recording.samples.allSatisfy(\.isFinite), "samples are finite")
        precondition(recording.source.frames <= 60 * recording.source.sampleRateHz, "the limit holds")
    } catch {
        precondition(!error.description.contains("\n"), "an error is one line")
    }
    return 0
}
