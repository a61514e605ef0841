// A libFuzzer target over the reader: any bytes are read or refused, in bounded memory and time.
//
// `make fuzz` builds it with AddressSanitizer; CONTRIBUTING.md says how to keep what it finds.

import AudioFeatures
import CFuzzing

/// Reads the bytes as a file; the last one chooses how, so that the file itself stays as it is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReader(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 3 else { return 0 }
    let choice = bytes[count - 1]
    let options = ReadingOptions(
        sampleRateHz: [16_000, nil, 8_000, 48_000][Int(choice & 3)], channel: choice & 4 == 0 ? .mix : .number(1),
        start: choice & 8 == 0 ? .zero : .milliseconds(10), end: choice & 16 == 0 ? nil : .milliseconds(50),
        resampling: choice & 32 == 0 ? .quick : .high, limits: AudioLimits(duration: .seconds(60)))
    do {
        let input = try AudioInput(bytes: UnsafeBufferPointer(start: bytes, count: count - 1), options)
        let recording = try Recording(contentsOf: input, options)
        precondition(recording.samples.allSatisfy(\.isFinite), "samples are finite")
        precondition(recording.source.frames <= 60 * recording.source.sampleRateHz, "the limit holds")
        precondition(recording.warnings.allSatisfy { isOneLine($0.description) }, "a warning is one line")
    } catch {
        precondition(isOneLine(error.description), "an error is one line")
        precondition(!["SF_INFO", "Internal", "psf"].contains(where: error.got.contains), "in the user's words")
    }
    return 0
}

private func isOneLine(_ text: String) -> Bool {
    text.utf8.count < 1_000 && !text.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 }
}

/// SwiftPM's name for this program's main.
@_cdecl("FuzzReader_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments)
}
