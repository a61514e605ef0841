// The files of one input of a batch or of a worker, from its conversion to their places.

import AtomicFiles
import SystemPackage

/// Takes one input's files in the staging folder, and moves them to their places when all of them are there.
struct InputFiles: JobOutput {
    private let staging: Staging
    private let stem: FilePath
    private let owner: String
    private let permit: ComputePermit?
    private let isStopping: () -> Bool
    private var staged: [(path: FilePath, target: FilePath)] = []

    /// - Parameters:
    ///   - staging: where files are made.
    ///   - stem: what they are named after, below the output.
    ///   - owner: whose files they are while they are made.
    ///   - permit: the leave to compute, which is given back while files reach the disk.
    ///   - isStopping: whether to give up before the next of several utterances.
    init(
        in staging: Staging, stem: FilePath, owner: String, permit: ComputePermit? = nil,
        isStopping: @escaping () -> Bool = { false }
    ) {
        (self.staging, self.stem, self.owner, self.permit) = (staging, stem, owner, permit)
        self.isStopping = isStopping
    }

    mutating func begin(_ utterance: UtteranceConversion) throws {
        if !utterance.isAlone, isStopping() { throw Discarded() }
    }

    mutating func end(_ utterance: UtteranceConversion) {
        if utterance.index + 1 < utterance.count { permit?.hold() }
    }

    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath {
        // All computing is done when the cloud, the last of a scene's files, is written.
        if case .cloud = file { permit?.release() }
        let number = utterance.map { "-" + utteranceNumber($0.index, of: $0.count) } ?? ""
        let target = stem.removingLastComponent().appending(
            name: stem.lastComponent?.bytes ?? [], ending: "\(number).\(file.ending)")
        let path = staging.path(owner: owner, number: staged.count, ending: file.ending)
        staged.append((path, target))
        do {
            try write(path)
        } catch let error as FileWriteError {
            // The user knows the place, not the way to it.
            throw FileWriteError(path: staging.output.pushing(target), errno: error.errno)
        }
        return target
    }

    /// Puts the files in their places.
    mutating func move() throws -> [BatchRecord.File] {
        var files: [BatchRecord.File] = []
        for file in staged {
            guard let hash = ContentHash.ofFile(file.path) else {
                throw FileWriteError(path: staging.output.pushing(file.target), errno: .ioError)
            }
            try staging.move(file.path, to: file.target)
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

extension ConversionJob {
    /// Converts a recording that must stay as it was; throws ``BatchError`` for one that changed.
    func run(
        _ recording: FilePath, as name: String, unchangedSince before: FileState, to files: inout InputFiles
    ) throws -> ConversionRecord {
        let record = try run(.recording(recording), as: name, to: &files)
        guard FileState(recording) == before else {
            throw BatchError(
                source: recording.printable, expected: "a recording that stays as it is",
                got: "one that changed while it was read")
        }
        return record
    }
}
