// Features of files longer than memory: read in blocks, streamed, normalised at the end.

extension FeatureExtractor {
    /// A file's features `[T, F]`, and what the file is; only the features are held in memory.
    ///
    /// The rate is that of the configuration, whatever the options say.
    ///
    /// - Throws: ``AudioFileError`` for the file, ``SpectrogramError`` when it is too short.
    public func callAsFunction(
        contentsOf path: String, _ options: ReadingOptions = ReadingOptions()
    ) throws -> (features: FeatureMatrix, source: AudioFormat) {
        var options = options
        options.sampleRateHz = configuration.sampleRateHz
        var blocks = try RecordingBlocks(contentsOf: path, options)
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
}
