// MP3, M4A and others through the installed program ffmpeg, for those who ask for it.

#if canImport(Glibc)
    import Glibc
#endif
import AtomicFiles
import SystemPackage

/// One run of `ffmpeg` over a file that is open, with limits on what it reads, writes and takes.
///
/// It gets the opened file as its standard input and a list of arguments, so that no name of a file is ever read as an
/// option or an address. It may open local files and formats that hold sound themselves: no playlist leads it
/// elsewhere.
struct FFmpeg {
    let path: FilePath
    let limits: AudioLimits

    /// Formats that are sound in one file; none that names others.
    private static let formats = [
        "mp3", "aac", "mov", "matroska", "asf", "amr", "amrnb", "amrwb", "ac3", "eac3", "dts", "ogg", "wav", "w64",
        "aiff",
        "caf", "au", "flac", "ape", "wv", "tta", "mpc", "mpc8", "voc", "dsf", "mpeg", "mpegts", "flv", "avi", "loas",
    ].joined(separator: ",")

    /// Words that say that the end is missing; others are told and passed over.
    private static let cutWords = ["partial file", "truncated", "moov atom not found", "Truncating"]

    /// The sound as WAV of floats, and what ffmpeg said.
    ///
    /// - Throws: ``AudioFileError`` where ffmpeg is not installed, fails, or passes a limit.
    func decoded(
        _ input: ByteStorage
    ) throws(AudioFileError) -> (storage: ByteStorage, warnings: [RecordingWarning]) {
        do {
            let file = try file(input)
            // The file is closed with its owner, which the program would otherwise let go of before its last use.
            let output = try withExtendedLifetime(file) { try run(file.descriptor!) }
            guard output.status == 0 else {
                throw Refusal(.decodingFailed, expected: "a file that ffmpeg decodes", "\"\(output.words)\"")
            }
            if Self.cutWords.contains(where: output.words.contains) {
                throw Refusal(.truncated, expected: "a whole file", "\"\(output.words)\" of ffmpeg")
            }
            return (output.storage, output.words.isEmpty ? [] : [.decoder(output.words)])
        } catch let refusal as Refusal {
            throw AudioFileError(refusal.reason, path: path, expected: refusal.expected, got: refusal.got)
        } catch {
            let errno = error as? Errno ?? .ioError
            throw AudioFileError(.unreadable, path: path, expected: "ffmpeg to be run", got: "\"\(errno)\"")
        }
    }

    /// The input as a file, which ffmpeg can seek in.
    private func file(_ input: ByteStorage) throws -> ByteStorage {
        if input.descriptor != nil { return input }
        var spool = try Spool(limitBytes: .max)
        let view = ByteView(input)
        try view.bytes(at: 0, count: view.count).withUnsafeBytes { try spool.append($0) }
        return spool.storage()
    }

    private var arguments: [String] {
        [
            "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file",
            "-format_whitelist", Self.formats, "-i", "file:/dev/stdin", "-map", "0:a:0", "-vn", "-sn", "-dn",
            "-map_metadata", "-1", "-t", "\(limits.duration.inSeconds + 1)", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1",
        ]
    }

    private func run(_ input: FileDescriptor) throws -> (status: Int32, words: String, storage: ByteStorage) {
        let (output, outputEnd) = try FileDescriptor.pipe(options: .closeOnExec)
        let (messages, messagesEnd) = try FileDescriptor.pipe(options: .closeOnExec)
        defer {
            try? output.close()
            try? messages.close()
        }
        let child: pid_t
        do {
            defer {
                try? outputEnd.close()
                try? messagesEnd.close()
            }
            child = try spawn(input: input, output: outputEnd, messages: messagesEnd)
        }
        var isOver = false
        var status: Int32 = 0
        defer {
            if !isOver {
                kill(child, SIGKILL)
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
            }
        }
        let (storage, words) = try collect(output, messages)
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        isOver = true
        // The first line says what, the rest what follows from it; its head names an address in memory.
        let line = words.split(separator: "\n").first.map(String.init) ?? ""
        let told = line.hasPrefix("[") ? line.drop { $0 != "]" }.dropFirst() : line[...]
        return (
            status, String(told.drop { $0 == " " }.prefix(200)).replacing("file:/dev/stdin: ", with: "").printable,
            storage
        )
    }

    /// Reads both pipes to their ends.
    private func collect(_ output: FileDescriptor, _ messages: FileDescriptor) throws -> (ByteStorage, String) {
        // Floats of as many channels and frames a second as are read at all.
        let most = min(
            limits.spooledBytes, 4 * limits.channels.upperBound * limits.sampleRatesHz.upperBound * 3_600 * 24)
        var spool = try Spool(limitBytes: most)
        var words: [UInt8] = []
        let deadline = ContinuousClock.now + limits.decodingTime
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { room.deallocate() }
        var open = [
            pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: messages.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        while open.contains(where: { $0.fd >= 0 }) {
            let left = (deadline - ContinuousClock.now).inSeconds
            guard left > 0 else {
                throw Refusal(
                    .outsideLimits, expected: "ffmpeg to decode it within \(Int(limits.decodingTime.inSeconds)) s",
                    "no end")
            }
            let ready = poll(&open, nfds_t(open.count), Int32(min(left * 1_000, 1_000).rounded(.up)))
            if ready < 0, errno != EINTR { throw Errno(rawValue: errno) }
            guard ready > 0 else { continue }
            for index in open.indices where open[index].revents != 0 {
                let got = try FileDescriptor(rawValue: open[index].fd).read(into: room)
                let bytes = UnsafeRawBufferPointer(rebasing: room[..<got])
                if got == 0 {
                    open[index].fd = -1
                } else if index == 0 {
                    try spool.append(bytes)
                } else {
                    words += bytes.prefix(max(0, 4_096 - words.count))
                }
            }
        }
        return (spool.storage(), String(decoding: words, as: UTF8.self))
    }

    private func spawn(input: FileDescriptor, output: FileDescriptor, messages: FileDescriptor) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Only these three go on: everything else of this program is closed by its own flag.
        posix_spawn_file_actions_adddup2(&actions, input.rawValue, 0)
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, messages.rawValue, 2)
        var child: pid_t = 0
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let code = withStrings(arguments) { arguments in
            withStrings(["PATH=\(path)", "LC_ALL=C"]) { environment in
                posix_spawnp(&child, "ffmpeg", &actions, nil, arguments, environment)
            }
        }
        if code == ENOENT {
            throw Refusal(.formatNotAllowed, expected: "the program ffmpeg to be installed", "none in PATH")
        }
        guard code == 0 else { throw Errno(rawValue: code) }
        return child
    }
}

/// Texts as C's list of them, for the time of a call.
private func withStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let list = texts.map { strdup($0) }
    defer { list.forEach { free($0) } }
    return body(list + [nil])
}
