// A folder of recordings, converted by several workers, so that it can be left running.

import AtomicFiles
import AudioFeatures
import Synchronization
public import SystemPackage
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Every recording below a folder, and how it is to become a point cloud below another.
///
/// The recording `sub/a.wav` becomes `sub/a.wav.ply`, or `sub/a.wav-01.ply` and so on where it has several utterances:
/// names depend on nothing but the recording's own path, and no two recordings share one.
public struct Batch: Sendable {
    /// The folder with the recordings.
    public var directory: FilePath
    /// The folder for what is made; it is made where there is none.
    public var output: FilePath
    /// Which of the recordings are taken.
    public var selection = InputSelection()
    /// How many inputs are in hand at once, each in one thread.
    public var workers = 1
    /// The part of the inputs that is this run's.
    public var shard = Shard.all
    /// Whether inputs are kept as they are that were made from the same bytes, pipeline, options and version, and whose
    /// files are what the report says.
    public var resumes = false
    /// Whether the first input that fails ends the run.
    public var failsFast = false
    /// How inputs are converted.
    public var options = JobOptions()
    /// The number format of the pipeline's matrix products; part of what the outputs hang on.
    public var precision = Precision.native
    /// The program's version, for the report.
    public var version: String

    /// A batch with one worker over everything.
    public init(directory: FilePath, output: FilePath, version: String) {
        (self.directory, self.output, self.version) = (directory, output, version)
    }

    /// What happens in a run; told by the workers, one at a time.
    public enum Event: Sendable {
        /// The inputs were found, and so much else was passed over, by why.
        case began(passedOver: [String: Int])
        /// An input was converted, or failed.
        case finished(BatchRecord)
        /// An input was made by an earlier run.
        case kept(BatchRecord)
        /// What reports say of an input does not hold, or they say nothing; told where parts are merged.
        case missing(FilePath, BatchError)

        /// The record of an input that is done.
        var record: BatchRecord? {
            switch self {
            case .began, .missing: nil
            case .finished(let record), .kept(let record): record
            }
        }
    }

    /// What a run did.
    public struct Summary: Sendable, Equatable {
        /// How many inputs there are.
        public internal(set) var inputs = 0
        /// How many were converted, every utterance of them.
        public internal(set) var converted = 0
        /// Of how many some utterances were converted, and others failed.
        public internal(set) var inPart = 0
        /// How many an earlier run had made.
        public internal(set) var kept = 0
        /// Of how many nothing was converted.
        public internal(set) var failed = 0
        /// How long it took.
        public internal(set) var seconds = 0.0

        /// How many were done, well or badly.
        public var done: Int { converted + inPart + kept + failed }
        /// How many are left: not yet done, or not any more, because the run was stopped.
        public var left: Int { inputs - done }

        mutating func count(_ event: Event, by change: Int = 1) {
            switch event {
            case .began, .missing: break
            case .kept: kept += change
            case .finished(let record) where record.error != nil: failed += change
            case .finished(let record): if record.isWhole { converted += change } else { inPart += change }
            }
        }
    }

    /// The path of the report.
    public var reportPath: FilePath { output.appending(shard.reportName) }

    /// The inputs of this run's part, and whether an earlier run has made them; nothing is written.
    ///
    /// - Parameters:
    ///   - pipelineDirectory: the pipeline's folder.
    ///   - listenerDirectory: that of the listener before it; nil without one.
    public func plan(
        pipelineDirectory: FilePath, listenerDirectory: FilePath? = nil
    ) throws -> [(input: FilePath, isKept: Bool)] {
        let inputs = try foundInputs()
        guard resumes else { return inputs.paths.map { ($0, false) } }
        let earlier = EarlierRecords(output: output)
        let hashes = ModelHashes(pipeline: pipelineDirectory, listener: listenerDirectory)
        return inputs.paths.map { input in
            let origin = origin(of: input, hashes)
            return (input, earlier.made(input, from: origin) != nil)
        }
    }

    /// Converts the inputs; every one of them leaves a line in the report.
    ///
    /// - Parameters:
    ///   - pipeline: what converts.
    ///   - stop: ends the run early; what is left is then for a run that resumes.
    ///   - onEvent: is told what happens and what was done so far, by one thread at a time.
    /// - Throws: `FileWriteError` when the output takes no more, ``BatchError`` when the batch cannot begin, and
    ///   ``SonoformError`` for options that the pipeline does not have. What was made until then is kept, and so is its
    ///   report.
    public func run(
        _ pipeline: Pipeline, stop: StopRequest = StopRequest(),
        onEvent: @escaping @Sendable (Event, Summary) -> Void
    ) throws -> Summary {
        let start = ContinuousClock.now
        let job = try ConversionJob(pipeline, options)
        let inputs = try foundInputs()
        try output.makeFolders()
        let report = try BatchReport(path: reportPath)
        let staging = try Staging(output: output, reportName: shard.reportName)
        defer { staging.remove() }
        let run = BatchRun(
            batch: self, job: job, hashes: ModelHashes(pipeline), inputs: inputs,
            report: report, earlier: resumes ? EarlierRecords(output: output) : nil, staging: staging, stop: stop,
            onEvent: onEvent)
        // Two threads a worker: one computes while the other's files and its line of the report reach the disk.
        runWorkers(max(1, min(2 * workers, inputs.all.count))) { run.work($0) }
        var summary = try run.result()
        if summary.left == 0 { try report.finish(inputs: inputs.all) }
        summary.seconds = (ContinuousClock.now - start).inSeconds
        return summary
    }

    func foundInputs() throws(BatchError) -> BatchInputs {
        var selection = selection
        selection.decodesOthers = options.decoder != .builtIn
        var inputs = try BatchInputs(directory: directory, output: output, selection: selection)
        inputs.keep(shard)
        return inputs
    }

    func origin(of input: FilePath, _ hashes: ModelHashes) -> BatchRecord.Origin {
        BatchRecord.Origin(
            inputSHA256: ContentHash.ofFile(directory.pushing(input)), pipelineSHA256: hashes.pipeline,
            listenerSHA256: hashes.listener, options: options, precision: precision.rawValue, version: version)
    }
}
