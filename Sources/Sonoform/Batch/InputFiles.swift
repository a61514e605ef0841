// The files of one input, from its conversion to their places.

import AtomicFiles
import Pictures
import PointClouds

#if canImport(Glibc)
    import Glibc
#endif

/// Converts one input into staged files, and moves them to their places when all of them are there.
struct InputFiles {
    private let run: BatchRun
    private let input: String
    private let worker: Int
    private let permit: ComputePermit
    private var staged: [(path: String, target: String)] = []

    init(run: BatchRun, input: String, worker: Int, permit: ComputePermit) {
        (self.run, self.input, self.worker, self.permit) = (run, input, worker, permit)
    }

    private var source: String { run.batch.directory + "/" + input }

    /// Converts the input; its record names the files as they will be below the output.
    mutating func convert() throws -> ConversionRecord {
        let options = run.batch.options
        if options.join {
            let joined = try run.pipeline.convertJoined(
                source, options: options.conversion, splitting: options.splitting)
            var scene = joined.scene
            let made = try write(&scene, as: input)
            var record = ConversionRecord(input: input, output: made.output, picture: made.picture, scene)
            if joined.utterances.count > 1 {
                record.utterances = joined.utterances.map { ConversionRecord.Utterance($0) }
            }
            return record
        }
        var alone: ConversionRecord?
        var utterances: [ConversionRecord.Utterance] = []
        var seconds = StageSeconds()
        try run.pipeline.convertUtterances(of: source, options: options.conversion, splitting: options.splitting) {
            utterance in
            if !utterance.isAlone, run.isStopping { throw Discarded() }
            defer { if utterance.index + 1 < utterance.count { permit.hold() } }
            guard case .success(var conversion) = utterance.outcome else {
                utterances.append(ConversionRecord.Utterance(utterance))
                return
            }
            let number = utterance.isAlone ? "" : "-" + utteranceNumber(utterance.index, of: utterance.count)
            let made = try write(&conversion, as: input + number)
            seconds.add(conversion.seconds)
            if utterance.isAlone {
                alone = ConversionRecord(input: input, output: made.output, picture: made.picture, conversion)
            } else {
                utterances.append(
                    ConversionRecord.Utterance(utterance, output: made.output, picture: made.picture))
            }
        }
        return alone
            ?? ConversionRecord(input: input, utterances: utterances, signals: options.signals, seconds: seconds)
    }

    private mutating func write(
        _ conversion: inout Conversion, as name: String
    ) throws -> (output: String, picture: String?) {
        let start = ContinuousClock.now
        let cloud = conversion.cloud
        let options = run.batch.options
        var picture: String?
        if options.picture {
            picture = try stage(name, ending: "png") { try CloudRenderer()(cloud).writePNG(to: $0) }
        }
        permit.release()
        let format = CloudFormat(rawValue: options.format) ?? .ply
        let output = try stage(name, ending: format.fileExtension) { try cloud.write(to: $0, format: format) }
        conversion.seconds.write = (ContinuousClock.now - start).inSeconds
        conversion.seconds.total += conversion.seconds.write
        return (output, picture)
    }

    private mutating func stage(_ name: String, ending: String, _ write: (String) throws -> Void) throws -> String {
        let target = "\(name).\(ending)"
        let path = run.staging.path(worker: worker, number: staged.count, ending: ending)
        staged.append((path, target))
        do {
            try write(path)
        } catch let error as FileWriteError {
            // The user knows the place, not the way to it.
            throw FileWriteError(path: run.batch.output + "/" + target, code: error.code)
        }
        return target
    }

    /// Puts the files in their places.
    mutating func move() throws(FileWriteError) -> [BatchRecord.File] {
        var files: [BatchRecord.File] = []
        for file in staged {
            guard let hash = ContentHash.ofFile(file.path) else {
                throw FileWriteError(path: run.batch.output + "/" + file.target, code: EIO)
            }
            try run.staging.move(file.path, to: file.target)
            files.append(BatchRecord.File(path: file.target, sha256: hash))
        }
        staged.removeAll()
        return files
    }

    /// Removes what was not moved.
    mutating func discard() {
        for file in staged { unlink(file.path) }
        staged.removeAll()
    }
}
