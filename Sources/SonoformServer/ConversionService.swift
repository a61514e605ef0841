// What the routes do their work with: the pipeline, the queue before it, and the spool.

import AtomicFiles
import AudioFeatures
import PointClouds
import Sonoform
import SystemPackage

/// The work of a server, within its limits.
struct ConversionService: Sendable {
    let pipeline: AsyncPipeline
    let queue: ConversionQueue
    let spool: Spool
    let limits: ServerLimits
    let metrics: ServerMetrics

    /// What a job made of a request's input.
    struct Made: Sendable {
        /// What came of it, without this machine's paths.
        let record: ConversionRecord
        /// What the cloud shows.
        let scene: Scene
        /// The cloud's file.
        let cloud: SpooledFile
    }

    /// Reads a request within the time that a client has for sending it.
    func received<Result: Sendable>(
        _ read: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try queue.checkRoom()
        return try await withDeadline(limits.upload, .tooSlow(limits.upload), read)
    }

    /// Works for a request, on the pipeline's own threads, when its turn comes, and no longer than it may; waiting counts.
    func working<Outcome: Sendable>(
        _ work: @escaping @Sendable (Pipeline) throws -> Outcome
    ) async throws -> Outcome {
        do {
            return try await withDeadline(limits.work, .timedOut(limits.work)) {
                try await queue.run {
                    try await pipeline.run { () throws(SonoformError) in Result { try work(pipeline.pipeline) } }.get()
                }
            }
        } catch {
            // Its connection was closed, or the server stops.
            if Task.isCancelled { metrics.cancelled() }
            throw error
        }
    }

    /// How recordings are read.
    func reading(_ settings: RequestSettings) -> ReadingOptions {
        var limits = AudioLimits()
        limits.duration = self.limits.recording
        return ReadingOptions(channel: settings.channel, limits: limits)
    }

    /// The options of a job for a request.
    func options(_ settings: RequestSettings, format: CloudFormat, joins: Bool = true) -> JobOptions {
        var options = JobOptions()
        (options.conversion, options.channel, options.pauseSeconds) =
            (settings.conversion, settings.channel, settings.pauseSeconds)
        (options.format, options.joins) = (format, joins)
        options.limits.duration = limits.recording
        return options
    }

    /// Converts a submission to one cloud.
    func convert(_ submission: Submission, format: CloudFormat) async throws -> Made {
        let options = options(submission.settings, format: format)
        let (record, files) = try await working { pipeline in
            var files = SpooledFiles(spool: spool)
            let job = try ConversionJob(pipeline, options)
            return (try job.run(submission.input.jobInput, as: "request", to: &files), files)
        }
        guard let cloud = files.cloud, let scene = files.scene else { throw Problem.fault }
        metrics.took(record.seconds)
        return Made(record: record.withoutPaths(submission.input), scene: scene, cloud: cloud)
    }

    /// What a submission describes.
    func understand(_ submission: Submission) async throws -> Scene {
        let (reading, pause) = (reading(submission.settings), submission.settings.pauseSeconds)
        return try await working { pipeline in
            switch submission.input {
            case .text(let text):
                return try pipeline.understand(text: text, options: submission.settings.conversion.understanding)
            case .scene(let scene): return scene
            case .recording(let file):
                return try pipeline.understandJoined(
                    file.path, reading: reading, splitting: UtteranceSplitting(pauseSeconds: pause),
                    options: submission.settings.conversion.understanding
                ).scene
            }
        }
    }
}

/// Takes a job's files into the spool.
struct SpooledFiles: JobOutput {
    let spool: Spool
    private(set) var scene: Scene?
    private(set) var cloud: SpooledFile?

    init(spool: Spool) { self.spool = spool }

    mutating func begin(_ scene: Scene) { self.scene = scene }

    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath {
        let spooled = spool.path(ending: file.ending)
        try write(spooled.path)
        if case .cloud = file { cloud = spooled }
        return spooled.path
    }
}

extension Submission.Input {
    /// What a job makes of it.
    var jobInput: ConversionJob.Input {
        switch self {
        case .text(let text): .text(text)
        case .scene(let scene): .scene(scene, name: "scene")
        case .recording(let file): .recording(file.path)
        }
    }
}

extension ConversionRecord {
    /// What clients are told: nothing of where files are, nor of this process.
    func withoutPaths(_ input: Submission.Input) -> ConversionRecord {
        var record = self
        (record.output, record.scene, record.picture, record.peakMemoryBytes) = (nil, nil, nil, nil)
        for index in utterances?.indices ?? 0..<0 {
            record.utterances?[index].withoutPaths(input)
        }
        return record
    }
}

extension ConversionRecord.Utterance {
    mutating func withoutPaths(_ input: Submission.Input) {
        (output, scene, picture) = (nil, nil, nil)
        // Its error begins with the file's name.
        if case .recording(let file) = input, let error {
            self.error = error.replacing(file.path.printable, with: "recording")
        }
    }
}
