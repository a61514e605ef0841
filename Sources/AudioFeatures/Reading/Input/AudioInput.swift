// A recording that has been opened: a file, what came through a pipe, or bytes in memory.

#if canImport(Glibc)
    import Glibc
#endif
import AtomicFiles
public import SystemPackage

/// An opened recording, which can be read any number of times, from several threads.
///
/// Opened once and read from there, so that what was looked at is what is decoded. What cannot be read twice (a pipe)
/// is first copied to a file without a name, which is gone with its owner, however the program ends.
public final class AudioInput: Sendable {
    /// The recording as errors name it.
    public let path: FilePath

    let bytes: ByteView
    let layout: AudioLayout

    /// Opens a file, a named pipe, `/dev/stdin` or what a shell's `<(…)` gives.
    ///
    /// A named pipe waits for somebody to write to it. What the package does not decode itself goes through `ffmpeg`
    /// where `options.decoder` asks for it.
    ///
    /// - Throws: ``AudioFileError``, which names the file, what was expected and what was got.
    public convenience init(opening path: FilePath, _ options: ReadingOptions = ReadingOptions()) throws(AudioFileError)
    {
        try self.init(try FileOpening.opened(path, options), path, options)
    }

    /// What comes through the standard input, to its end.
    ///
    /// - Throws: ``AudioFileError``, under the name `/dev/stdin`.
    public static func standardInput(_ options: ReadingOptions = ReadingOptions()) throws(AudioFileError) -> AudioInput
    {
        let path: FilePath = "/dev/stdin"
        return try AudioInput(FileOpening.standardInput(path, options), path, options)
    }

    /// A file's bytes that are in memory; `name` stands for them in errors.
    ///
    /// - Throws: ``AudioFileError``.
    public convenience init(
        bytes: some Sequence<UInt8>, name: FilePath = "memory", _ options: ReadingOptions = ReadingOptions()
    ) throws(AudioFileError) {
        let bytes = Array(bytes)
        guard !bytes.isEmpty else {
            throw AudioFileError(.empty, path: name, expected: wantedFile, got: "no bytes")
        }
        try self.init(ByteStorage(bytes), name, options)
    }

    private init(_ storage: ByteStorage, _ path: FilePath, _ options: ReadingOptions) throws(AudioFileError) {
        self.path = path
        let bytes = ByteView(storage)
        do throws(AudioFileError) {
            layout = try AudioLayout(bytes, path: path)
            self.bytes = bytes
        } catch {
            guard options.decoder == .ffmpeg, error.reason == .notAudio || error.reason == .formatNotAllowed
            else { throw error }
            let decoded = try FFmpeg(path: path, limits: options.limits).decoded(storage)
            self.bytes = ByteView(decoded.storage)
            layout = try AudioLayout(self.bytes, path: path)
                .decoded(from: error.got, warnings: decoded.warnings)
        }
    }
}

/// What a recording can be read from: a path as text or as bytes, or an ``AudioInput`` that is open already.
///
/// Where one recording is read more than once, or comes through a pipe, it is opened once and the input passed on.
public protocol RecordingSource {
    /// The opened recording.
    func opened(_ options: ReadingOptions) throws(AudioFileError) -> AudioInput
}

extension AudioInput: RecordingSource {
    /// Itself.
    public func opened(_ options: ReadingOptions) throws(AudioFileError) -> AudioInput { self }
}

extension FilePath: RecordingSource {
    /// The file at this path.
    public func opened(_ options: ReadingOptions) throws(AudioFileError) -> AudioInput {
        try AudioInput(opening: self, options)
    }
}

extension String: RecordingSource {
    /// The file at this path.
    public func opened(_ options: ReadingOptions) throws(AudioFileError) -> AudioInput {
        try AudioInput(opening: FilePath(self), options)
    }
}

/// What is expected of a file, in the words of an error.
let wantedFile = "an audio file"

/// Whether there is a file with sound at `path`, which nobody wants to lose: also one that is cut off, or of a format
/// that this package does not read.
public func holdsRecording(_ path: FilePath) -> Bool {
    guard (try? Stat(path))?.type == .regular else { return false }
    do throws(AudioFileError) {
        _ = try AudioInput(opening: path)
        return true
    } catch {
        return switch error.reason {
        case .formatNotAllowed, .outsideLimits, .truncated, .noSamples, .notFinite, .decodingFailed: true
        case .missing, .notAFile, .noPermission, .unreadable, .empty, .notAudio: false
        }
    }
}
