// How long the stages of a conversion take.

/// The seconds of every stage; `load` and `write` are the caller's to fill in.
public struct StageSeconds: Codable, Sendable, Equatable {
    /// Loading the pipeline.
    public var load = 0.0
    /// Reading the recording and making its features.
    public var features = 0.0
    /// The modality encoder, or the listener that hears in its place.
    public var encode = 0.0
    /// The input projector.
    public var project = 0.0
    /// The language model, the output projector and, with discrete signals, the code writer.
    public var language = 0.0
    /// The modality generator.
    public var generate = 0.0
    /// Writing the outputs.
    public var write = 0.0
    /// All of it.
    public var total = 0.0

    /// No time at all.
    public init() {}

    /// Adds another input's seconds, stage by stage.
    public mutating func add(_ other: StageSeconds) {
        load += other.load
        features += other.features
        encode += other.encode
        project += other.project
        language += other.language
        generate += other.generate
        write += other.write
        total += other.total
    }
}

/// Measures stages one after the other.
struct StageClock {
    private(set) var seconds = StageSeconds()

    /// Adds time that was taken elsewhere.
    mutating func add(_ stage: WritableKeyPath<StageSeconds, Double>, _ time: Double) {
        seconds[keyPath: stage] += time
        seconds.total += time
    }

    /// Adds another clock's time.
    mutating func add(_ other: StageSeconds) { seconds.add(other) }

    /// Runs `body` and adds its time to a stage and to the total.
    mutating func measure<Result, Failure: Error>(
        _ stage: WritableKeyPath<StageSeconds, Double>, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = ContinuousClock.now
        defer { add(stage, (ContinuousClock.now - start).inSeconds) }
        return try body()
    }
}

extension Duration {
    /// The duration as a number of seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
