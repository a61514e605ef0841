// The reports of parts, put together into the one that a run over the whole would have written.

import AtomicFiles
import AudioFeatures
import Synchronization
public import SystemPackage
public import Tensors

extension Batch {
    /// Puts the reports of parts together into ``reportPath``, and finds out what is missing; converts nothing.
    ///
    /// Of every recording that is there now the report gets the line of its part, unless it was made of another
    /// recording, or otherwise than this batch would, or files of it are not there or no longer what was written. Those
    /// are told by ``Event/missing(_:_:)``, and left out; what failed is told as by a run.
    ///
    /// - Parameters:
    ///   - pipelineDirectory: the pipeline that the parts should have used.
    ///   - listenerDirectory: the listener that they should have put before it; nil for none.
    ///   - precision: the number format that they should have used; nil for any, as long as all used the same.
    ///   - onEvent: is told what is found, input by input in their order.
    /// - Returns: what was found; ``Summary/kept`` are whole, and ``Summary/left`` are missing.
    /// - Throws: ``BatchError`` where there is nothing to merge or another run writes the report; `FileWriteError`.
    public func merge(
        pipelineDirectory: FilePath, listenerDirectory: FilePath? = nil, precision: Precision? = nil,
        onEvent: (Event, Summary) -> Void
    ) throws -> Summary {
        let start = ContinuousClock.now
        let inputs = try foundInputs()
        let earlier = EarlierRecords(output: output)
        guard let first = earlier.anyRecord else {
            throw BatchError(source: output.printable, expected: "reports of parts, report-I-of-N.jsonl", got: "none")
        }
        // Its lock keeps other runs from writing the report meanwhile.
        let report = try BatchReport(path: reportPath)
        let check = MergeCheck(
            batch: self, earlier: earlier,
            hashes: ModelHashes(pipeline: pipelineDirectory, listener: listenerDirectory),
            precision: precision?.rawValue ?? first.origin.precision)
        var summary = Summary()
        summary.inputs = inputs.all.count
        onEvent(.began(passedOver: inputs.passedOver), summary)
        guard summary.inputs > 0 else { return summary }
        var merged = try AtomicFile(reportPath)
        var rest = inputs.all[...]
        while !rest.isEmpty {
            // Files are hashed by all workers, and told of in order.
            for event in check.events(of: Array(rest.prefix(64 * workers))) {
                if let record = event.record { try merged.write(Array((jsonLine(record) + "\n").utf8)) }
                summary.count(event)
                onEvent(event, summary)
            }
            rest = rest.dropFirst(64 * workers)
        }
        try merged.commit()
        withExtendedLifetime(report) {}
        summary.seconds = (ContinuousClock.now - start).inSeconds
        return summary
    }
}

/// Tells whether what reports say of an input still holds.
private struct MergeCheck: Sendable {
    let batch: Batch
    let earlier: EarlierRecords
    let hashes: ModelHashes
    let precision: String

    func events(of inputs: [FilePath]) -> [Batch.Event] {
        let found = Mutex<[Int: Batch.Event]>([:])
        let next = Atomic<Int>(0)
        runWorkers(min(batch.workers, inputs.count)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < inputs.count else { return }
                let event = event(of: inputs[index])
                found.withLock { $0[index] = event }
            }
        }
        return found.withLock { found in inputs.indices.compactMap { found[$0] } }
    }

    /// A record that holds, a whole one before others; where there is none, what is wrong with the first.
    private func event(of input: FilePath) -> Batch.Event {
        var origin = batch.origin(of: input, hashes)
        origin.precision = precision
        var (failed, trouble): (BatchRecord?, BatchError?)
        for record in earlier.records(of: input) {
            if let found = self.trouble(with: record, expected: origin) {
                trouble = trouble ?? found
            } else if record.isWhole {
                return .kept(record)
            } else {
                failed = failed ?? record
            }
        }
        if let failed { return .finished(failed) }
        let nothing = BatchError(source: recording(input), expected: "a line in a report", got: "none")
        return .missing(input, trouble ?? nothing)
    }

    private func trouble(with record: BatchRecord, expected: BatchRecord.Origin) -> BatchError? {
        let made = record.origin
        let parts: [(holds: Bool, expected: String, got: String)] = [
            (made.inputSHA256 == expected.inputSHA256, "a line of the recording as it is now", "one of another"),
            (made.options == expected.options, "the options of this command", "others in the report"),
            (made.pipelineSHA256 == expected.pipelineSHA256, "this command's pipeline", "another in the report"),
            (made.listenerSHA256 == expected.listenerSHA256, "this command's listener", "another in the report"),
            (
                made.precision == expected.precision, "products in \(expected.precision)",
                "\(made.precision) in the report"
            ),
            (made.version == expected.version, "version \(expected.version)", "\(made.version) in the report"),
        ]
        if let part = parts.first(where: { !$0.holds }) {
            return BatchError(source: recording(record.input), expected: part.expected, got: part.got)
        }
        for file in record.files {
            let path = batch.output.pushing(FilePath(text: file.path))
            let hash = ContentHash.ofFile(path)
            if hash != file.sha256 {
                return BatchError(
                    source: path.printable, expected: "the file that the report tells of",
                    got: hash == nil ? "none" : "another")
            }
        }
        return nil
    }

    private func recording(_ input: FilePath) -> String { batch.directory.pushing(input).printable }
}
