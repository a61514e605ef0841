// Where a job's files go.

public import SystemPackage

/// A file that a job makes of a scene.
public enum JobFile: Sendable, Equatable {
    /// The cloud's picture.
    case picture
    /// The scene's JSON.
    case scene
    /// The cloud, or the surfaces, whose ending depends on the format; the last of a scene's files.
    case cloud(ending: String)

    /// What the file's name ends in, without the dot.
    public var ending: String {
        switch self {
        case .picture: "png"
        case .scene: "scene.json"
        case .cloud(let ending): ending
        }
    }
}

/// Takes the files of one input: at their places for `convert`, beside them until all are there for `batch`.
public protocol JobOutput {
    /// Is told of every utterance before its files are written; what it throws ends the job.
    mutating func begin(_ utterance: UtteranceConversion) throws

    /// Is told of every scene before its files are written.
    mutating func begin(_ scene: Scene)

    /// Has a file written, and gives its path as the record is to have it.
    ///
    /// - Parameters:
    ///   - file: which of the job's files it is.
    ///   - utterance: its index and how many there are; nil where the file is the whole input's.
    ///   - write: writes the file to a path.
    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath

    /// Is told that an utterance is done, before the next one is heard.
    mutating func end(_ utterance: UtteranceConversion)
}

extension JobOutput {
    /// Nothing to prepare.
    public mutating func begin(_ utterance: UtteranceConversion) throws {}

    /// The scene's file is enough.
    public mutating func begin(_ scene: Scene) {}

    /// Nothing to end.
    public mutating func end(_ utterance: UtteranceConversion) {}
}
