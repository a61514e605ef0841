// A batch at work.

import AtomicFiles
import Dispatch
import PointClouds
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One run of a batch: what its workers share.
final class BatchRun: Sendable {
    private let batch: Batch
    private let job: ConversionJob
    private let staging: Staging
    private let stop: StopRequest
    private let permits: DispatchSemaphore
    private let hashes: ModelHashes
    private let inputs: BatchInputs
    private let report: BatchReport
    private let earlier: EarlierRecords?
    private let onEvent: @Sendable (Batch.Event, Batch.Summary) -> Void

    private struct State {
        var next = 0
        var summary = Batch.Summary()
        /// What ended the run.
        var failure: (any Error)?
        var isStopped = false
    }
    private let state: Mutex<State>

    init(
        batch: Batch, job: ConversionJob, hashes: ModelHashes, inputs: BatchInputs, report: BatchReport,
        earlier: EarlierRecords?, staging: Staging, stop: StopRequest,
        onEvent: @escaping @Sendable (Batch.Event, Batch.Summary) -> Void
    ) {
        (self.batch, self.job, self.hashes, self.inputs) = (batch, job, hashes, inputs)
        (self.report, self.earlier, self.staging, self.stop, self.onEvent) = (report, earlier, staging, stop, onEvent)
        permits = DispatchSemaphore(value: max(1, batch.workers))
        var state = State()
        state.summary.inputs = inputs.all.count
        self.state = Mutex(state)
        onEvent(.began(passedOver: inputs.passedOver), state.summary)
    }

    /// Takes one input after the other until none is left.
    func work(_ worker: Int) {
        let permit = ComputePermit(permits)
        while true {
            // Before an input is taken: one that waited in hand would be converted after the run was stopped.
            permit.hold()
            guard let input = next() else { return }
            do {
                try process(input, worker, permit)
            } catch is Discarded {
                return
            } catch {
                state.withLock { state in
                    if state.failure == nil { state.failure = error }
                    state.isStopped = true
                }
                return
            }
        }
    }

    /// What was done; throws what ended the run.
    func result() throws -> Batch.Summary {
        let (summary, failure) = state.withLock { ($0.summary, $0.failure) }
        if let failure { throw BatchInterruption(summary: summary, reason: failure) }
        return summary
    }

    /// Whether the run is to end as soon as it can.
    var isStopping: Bool { stop.isRequested || state.withLock { $0.isStopped } }

    private func next() -> FilePath? {
        if stop.isRequested { return nil }
        return state.withLock { state in
            guard !state.isStopped, state.next < inputs.all.count else { return nil }
            state.next += 1
            return inputs.all[state.next - 1]
        }
    }

    private func process(_ input: FilePath, _ worker: Int, _ permit: ComputePermit) throws {
        if let words = inputs.unreadable[input] {
            let origin = batch.origin(of: input, hashes)
            let error = BatchError(
                source: batch.directory.pushing(input).printable, expected: "a folder of recordings",
                got: "\"\(words)\"")
            return try finish(BatchRecord(ConversionRecord(input: input.text, error: error), origin: origin))
        }
        let before = FileState(batch.directory.pushing(input))
        let origin = batch.origin(of: input, hashes)
        if let made = earlier?.made(input, from: origin) {
            if report.record(of: input) != made { try report.append(made) }
            tell(.kept(made))
            return
        }
        var files = InputFiles(
            in: staging, stem: input, owner: "\(worker)", permit: permit, isStopping: { self.isStopping })
        defer { files.discard() }
        let conversion: ConversionRecord
        do {
            conversion = try job.run(
                batch.directory.pushing(input), as: input.text, unchangedSince: before, to: &files)
        } catch let error as FileWriteError {
            throw error
        } catch let error as Discarded {
            throw error
        } catch {
            let record = BatchRecord(ConversionRecord(input: input.text, error: error), origin: origin)
            try removeStale(of: input, but: [])
            return try finish(record)
        }
        permit.release()
        do {
            let moved = try files.move()
            try removeStale(of: input, but: moved)
            try finish(BatchRecord(conversion, origin: origin, files: moved))
        } catch let error as FileWriteError where error.concernsOnlyItsFile {
            try finish(BatchRecord(ConversionRecord(input: input.text, error: error), origin: origin))
        } catch let error as BatchError {
            try finish(BatchRecord(ConversionRecord(input: input.text, error: error), origin: origin))
        }
    }

    /// Removes what an earlier version of an input was made into, where nobody has changed it since.
    private func removeStale(of input: FilePath, but files: [BatchRecord.File]) throws {
        guard let earlier = report.record(of: input) else { return }
        // Paths and not their texts: two names of which one is the other's normal form are two files.
        let kept = Set(files.map { FilePath(text: $0.path) })
        for file in earlier.files where !kept.contains(FilePath(text: file.path)) {
            let path = batch.output.pushing(FilePath(text: file.path))
            // Anybody can have written the report: nothing outside of the output is touched.
            guard path.lexicallyNormalized().starts(with: batch.output.lexicallyNormalized()) else { continue }
            if ContentHash.ofFile(path) == file.sha256 { path.unlink() }
        }
    }

    private func finish(_ record: BatchRecord) throws {
        try report.append(record)
        tell(.finished(record))
    }

    private func tell(_ event: Batch.Event) {
        state.withLock { state in
            state.summary.count(event)
            if case .finished(let record) = event, batch.failsFast, !record.isWhole { state.isStopped = true }
            onEvent(event, state.summary)
        }
    }
}

/// An input that was given up because the run is stopping.
struct Discarded: Error {}

/// A run that could not go on, and what it had done by then.
public struct BatchInterruption: Error, CustomStringConvertible {
    /// What was done; the report has it all.
    public let summary: Batch.Summary
    /// Why it ended.
    public let reason: any Error

    /// One line.
    public var description: String { "\(reason)" }
}

extension BatchInputs {
    /// Recordings, and folders that cannot be read, in one list.
    var all: [FilePath] {
        paths + unreadable.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}

extension FileWriteError {
    /// Whether other files can be written all the same: this one's name is too long, or a folder is in its place.
    var concernsOnlyItsFile: Bool { [ENAMETOOLONG, ENOTDIR, EISDIR, EEXIST, ENOTEMPTY, ELOOP].contains(code) }
}

/// What shows that a file was changed.
struct FileState: Equatable {
    private var values: [Int] = []

    /// Whether there is such a file.
    var exists: Bool { !values.isEmpty }

    init(_ path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { return }
        values = [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
