// One input to its files: what `convert` does with each of its inputs, and `batch` with each of its recordings.

import AtomicFiles
public import AudioFeatures
import FoundationEssentials
import Pictures
import PointClouds
import Surfaces
public import SystemPackage

/// Converts inputs, one at a time, into the files that its options ask for.
public struct ConversionJob: Sendable {
    /// What a job converts.
    public enum Input: Sendable {
        /// A recording on disk or from a named pipe.
        case recording(FilePath)
        /// A recording that comes through the standard input.
        case standardInput
        /// One utterance in memory, and what it is called.
        case sound(Recording, name: String)
        /// A written description.
        case text(String)
        /// A scene, and what its file is called.
        case scene(Scene, name: String)

        /// What records call it.
        public var name: String {
            switch self {
            case .recording(let path): path.text
            case .standardInput: "-"
            case .text(let text): text
            case .scene(_, let name), .sound(_, let name): name
            }
        }
    }

    /// What converts.
    public let pipeline: Pipeline
    /// What is made.
    public let options: JobOptions

    /// A job; throws ``SonoformError`` for options that the pipeline does not have.
    public init(_ pipeline: Pipeline, _ options: JobOptions) throws(SonoformError) {
        try pipeline.check(options.conversion)
        (self.pipeline, self.options) = (pipeline, options)
    }

    /// Converts an input.
    ///
    /// - Parameters:
    ///   - input: what is converted.
    ///   - name: what the record calls the input; nil for its own name.
    ///   - output: takes the files.
    /// - Returns: what was heard and made; of a recording with several utterances also which of them failed, and why.
    /// - Throws: ``SonoformError`` when nothing could be made, and what `output` throws.
    public func run(
        _ input: Input, as name: String? = nil, to output: inout some JobOutput
    ) throws -> ConversionRecord {
        let name = name ?? input.name
        switch input {
        case .text(let text):
            return try written(try pipeline.convert(text: text, options: options.made), as: name, to: &output)
        case .sound(let recording, let source):
            let conversion = try pipeline.convert(recording, source: source, options: options.made)
            return try written(conversion, as: name, to: &output)
        case .scene(let scene, let source):
            let conversion = try pipeline.convert(scene, source: source, options: options.made)
            return try written(conversion, as: name, to: &output)
        case .recording(let path):
            return try heard(path, as: name, to: &output)
        case .standardInput:
            let input: AudioInput
            do { input = try .standardInput(options.reading) } catch { throw SonoformError(error) }
            return try heard(input, as: name, to: &output)
        }
    }

    private func heard(
        _ recording: some RecordingSource, as name: String, to output: inout some JobOutput
    ) throws -> ConversionRecord {
        options.joins
            ? try joined(recording, as: name, to: &output) : try apart(recording, as: name, to: &output)
    }

    private func written(
        _ conversion: Conversion, as name: String, to output: inout some JobOutput
    ) throws -> ConversionRecord {
        var conversion = conversion
        let files = try write(&conversion, of: nil, to: &output)
        return ConversionRecord(input: name, files: files, conversion)
    }

    /// All utterances as one scene.
    private func joined(
        _ recording: some RecordingSource, as name: String, to output: inout some JobOutput
    ) throws -> ConversionRecord {
        let joined = try pipeline.convertJoined(
            recording, reading: options.reading, options: options.made, splitting: options.splitting)
        var record = try written(joined.conversion, as: name, to: &output)
        record.note(joined.warnings)
        guard joined.utterances.count > 1 else { return record }
        // Their words have times of their own.
        record.words = nil
        var objects = joined.conversion.objects[...]
        record.utterances = joined.utterances.map { utterance in
            let scene = try? utterance.outcome.get()
            let own = objects.prefix(scene?.count ?? 0)
            objects = objects.dropFirst(own.count)
            return ConversionRecord.Utterance(
                utterance, objects: Array(own), description: scene.map(pipeline.language.description) ?? "")
        }
        return record
    }

    /// A cloud for each utterance.
    private func apart(
        _ recording: some RecordingSource, as name: String, to output: inout some JobOutput
    ) throws -> ConversionRecord {
        var alone: ConversionRecord?
        var utterances: [ConversionRecord.Utterance] = []
        var seconds = StageSeconds()
        let warnings = try pipeline.convertUtterances(
            of: recording, reading: options.reading, options: options.made, splitting: options.splitting
        ) { utterance in
            try output.begin(utterance)
            defer { output.end(utterance) }
            guard case .success(var conversion) = utterance.outcome else {
                utterances.append(ConversionRecord.Utterance(utterance))
                return
            }
            let place = utterance.isAlone ? nil : (index: utterance.index, count: utterance.count)
            let files = try write(&conversion, of: place, to: &output)
            seconds.add(conversion.seconds)
            if utterance.isAlone {
                alone = ConversionRecord(input: name, files: files, conversion)
            } else {
                utterances.append(ConversionRecord.Utterance(utterance, files: files))
            }
        }
        var record =
            alone
            ?? ConversionRecord(
                input: name, utterances: utterances, signals: options.conversion.signals, seconds: seconds)
        record.note(warnings)
        return record
    }

    private func write(
        _ conversion: inout Conversion, of utterance: (index: Int, count: Int)?, to output: inout some JobOutput
    ) throws -> ConversionRecord.Files {
        let start = ContinuousClock.now
        let (cloud, scene, surface) = (conversion.cloud, conversion.scene, conversion.surface)
        output.begin(scene)
        var files = ConversionRecord.Files()
        var counts: [Int] = []
        if options.picture {
            files.picture = try output.write(.picture, of: utterance) { path in
                let picture = surface.map { CloudRenderer()($0) } ?? CloudRenderer()(cloud)
                try picture.writePNG(to: path)
            }.text
        }
        if options.sceneJSON {
            files.scene = try output.write(.scene, of: utterance) {
                try AtomicFile.write(scene.json(), to: $0)
            }.text
        }
        files.output = try output.write(.cloud(ending: options.fileExtension), of: utterance) {
            if let surface {
                let millimetres = options.conversion.surface?.millimetres
                try surface.write(to: $0, format: options.surfaceFormat ?? .glb, millimetres: millimetres)
            } else if options.streamsPoints {
                counts = try pipeline.writePoints(
                    of: scene, source: "scene", options: options.conversion, format: options.format, to: $0)
            } else {
                try cloud.write(to: $0, format: options.format)
            }
        }.text
        for (index, count) in counts.enumerated() { conversion.objects[index].points = count }
        let elapsed = (ContinuousClock.now - start).inSeconds
        conversion.seconds.write = elapsed
        conversion.seconds.total += elapsed
        return files
    }
}
