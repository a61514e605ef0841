// Where live sound comes from: a recorder that is run, or the standard input.

import AtomicFiles
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Sound that somebody makes now.
struct LiveSound {
    /// What errors call it.
    let name: FilePath
    /// Where its bytes come from.
    let descriptor: FileDescriptor
    /// The recorder's process; nil for the standard input.
    private let recorder: pid_t?

    /// What records, in the order in which it is looked for, with its arguments.
    private static func recorders(rateHz: Int, device: String?) -> [[String]] {
        let alsa = ["arecord", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "\(rateHz)"]
        let pipeWire = ["pw-record", "--format", "s16", "--channels", "1", "--rate", "\(rateHz)"]
        return [
            alsa + (device.map { ["-D", $0] } ?? []),
            pipeWire + (device.map { ["--target", $0] } ?? []) + ["-"],
        ]
    }

    /// Opens the standard input ("-"), or starts the first recorder that is installed.
    init(_ source: String?, device: String?, rateHz: Int) throws(CommandError) {
        guard source == nil else {
            guard isatty(STDIN_FILENO) == 0 else {
                throw CommandError(source: "-", expected: "sound through a pipe", got: "a terminal")
            }
            (name, descriptor, recorder) = ("-", .standardInput, nil)
            return
        }
        for arguments in Self.recorders(rateHz: rateHz, device: device) {
            do {
                guard let started = try Self.start(arguments) else { continue }
                (descriptor, recorder) = started
                name = FilePath(arguments[0])
                return
            } catch {
                throw CommandError(source: arguments[0], expected: "a program that can be run", got: "\"\(error)\"")
            }
        }
        throw CommandError(
            source: "microphone",
            expected: "arecord or pw-record to be installed (apt install alsa-utils, or pipewire-bin)",
            got: "neither in PATH")
    }

    /// Starts a program whose output is read; nil where it is not installed.
    private static func start(_ arguments: [String]) throws(Errno) -> (FileDescriptor, pid_t)? {
        let (output, outputEnd) = try FileDescriptor.pipe(options: .closeOnExec)
        defer { try? outputEnd.close() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        // Its errors are the user's: which device there is none of.
        posix_spawn_file_actions_adddup2(&actions, outputEnd.rawValue, 1)
        var child: pid_t = 0
        let list = arguments.map { strdup($0) }
        defer { list.forEach { free($0) } }
        // With all of the environment, where a desktop's sound server is named.
        let code = posix_spawnp(&child, arguments[0], &actions, nil, list + [nil], environ)
        guard code == 0 else {
            try? output.close()
            if code == ENOENT { return nil }
            throw Errno(rawValue: code)
        }
        return (output, child)
    }

    /// Ends the recorder.
    func end() {
        guard let recorder else { return }
        kill(recorder, SIGTERM)
        try? descriptor.close()
        var status: Int32 = 0
        while waitpid(recorder, &status, 0) < 0, errno == EINTR {}
    }

    /// Throws where the recorder ended by itself with an error.
    func checkEnd() throws(CommandError) {
        guard let recorder else { return }
        var information = siginfo_t()
        // Left to be waited for, so that its number stays its own.
        guard waitid(P_PID, id_t(recorder), &information, WEXITED | WNOWAIT) == 0 else { return }
        let status = information._sifields._sigchld.si_status
        guard status != 0 else { return }
        throw CommandError(source: name.printable, expected: "a recorder that goes on", got: "exit code \(status)")
    }
}
