// A watched folder: recordings are converted when they are whole, once, and again when they change.

import AtomicFiles
import Foundation
import GoldenFiles
import PointClouds
import Synchronization
import SystemPackage
import Testing

@testable import Sonoform

/// A watch in a thread of its own.
private final class Watching: Sendable {
    private let stop = StopRequest()
    private let ended = DispatchSemaphore(value: 0)
    private let seen = Mutex<[Batch.Event]>([])
    private let outcome = Mutex<Result<Batch.Summary, any Error>?>(nil)

    init(_ batch: Batch, settling: Duration = .seconds(0.2)) {
        Thread.detachNewThread { [self] in
            let result = Result {
                try batch.watch(builtIn, stop: stop, interval: .milliseconds(20), settling: settling) { event, _ in
                    self.seen.withLock { $0.append(event) }
                }
            }
            outcome.withLock { $0 = result }
            ended.signal()
        }
    }

    /// What became of inputs so far, and of which: "finished a.flac", "kept a.flac".
    var done: [String] {
        seen.withLock { events in
            events.compactMap { event in
                switch event {
                case .began, .missing: nil
                case .finished(let record): "\(record.isWhole ? "finished" : "failed") \(record.input)"
                case .kept(let record): "kept \(record.input)"
                }
            }
        }
    }

    /// What was passed over, each time that it was told.
    var passedOver: [[String: Int]] {
        seen.withLock { events in
            events.compactMap { event in
                if case .began(let passedOver) = event { passedOver } else { nil }
            }
        }
    }

    /// Waits until so many inputs are done.
    func wait(for count: Int) throws { try wait { done.count >= count } }

    /// Waits for two minutes at most, on a machine that may have much else to do.
    func wait(until holds: () -> Bool) throws {
        let end = ContinuousClock.now + .seconds(120)
        while !holds() {
            try #require(ContinuousClock.now < end, "\(done), \(passedOver)")
            usleep(5_000)
        }
    }

    /// Asks for the end, and waits for it.
    func end() throws -> Batch.Summary {
        stop.request()
        return try result()
    }

    func result() throws -> Batch.Summary {
        #expect(ended.wait(timeout: .now() + 120) == .success)
        return try #require(outcome.withLock { $0 }).get()
    }
}

struct BatchWatchTests {
    let scratch: Scratch
    private let files = FileManager.default

    init() throws {
        scratch = try Scratch()
        try files.createDirectory(atPath: scratch.file("in/sub"), withIntermediateDirectories: true)
    }

    private var batch: Batch {
        var batch = Batch(
            directory: FilePath(scratch.file("in")), output: FilePath(scratch.file("out")), version: "test")
        batch.options.conversion.points = 64
        return batch
    }

    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: sample(name))) }

    private var reportLines: Int {
        get throws { try Data(contentsOf: URL(filePath: scratch.file("out/report.jsonl"))).count { $0 == 10 } }
    }

    @Test func `a file that comes in two halves is converted once, and whole`() throws {
        let watching = Watching(batch, settling: .seconds(2))
        let whole = try bytes("tall-red-chair.wav")
        try scratch.write("in/sub/chair.wav", whole.prefix(whole.count / 2))
        usleep(500_000)
        let handle = try #require(FileHandle(forWritingAtPath: scratch.file("in/sub/chair.wav")))
        try handle.seekToEnd()
        try handle.write(contentsOf: whole.dropFirst(whole.count / 2))
        try handle.close()
        try watching.wait(for: 1)
        let summary = try watching.end()
        #expect(watching.done == ["finished sub/chair.wav"])
        #expect(summary.inputs == 1 && summary.converted == 1 && summary.left == 0)
        let cloud = try PointCloud(reading: scratch.file("out/sub/chair.wav.ply"))
        let expected = try builtIn.convert(file: sample("tall-red-chair.wav"), options: ConversionOptions(points: 64))
        #expect(cloud.objects == expected.cloud.objects && cloud.count == 64)
        #expect(try reportLines == 1)
        #expect(!files.fileExists(atPath: scratch.file("out/.report.jsonl.staging")))
    }

    @Test func `what fails is tried again when it changes, and counts by what it came to`() throws {
        try scratch.write("in/ball.flac", "not yet")
        let watching = Watching(batch)
        try watching.wait(for: 1)
        try scratch.write("in/table.flac", bytes("brown-table.flac"))
        try watching.wait(for: 2)
        try scratch.write("in/ball.flac", bytes("red-ball.flac"))
        try watching.wait(for: 3)
        let summary = try watching.end()
        #expect(watching.done == ["failed ball.flac", "finished table.flac", "finished ball.flac"])
        #expect(summary.inputs == 2 && summary.converted == 2 && summary.failed == 0 && summary.left == 0)
        #expect(files.fileExists(atPath: scratch.file("out/ball.flac.ply")))
    }

    @Test func `what an earlier watch made is kept, also when a file is only touched`() throws {
        try scratch.write("in/ball.flac", bytes("red-ball.flac"))
        let first = Watching(batch)
        try first.wait(for: 1)
        try files.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scratch.file("in/ball.flac"))
        try first.wait(for: 2)
        #expect(try first.end().kept == 1)
        #expect(first.done == ["finished ball.flac", "kept ball.flac"])
        let second = Watching(batch)
        try second.wait(for: 1)
        let summary = try second.end()
        #expect(second.done == ["kept ball.flac"] && summary.kept == 1 && summary.converted == 0)
        #expect(try reportLines == 1)
    }

    @Test func `a recording that is not yet whole at the end is left`() throws {
        try scratch.write("in/ball.flac", bytes("red-ball.flac").prefix(1_000))
        try scratch.write("in/notes.txt", "no recording")
        let watching = Watching(batch, settling: .seconds(600))
        try watching.wait { !watching.passedOver.isEmpty }
        let summary = try watching.end()
        #expect(watching.done.isEmpty && summary.inputs == 1 && summary.left == 1)
    }

    @Test func `each kind of file that is passed over is told once`() throws {
        try scratch.write("in/a.txt", "text")
        let watching = Watching(batch)
        try watching.wait { !watching.passedOver.isEmpty }
        try scratch.write("in/b.txt", "text")
        try scratch.write("in/c.jpg", "picture")
        try scratch.write("in/ball.flac", bytes("red-ball.flac"))
        try watching.wait(for: 1)
        #expect(try watching.end().converted == 1)
        #expect(watching.passedOver.first == ["files that end in .txt": 1])
        #expect(watching.passedOver.map { Set($0.keys) } == [["files that end in .txt"], ["files that end in .jpg"]])
    }

    @Test func `a folder that goes away ends the watch, and what was done is told`() throws {
        try scratch.write("in/ball.flac", bytes("red-ball.flac"))
        let watching = Watching(batch)
        try watching.wait(for: 1)
        try files.moveItem(atPath: scratch.file("in"), toPath: scratch.file("elsewhere"))
        let interruption = #expect(throws: BatchInterruption.self) { try watching.result() }
        #expect(interruption?.summary.converted == 1)
        #expect((interruption?.reason as? BatchError)?.expected == "a folder of recordings")
        #expect(throws: BatchError.self) { try batch.watch(builtIn, stop: StopRequest()) { _, _ in } }
    }

    @Test func `the first failure ends a watch that fails fast`() throws {
        try scratch.write("in/bad.wav", "text")
        var batch = batch
        batch.failsFast = true
        let summary = try Watching(batch).result()
        #expect(summary.failed == 1 && summary.left == 0)
    }
}
