// The recordings below a folder.

import AtomicFiles
public import SystemPackage

/// What a folder holds for a batch: recordings by their ending, in the order of their paths' bytes.
///
/// Hidden files and folders are left alone, and so are links that lead out of the folder and links to folders (what
/// lies inside is found under its own path), unless `selection` says otherwise. What was passed over is counted.
public struct BatchInputs: Sendable, Equatable {
    /// The recordings' paths below the folder.
    public private(set) var paths: [FilePath] = []
    /// Folders that could not be read, with the system's words.
    public private(set) var unreadable: [FilePath: String] = [:]
    /// What was passed over, by why, and how often.
    public private(set) var passedOver: [String: Int] = [:]

    /// The endings of recordings; what else lies in the folder is none, unless another decoder reads it.
    static let endings: Set<String> = [
        "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "flac", "ogg", "oga", "opus",
    ]
    /// The endings of what `ffmpeg` is asked to decode.
    static let decodedEndings: Set<String> = ["mp3", "m4a", "aac", "mp4", "webm", "wma", "amr", "3gp", "mka", "ac3"]

    private let root: FilePath
    private let output: FilePath?
    private let selection: InputSelection

    /// - Parameters:
    ///   - directory: the folder of recordings.
    ///   - output: a folder that is not an input should it lie inside `directory`.
    ///   - selection: which of what is there is wanted.
    /// - Throws: ``BatchError`` when `directory` cannot be read.
    public init(
        directory: FilePath, output: FilePath, selection: InputSelection = InputSelection()
    ) throws(BatchError) {
        func refused(_ got: String) -> BatchError {
            BatchError(source: directory.printable, expected: "a folder of recordings", got: got)
        }
        guard let root = realPath(directory) else { throw refused("\"\(Errno.noSuchFileOrDirectory)\"") }
        (self.root, self.output, self.selection) = (root, realPath(output), selection)
        if let files = selection.files {
            for file in files { take(listed: file) }
        } else {
            do { try look(in: FilePath(), through: []) } catch { throw refused("\"\(error)\"") }
        }
        paths.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Keeps the inputs of one part.
    mutating func keep(_ shard: Shard) {
        paths.removeAll { !shard.contains($0) }
        unreadable = unreadable.filter { shard.contains($0.key) }
    }

    /// Keeps those inputs that are among `wanted`.
    mutating func keep(only wanted: Set<FilePath>) {
        paths.removeAll { !wanted.contains($0) }
        unreadable = unreadable.filter { wanted.contains($0.key) }
    }

    private mutating func passOver(_ why: String) { passedOver[why, default: 0] += 1 }

    /// Looks into a folder below the root; `parents` are the folders that led to it, for links that lead in circles.
    private mutating func look(in folder: FilePath, through parents: Set<FileIdentity>) throws(Errno) {
        let identity = FileIdentity(root.pushing(folder))
        if let identity, parents.contains(identity) { return passOver("links that lead in a circle") }
        let parents = identity.map { parents.union([$0]) } ?? parents
        for name in try FolderListing.names(in: root.pushing(folder)) where name.bytes.first != UInt8(ascii: ".") {
            let relative = folder.appending(name)
            switch (try? Stat(root.pushing(relative), followTargetSymlink: false))?.type {
            case .directory: lookBelow(relative, through: parents)
            case .symbolicLink: follow(relative, through: parents)
            case .regular: take(relative)
            case nil: passOver("files that went away")
            default: passOver("files that are neither regular nor links")
            }
        }
    }

    private mutating func lookBelow(_ folder: FilePath, through parents: Set<FileIdentity>) {
        guard realPath(root.pushing(folder)) != output || output == root else { return }
        do { try look(in: folder, through: parents) } catch { unreadable[folder] = "\(error)" }
    }

    private mutating func follow(_ link: FilePath, through parents: Set<FileIdentity>) {
        guard let target = realPath(root.pushing(link)), let status = try? Stat(target) else {
            return passOver("links that lead nowhere")
        }
        let leadsInside = target.starts(with: root) && !(output.map { $0 != root && target.starts(with: $0) } ?? false)
        switch status.type {
        case .regular where leadsInside || selection.followsLinks: take(link)
        case .regular: passOver("links that lead out of the folder (--follow-links takes them)")
        case .directory where selection.followsLinks: lookBelow(link, through: parents)
        case .directory: if !leadsInside { passOver("links to folders (--follow-links takes them)") }
        default: passOver("files that are neither regular nor links")
        }
    }

    /// Takes a file if it is a recording that is wanted.
    private mutating func take(_ file: FilePath) {
        let ending = file.lastComponent?.ending ?? ""
        guard Self.endings.contains(ending) || (selection.decodesOthers && Self.decodedEndings.contains(ending)) else {
            return passOver(ending.isEmpty ? "files without an ending" : "files that end in .\(ending)")
        }
        guard selection.wants(file) else { return passOver("recordings that are not asked for") }
        paths.append(file)
    }

    /// Takes a file that was named, whatever it ends in: below the folder, by its own path or by that below the folder.
    private mutating func take(listed file: FilePath) {
        var relative = file
        if file.isAbsolute {
            guard let resolved = realPath(file), resolved.starts(with: root) else {
                return passOver("listed files outside of the folder")
            }
            relative = resolved
            _ = relative.removePrefix(root)
        }
        relative = relative.lexicallyNormalized()
        guard relative.components.first?.kind != .parentDirectory else {
            return passOver("listed files outside of the folder")
        }
        if !paths.contains(relative) { paths.append(relative) }
    }
}

/// Which files below a folder a batch takes.
public struct InputSelection: Sendable, Equatable {
    /// Whether links that lead out of the folder, and links to folders, are followed.
    public var followsLinks = false
    /// Exactly these files below the folder; nil for all that are found.
    public var files: [FilePath]?
    /// Patterns of which a file must match one, where there are any: `*.wav`, `speaker-?/*`.
    public var includes: [String] = []
    /// Patterns of which a file must match none.
    public var excludes: [String] = []
    /// Whether files that only another decoder reads (MP3, M4A) count as recordings.
    public var decodesOthers = false

    /// Everything that is a recording.
    public init() {}

    /// Patterns without a slash are held against the name, others against the whole path below the folder.
    func wants(_ file: FilePath) -> Bool {
        func matches(_ pattern: String) -> Bool {
            let name = file.lastComponent.map { FilePath(root: nil, components: $0) }
            return (pattern.contains("/") ? file : name ?? file).matches(pattern)
        }
        return (includes.isEmpty || includes.contains(where: matches)) && !excludes.contains(where: matches)
    }
}

/// A batch that cannot go on: what, what was expected, what was got.
public struct BatchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file or folder.
    public let source: String
    /// What was expected.
    public let expected: String
    /// What was got.
    public let got: String

    /// One line.
    public var description: String { "\(source): expected \(expected), got \(got)" }
}
