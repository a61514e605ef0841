// A batch that stays: recordings are converted as they appear in the folder, each when it is whole.

import AtomicFiles
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension Batch {
    /// Converts what is in the folder and then what appears there or changes, until `stop` asks for the end.
    ///
    /// A recording is taken when its size and its time of change stay the same for a while: a file that is still being
    /// copied or recorded grows. One that fails is tried again when it changes. What an earlier run made is kept, as
    /// if ``resumes`` were set, and every input's line is in the report before the next is begun; of several lines of
    /// one input the last counts.
    ///
    /// - Parameters:
    ///   - pipeline: converts the recordings.
    ///   - stop: ends the run. The inputs in hand are finished, or discarded between two utterances.
    ///   - interval: how long it waits between two looks into the folder.
    ///   - settling: for how long a file must stay as it is.
    ///   - onEvent: is told what happens and what was done so far, by one thread at a time. `began` comes again when
    ///     something of another kind is passed over.
    /// - Returns: What became of every input in the end; ``Summary/left`` are those that were there and not yet done.
    /// - Throws: What ``run(_:stop:onEvent:)`` throws, and ``BatchInterruption`` when the folder can no longer be read.
    public func watch(
        _ pipeline: Pipeline, stop: StopRequest, interval: Duration = .seconds(1), settling: Duration = .seconds(2),
        onEvent: @escaping @Sendable (Event, Summary) -> Void
    ) throws -> Summary {
        let start = ContinuousClock.now
        let job = try ConversionJob(pipeline, options)
        // Before anything is written: a folder that is none should leave nothing behind.
        _ = try foundInputs()
        try output.makeFolders()
        let report = try BatchReport(path: reportPath)
        let staging = try Staging(output: output, reportName: shard.reportName)
        defer { staging.remove() }
        let hashes = ModelHashes(pipeline)
        var earlier = EarlierRecords(output: output)
        var sightings = Sightings(settling: settling)
        let tally = WatchTally(onEvent)

        func convert(_ inputs: BatchInputs) throws {
            let run = BatchRun(
                batch: self, job: job, hashes: hashes, inputs: inputs, report: report, earlier: earlier,
                staging: staging, stop: stop, onEvent: { event, _ in tally.count(event) })
            runWorkers(max(1, min(2 * workers, inputs.all.count))) { run.work($0) }
            _ = try run.result()
        }

        do {
            while true {
                var inputs = try foundInputs()
                tally.tell(passedOver: inputs.passedOver)
                let look = sightings.look(at: inputs.all, in: directory)
                tally.expect(look.changed)
                if stop.isRequested { break }
                inputs.keep(only: look.settled)
                if !inputs.all.isEmpty {
                    sightings.take(look.settled)
                    try convert(inputs)
                    for record in tally.takeRecords() { earlier.add(record) }
                    if failsFast, tally.summary.failed + tally.summary.inPart > 0 { break }
                }
                wait(interval, unless: stop)
            }
        } catch let interruption as BatchInterruption {
            throw BatchInterruption(summary: tally.summary, reason: interruption.reason)
        } catch {
            throw BatchInterruption(summary: tally.summary, reason: error)
        }
        var summary = tally.summary
        summary.seconds = (ContinuousClock.now - start).inSeconds
        return summary
    }
}

/// Waits in short steps: nobody who asks for the end waits for the next look.
private func wait(_ interval: Duration, unless stop: StopRequest) {
    let end = ContinuousClock.now + interval
    while !stop.isRequested {
        let left = end - ContinuousClock.now
        guard left > .zero else { return }
        usleep(UInt32(min(left.inSeconds, 0.05) * 1e6))
    }
}

/// What the looks into a folder saw: which files changed, and which have stayed as they are for long enough.
private struct Sightings {
    private let settling: Duration
    private var seen: [FilePath: (state: FileState, since: ContinuousClock.Instant)] = [:]
    private var taken: [FilePath: FileState] = [:]

    init(settling: Duration) { self.settling = settling }

    /// Those of `inputs` that were not yet taken in their present state, and those of them that are settled.
    mutating func look(
        at inputs: [FilePath], in directory: FilePath
    ) -> (changed: Set<FilePath>, settled: Set<FilePath>) {
        let now = ContinuousClock.now
        var still: [FilePath: (state: FileState, since: ContinuousClock.Instant)] = [:]
        var (changed, settled): (Set<FilePath>, Set<FilePath>) = ([], [])
        for input in inputs {
            let state = FileState(directory.pushing(input))
            guard taken[input] != state else { continue }
            changed.insert(input)
            let since = seen[input].flatMap { $0.state == state ? $0.since : nil } ?? now
            still[input] = (state, since)
            if state.exists, now - since >= settling { settled.insert(input) }
        }
        seen = still
        return (changed, settled)
    }

    /// Remembers that files are converted in the state in which they were last seen.
    mutating func take(_ inputs: Set<FilePath>) {
        for input in inputs { taken[input] = seen.removeValue(forKey: input)?.state }
    }
}

/// What became of every input so far: a file that is converted again counts once.
private final class WatchTally: Sendable {
    private struct State {
        var latest: [FilePath: Batch.Event] = [:]
        var waiting: Set<FilePath> = []
        var summary = Batch.Summary()
        var records: [BatchRecord] = []
        var toldOf: Set<String> = []

        /// An input that is to be done again counts as not done.
        mutating func forget(_ input: FilePath) {
            if let before = latest.removeValue(forKey: input) { summary.count(before, by: -1) }
        }
    }
    private let state = Mutex(State())
    private let onEvent: @Sendable (Batch.Event, Batch.Summary) -> Void

    init(_ onEvent: @escaping @Sendable (Batch.Event, Batch.Summary) -> Void) { self.onEvent = onEvent }

    var summary: Batch.Summary { state.withLock { $0.summary } }

    /// Sets which inputs are there and not yet done; what they came to before they changed no longer counts.
    func expect(_ inputs: Set<FilePath>) {
        state.withLock { state in
            state.waiting = inputs
            for input in inputs { state.forget(input) }
            state.summary.inputs = state.latest.count + inputs.count
        }
    }

    func count(_ event: Batch.Event) {
        guard let record = event.record else { return }
        state.withLock { state in
            state.forget(record.input)
            state.waiting.remove(record.input)
            state.latest[record.input] = event
            state.summary.count(event)
            state.summary.inputs = state.latest.count + state.waiting.count
            state.records.append(record)
            onEvent(event, state.summary)
        }
    }

    /// Tells of what is passed over, unless there was some of each kind before.
    func tell(passedOver: [String: Int]) {
        state.withLock { state in
            let new = passedOver.filter { !state.toldOf.contains($0.key) }
            guard !new.isEmpty else { return }
            state.toldOf.formUnion(new.keys)
            onEvent(.began(passedOver: new), state.summary)
        }
    }

    /// The records since the last time.
    func takeRecords() -> [BatchRecord] {
        state.withLock { state in
            defer { state.records = [] }
            return state.records
        }
    }
}
