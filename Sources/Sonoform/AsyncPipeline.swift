// A pipeline for callers that must not wait: work runs in threads of its own, and can be cancelled.

public import AudioFeatures
import Dispatch
public import PointClouds
import Synchronization

/// The pipeline's halves and the whole of it, `async`.
///
/// Conversions compute for tenths of a second without a pause, which the threads of Swift's concurrency are not for:
/// they run in up to `width` threads of a queue instead. A task that is cancelled ends between two stages (features,
/// encoder, projector, language model, each object of the generator) with ``SonoformError/Reason/cancelled``.
public struct AsyncPipeline: Sendable {
    /// What does the work.
    public let pipeline: Pipeline
    private let executor: QueueExecutor

    /// - Parameters:
    ///   - pipeline: what does the work.
    ///   - width: how many conversions run at once; each computes in ``Pipeline/threads`` threads.
    public init(_ pipeline: Pipeline, width: Int = 1) {
        self.pipeline = pipeline
        executor = QueueExecutor(width: width)
    }

    /// Turns a recording into a point cloud.
    public func convert(
        _ recording: Recording, source: String = "recording", options: ConversionOptions = ConversionOptions()
    ) async throws(SonoformError) -> Conversion {
        try await run { () throws(SonoformError) in
            try pipeline.convert(recording, source: source, options: options)
        }
    }

    /// Turns a recording on disk into a point cloud.
    public func convert(
        file path: String, options: ConversionOptions = ConversionOptions()
    ) async throws(SonoformError) -> Conversion {
        try await run { () throws(SonoformError) in try pipeline.convert(file: path, options: options) }
    }

    /// Turns a written description into a point cloud.
    public func convert(
        text: String, options: ConversionOptions = ConversionOptions()
    ) async throws(SonoformError) -> Conversion {
        try await run { () throws(SonoformError) in try pipeline.convert(text: text, options: options) }
    }

    /// What a recording describes.
    public func understand(
        _ recording: Recording, source: String = "recording", options: UnderstandingOptions = UnderstandingOptions()
    ) async throws(SonoformError) -> Scene {
        try await run { () throws(SonoformError) in
            try pipeline.understand(recording, source: source, options: options)
        }
    }

    /// What a text describes.
    public func understand(
        text: String, options: UnderstandingOptions = UnderstandingOptions()
    ) async throws(SonoformError) -> Scene {
        try await run { () throws(SonoformError) in try pipeline.understand(text: text, options: options) }
    }

    /// What a point cloud shows.
    public func understand(_ cloud: PointCloud, source: String = "cloud") async throws(SonoformError) -> Scene {
        try await run { () throws(SonoformError) in try pipeline.understand(cloud, source: source) }
    }

    /// A scene's point cloud.
    public func render(
        _ scene: Scene, options: ConversionOptions = ConversionOptions()
    ) async throws(SonoformError) -> PointCloud {
        try await run { () throws(SonoformError) in try pipeline.render(scene, options: options) }
    }

    /// Runs work of the pipeline's on the queue's threads, as the other methods do.
    package func run<Result: Sendable>(
        _ body: @Sendable () throws(SonoformError) -> Result
    ) async throws(SonoformError) -> Result {
        do {
            return try await withTaskExecutorPreference(executor) { try Self.made(body) }
        } catch let error as SonoformError {
            throw error
        } catch {
            throw SonoformError(.cancelled, source: "conversion", expected: "to be finished", got: "\(error)")
        }
    }

    private static func made<Result>(_ body: () throws(SonoformError) -> Result) throws(SonoformError) -> Result {
        try checkCancellation("conversion")
        return try body()
    }
}

/// Runs tasks' work on threads of its own, so many at once; what is more waits in a line, and holds no thread.
private final class QueueExecutor: TaskExecutor {
    private struct State {
        var idle: Int
        var waiting: [UnownedJob] = []
    }
    private let queue = DispatchQueue(label: "sonoform", attributes: .concurrent)
    private let state: Mutex<State>

    init(width: Int) { state = Mutex(State(idle: max(1, width))) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let starts = state.withLock { state in
            guard state.idle > 0 else {
                state.waiting.append(job)
                return false
            }
            state.idle -= 1
            return true
        }
        guard starts else { return }
        queue.async { [self] in
            var next: UnownedJob? = job
            while let job = next {
                job.runSynchronously(on: asUnownedTaskExecutor())
                next = state.withLock { state in
                    guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
                    state.idle += 1
                    return nil
                }
            }
        }
    }
}
