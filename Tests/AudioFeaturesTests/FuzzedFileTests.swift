// Files that lie, made by hand or found by fuzzing: read or refused with one line, in little memory and time.

import AudioFeatures
import Foundation
import GoldenFiles
import SystemPackage
import Testing

@Suite struct FuzzedFileTests {
    @Test(arguments: try FileManager.default.contentsOfDirectory(atPath: GoldenFiles.path("audio/fuzzed")).sorted())
    func endsWell(file: String) throws {
        let path = GoldenFiles.path("audio/fuzzed/\(file)")
        for options in [
            ReadingOptions(), ReadingOptions(sampleRateHz: nil, channel: .number(1)),
            ReadingOptions(sampleRateHz: 48_000, start: .milliseconds(1), end: .milliseconds(20), resampling: .quick),
        ] {
            let before = peakMemoryBytes()
            let clock = ContinuousClock().now
            do {
                let recording = try Recording(contentsOf: path, options)
                let isFinite = recording.samples.allSatisfy(\.isFinite)
                #expect(isFinite)
                #expect(recording.samples.count < 1 << 20)
            } catch {
                #expect(error.path == FilePath(path) && !error.description.contains("\n"), "\(error)")
            }
            #expect(ContinuousClock().now - clock < .seconds(10))
            // What a header claims never decides how much memory is taken.
            #expect(peakMemoryBytes() - before < 256 << 20)
        }
    }
}

/// The largest resident memory of this process so far, in bytes.
private func peakMemoryBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1_024
}
