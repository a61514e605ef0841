// A pipeline that is kept warm for whoever distributes recordings: lines in, lines out.

import AtomicFiles
public import SystemPackage
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Converts recordings that lines of JSON name, one at a time, each in one thread as a batch does: the same bytes.
///
/// A request is `{"id": 7, "input": "in/a.wav", "output": "a.wav.ply"}`, with `"name"` for what the record is to call
/// the input and `"options"` in the form of a report's. All files of an input appear together, or none of them.
public struct ConversionWorker: Sendable {
    private let pipeline: Pipeline
    private let options: JobOptions
    private let staging: Staging
    private let ownsStaging: Bool
    private let origin: BatchRecord.Origin

    /// - Parameters:
    ///   - pipeline: what converts.
    ///   - output: the folder below which requests' outputs lie; it is made where there is none.
    ///   - staging: where files are made before they are moved to their places, on the same disk; it may be shared with
    ///     other workers, and stays. Nil for a hidden folder of the worker's own, below `output`.
    ///   - options: what requests ask for that do not say otherwise.
    ///   - precision: the number format of the pipeline's products.
    ///   - version: the program's version, for the records.
    /// - Throws: ``SonoformError`` for options that the pipeline does not have; `FileWriteError`.
    public init(
        _ pipeline: Pipeline, output: FilePath, staging: FilePath? = nil, options: JobOptions = JobOptions(),
        precision: Precision = .native, version: String
    ) throws {
        try pipeline.check(options.conversion)
        (self.pipeline, self.options) = (pipeline, options)
        let hashes = ModelHashes(pipeline)
        origin = BatchRecord.Origin(
            inputSHA256: nil, pipelineSHA256: hashes.pipeline, listenerSHA256: hashes.listener, options: options,
            precision: precision.rawValue, version: version)
        try output.makeFolders()
        ownsStaging = staging == nil
        self.staging = try Staging(
            shared: staging ?? output.appending(".worker-\(Self.identity).staging"), output: output)
    }

    /// A name that no other worker has, on whatever machine that sees the same disk.
    private static let identity = {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: host, as: UTF8.self))-\(getpid())"
    }()

    /// What the worker says first.
    public var greeting: WorkerGreeting { WorkerGreeting(pipeline: pipeline.name, origin: origin) }

    /// Does what a line asks, and gives the line that answers it.
    public func answer(_ line: [UInt8]) -> WorkerAnswer {
        let request: WorkerRequest
        do throws(WorkerRequest.Refusal) {
            request = try WorkerRequest(line, defaults: options)
        } catch {
            return WorkerAnswer(error)
        }
        return withComputeThreads(1) { convert(request) }
    }

    /// The answer to a line of which more came than a request can have.
    public func refuse(longerThan bytes: Int) -> WorkerAnswer {
        WorkerAnswer(WorkerRequest.Refusal(expected: "a line of at most \(bytes) bytes", got: "a longer one"))
    }

    /// Removes the worker's own folder of files in the making.
    public func end() { if ownsStaging { staging.remove() } }

    private func convert(_ request: WorkerRequest) -> WorkerAnswer {
        let before = FileState(request.input)
        var origin = origin
        (origin.inputSHA256, origin.options) = (ContentHash.ofFile(request.input), request.options)
        var files = InputFiles(in: staging, stem: request.stem, owner: Self.identity)
        defer { files.discard() }
        func failed(_ error: any Error, _ batchError: String) -> WorkerAnswer {
            let record = BatchRecord(ConversionRecord(input: request.name, error: error), origin: origin)
            return WorkerAnswer(request.id, record: record, error: error, of: batchError)
        }
        let conversion: ConversionRecord
        do {
            let job = try ConversionJob(pipeline, request.options)
            conversion = try job.run(request.input, as: request.name, unchangedSince: before, to: &files)
        } catch {
            return failed(error, "changed")
        }
        do {
            return WorkerAnswer(request.id, record: BatchRecord(conversion, origin: origin, files: try files.move()))
        } catch {
            return failed(error, "output-refused")
        }
    }
}
