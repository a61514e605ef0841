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

    /// By how much less than the file promises may come: encoders count what they add at the ends in different ways.
    private static let toleratedSeconds = 0.1
    /// As much as is kept of what ffmpeg says, tags of the file among it.
    private static let longestReport = 1 << 20

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
            let report = output.report
            guard output.status == 0 else {
                throw Refusal(
                    .decodingFailed, expected: "a file that ffmpeg decodes", "\"\(report.errors.first ?? "no reason")\""
                )
            }
            if let cut = report.cut { throw Refusal(.truncated, expected: "a whole file", "\"\(cut)\" of ffmpeg") }
            try requireWhole(output.storage, report)
            return (output.storage, report.errors.first.map { [.decoder($0)] } ?? [])
        } catch let refusal as Refusal {
            throw AudioFileError(refusal.reason, path: path, expected: refusal.expected, got: refusal.got)
        } catch {
            let errno = error as? Errno ?? .ioError
            throw AudioFileError(.unreadable, path: path, expected: "ffmpeg to be run", got: "\"\(errno)\"")
        }
    }

    /// Throws where less sound came than the file promises, though ffmpeg found no fault.
    private func requireWhole(_ sound: ByteStorage, _ report: FFmpegReport) throws {
        // ffmpeg's own WAV: a head of 80 bytes or so, and how many bytes a second has, at 28.
        let head = ByteView(sound).bytes(at: 28, count: 4)
        let bytesPerSecond = head.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard let promised = report.promisedSeconds, bytesPerSecond > 0 else { return }
        let wanted = min(promised, limits.duration.inSeconds)
        let got = Double(max(0, sound.count - 80)) / Double(bytesPerSecond)
        guard got < wanted - Self.toleratedSeconds else { return }
        func shown(_ seconds: Double) -> String { "\((seconds * 100).rounded() / 100) s" }
        throw Refusal(
            .truncated, expected: "\(shown(wanted)) of sound, as the file says", "\(shown(got)) (the file is truncated)"
        )
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
            "ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", "-protocol_whitelist", "file",
            "-format_whitelist", Self.formats, "-i", "file:/dev/stdin", "-map", "0:a:0", "-vn", "-sn", "-dn",
            "-map_metadata", "-1", "-t", "\(limits.duration.inSeconds + 1)", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1",
        ]
    }

    private func run(_ input: FileDescriptor) throws -> (status: Int32, report: FFmpegReport, storage: ByteStorage) {
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
        return (status, FFmpegReport(words), storage)
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
                    words += bytes.prefix(max(0, Self.longestReport - words.count))
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
        // Bytes: folders of programs need not have names in UTF-8.
        let folders = getenv("PATH").map { FilePath(platformString: $0).bytes }
        let path = folders ?? Array("/usr/local/bin:/usr/bin:/bin".utf8)
        let code = withStrings(arguments.map { Array($0.utf8) }) { arguments in
            withStrings([Array("PATH=".utf8) + path, Array("LC_ALL=C".utf8)]) { environment in
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
    _ texts: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let list = texts.map { text in
        (text + [0]).withUnsafeBytes { strdup($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
    }
    defer { list.forEach { free($0) } }
    return body(list + [nil])
}
