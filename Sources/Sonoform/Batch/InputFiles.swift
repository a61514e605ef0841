// The files of one input of a batch, from its conversion to their places.

import AtomicFiles
import SystemPackage

/// Takes one input's files in the staging folder, and moves them to their places when all of them are there.
struct InputFiles: JobOutput {
    private let run: BatchRun
    private let input: FilePath
    private let worker: Int
    private let permit: ComputePermit
    private var staged: [(path: FilePath, target: FilePath)] = []

    init(run: BatchRun, input: FilePath, worker: Int, permit: ComputePermit) {
        (self.run, self.input, self.worker, self.permit) = (run, input, worker, permit)
    }

    mutating func begin(_ utterance: UtteranceConversion) throws {
        if !utterance.isAlone, run.isStopping { throw Discarded() }
    }

    mutating func end(_ utterance: UtteranceConversion) {
        if utterance.index + 1 < utterance.count { permit.hold() }
    }

    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath {
        // All computing is done when the cloud, the last of a scene's files, is written.
        if case .cloud = file { permit.release() }
        let number = utterance.map { "-" + utteranceNumber($0.index, of: $0.count) } ?? ""
        let target = input.removingLastComponent().appending(
            name: input.lastComponent?.bytes ?? [], ending: "\(number).\(file.ending)")
        let path = run.staging.path(worker: worker, number: staged.count, ending: file.ending)
        staged.append((path, target))
        do {
            try write(path)
        } catch let error as FileWriteError {
            // The user knows the place, not the way to it.
            throw FileWriteError(path: run.batch.output.pushing(target), errno: error.errno)
        }
        return target
    }

    /// Puts the files in their places.
    mutating func move() throws -> [BatchRecord.File] {
        var files: [BatchRecord.File] = []
        for file in staged {
            guard let hash = ContentHash.ofFile(file.path) else {
                throw FileWriteError(path: run.batch.output.pushing(file.target), errno: .ioError)
            }
            try run.staging.move(file.path, to: file.target)
            files.append(BatchRecord.File(path: file.target.text, sha256: hash))
        }
        staged.removeAll()
        return files
    }

    /// Removes what was not moved.
    mutating func discard() {
        for file in staged { file.path.unlink() }
        staged.removeAll()
    }
}
