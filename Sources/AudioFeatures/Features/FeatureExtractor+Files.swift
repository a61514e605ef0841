// Features of files longer than memory: read in blocks, streamed, normalised at the end.

extension FeatureExtractor {
    /// A file's features `[T, F]`, and what the file is; only the features are held in memory.
    ///
    /// The rate is that of the configuration, whatever the options say.
    ///
    /// - Throws: ``AudioFileError`` for the file, ``SpectrogramError`` when it is too short.
    public func callAsFunction(
        contentsOf source: some RecordingSource, _ options: ReadingOptions = ReadingOptions()
    ) throws -> (features: FeatureMatrix, source: AudioFormat) {
        var options = options
        options.sampleRateHz = configuration.sampleRateHz
        var blocks = try RecordingBlocks(contentsOf: source, options)
        var stream = FeatureStream(self, statistics: nil, isRaw: true)
        var rows: [Float] = []
        var block: [Float] = []
        while try blocks.next(into: &block) {
            stream.append(block, into: &rows)
            block.removeAll(keepingCapacity: true)
        }
        try stream.finish(into: &rows)
        let values = finishing.stacked(finishing.finished(&rows, stream.statistics))
        return (FeatureMatrix(values: values, frames: values.count / features, features: features), blocks.source)
    }

    /// Goes through a file once, for what has to be known before its first row can be given.
    ///
    /// - Throws: as ``callAsFunction(contentsOf:_:)``.
    public func survey(contentsOf source: some RecordingSource, _ options: ReadingOptions = ReadingOptions()) throws
        -> FileSurvey
    {
        var options = options
        options.sampleRateHz = configuration.sampleRateHz
        var blocks = try RecordingBlocks(contentsOf: source, options)
        let needsStatistics = configuration.normalisation.isOverWholeRecording
        var stream = FeatureStream(self, statistics: nil, isRaw: true)
        var (samples, rows): ([Float], [Float]) = ([], [])
        var count = 0
        while try blocks.next(into: &samples) {
            count += samples.count
            if needsStatistics { stream.append(samples, into: &rows) }
            samples.removeAll(keepingCapacity: true)
            rows.removeAll(keepingCapacity: true)
        }
        let plan = try FramePlan(configuration, samples: count)
        if needsStatistics { try stream.finish(into: &rows) }
        return FileSurvey(
            frames: (plan.kept + configuration.stackedRows - 1) / configuration.stackedRows,
            statistics: needsStatistics ? stream.statistics : nil, source: blocks.source)
    }

    /// Gives a file's features by blocks of rows `[n, F]`; no more than a few seconds of them are in memory.
    ///
    /// - Parameters:
    ///   - source: the recording.
    ///   - options: how it is read.
    ///   - survey: what a first pass over the same file and options found.
    ///   - body: gets the blocks in order.
    public func forEachBlock(
        contentsOf source: some RecordingSource, _ options: ReadingOptions = ReadingOptions(), survey: FileSurvey,
        _ body: ([Float]) throws -> Void
    ) throws {
        var options = options
        options.sampleRateHz = configuration.sampleRateHz
        var blocks = try RecordingBlocks(contentsOf: source, options)
        var stream = FeatureStream(self, statistics: survey.statistics)
        var (samples, rows): ([Float], [Float]) = ([], [])
        while try blocks.next(into: &samples) {
            stream.append(samples, into: &rows)
            samples.removeAll(keepingCapacity: true)
            try body(rows)
            rows.removeAll(keepingCapacity: true)
        }
        try stream.finish(into: &rows)
        try body(rows)
    }
}

/// What one pass over a file finds.
public struct FileSurvey: Sendable {
    /// Rows of the features.
    public let frames: Int

    /// What the normalisation needs to know of the whole recording.
    public let statistics: FeatureStatistics?

    /// What the file is.
    public let source: AudioFormat
}
