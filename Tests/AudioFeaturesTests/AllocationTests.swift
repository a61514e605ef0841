// Features ask for memory once for a recording or a stream, never for a frame.

import AudioFeatures
import CAllocations
import Testing

@Suite struct AllocationTests {
    /// How many requests for memory some work of this thread makes.
    private func allocations(_ body: () throws -> Void) rethrows -> Int {
        let before = requests_for_memory()
        try body()
        return requests_for_memory() - before
    }

    @Test func requestsAreCounted() {
        let one = { self.blackHole([Float](repeating: 1, count: 1_000)) }
        one()  // what its first use makes is not counted
        #expect(allocations(one) == 1)
    }

    @Test(arguments: GoldenKind.all) func longerSignalsNeedNoMoreAllocations(kind: GoldenKind) throws {
        let extractor = try FeatureExtractor(kind.configuration)
        let (short, long) = (noise(160_000), noise(480_000))
        blackHole(try extractor(short))
        let counts = try [short, long].map { samples in try allocations { blackHole(try extractor(samples)) } }
        #expect(counts[0] == counts[1] && counts[1] < 20, "\(kind.file): \(counts) for 10 s and 30 s")
    }

    @Test(arguments: GoldenKind.all) func longerStreamsNeedNoMoreAllocations(kind: GoldenKind) throws {
        let extractor = try FeatureExtractor(kind.configuration)
        var rows: [Float] = []
        // Room for all that comes at once; with kinds of fixed length, the rows after the recording too.
        rows.reserveCapacity(200_000)
        // What is made at the first use of all, by whichever case runs first, is not counted.
        let counts = try [noise(16_000), noise(160_000), noise(480_000)].map { samples in
            try allocations {
                var stream = extractor.stream()
                samples.withUnsafeBufferPointer { samples in
                    for start in stride(from: 0, to: samples.count, by: 1_600) {
                        rows.removeAll(keepingCapacity: true)
                        stream.append(.init(rebasing: samples[start..<start + 1_600]), into: &rows)
                    }
                }
                try stream.finish(into: &rows)
            }
        }.dropFirst().map(\.self)
        #expect(counts[0] == counts[1] && counts[1] < 20, "\(kind.file): \(counts) for 10 s and 30 s")
    }

    /// Keeps the compiler from leaving work away.
    @inline(never) private func blackHole<T>(_ value: T) { _ = value }
}
