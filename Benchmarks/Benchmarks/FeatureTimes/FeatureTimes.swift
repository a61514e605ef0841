// Times the work one round at a time, for peers/features.py to put its own rounds between: one JSON object per line.

import AudioFeatures
import FeatureWork
import Glibc

/// Milliseconds of processor time that this thread has used: other programs' share of the machine does not count.
private func milliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return 1e3 * Double(time.tv_sec) + 1e-6 * Double(time.tv_nsec)
}

private func measure(_ name: String, _ repeats: Int, _ body: () throws -> Void) rethrows {
    for _ in 0..<2 { try body() }
    var times: [Double] = []
    for _ in 0..<repeats {
        let start = milliseconds()
        try body()
        times.append(milliseconds() - start)
    }
    times.sort()
    print("{\"work\": \"\(name)\", \"median_ms\": \(times[repeats / 2]), \"best_ms\": \(times[0])}")
}

/// The program.
@main enum FeatureTimes {
    static func main() throws {
        let repeats = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1])! : 20
        // The samples are the peers' own where they are given: a file of 32-bit floats.
        var work = FeatureWork()
        if CommandLine.arguments.count > 2, CommandLine.arguments[2] != "-" {
            work = FeatureWork(samples: try floats(CommandLine.arguments[2]))
        }
        let frames = work.samples.count / 160
        let bare = BareTransforms(work.samples, size: 400, hop: 160, count: frames)
        var rows: [Float] = []
        measure("bare transforms", repeats) { bare.run(frames, distinct: true) }
        measure("bare transforms of one frame", repeats) { bare.run(frames, distinct: false) }
        // One kind alone, for a profiler.
        let only = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : nil
        for (name, configuration) in FeatureWork.kinds where only == nil || only == name {
            let extractor = try FeatureExtractor(configuration)
            try measure(name, repeats) { _ = try work.whole(extractor) }
            try measure("\(name), streamed", repeats) { try work.streamed(extractor, rows: &rows) }
        }
    }

    private static func floats(_ path: String) throws -> [Float] {
        guard let file = fopen(path, "rb") else { fatalError("\(path): not there") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let count = ftell(file) / 4
        rewind(file)
        return [Float](unsafeUninitializedCapacity: count) { $1 = fread($0.baseAddress, 4, count, file) }
    }
}
