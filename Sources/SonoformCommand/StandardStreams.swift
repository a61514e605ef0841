// What the program says: whole lines, at once, and an error where they do not arrive.

import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Writes lines to the standard output; ends the program with exit code 1 where they cannot be written.
///
/// Not buffered: a reader of a pipe sees a line when it is there, and a full disk is noticed.
func say(_ lines: String) { say(piece: lines + "\n") }

/// As ``say(_:)``, for text that goes on in the same line.
func say(piece: String) {
    do {
        try write(piece, to: .standardOutput)
    } catch {
        report("sonoform: standard output: cannot be written: \(error)")
        exit(1)
    }
}

/// Writes a line to standard error.
func report(_ line: String) {
    try? write(line + "\n", to: .standardError)
}

/// Reports an error as one line, "sonoform: …".
func report(_ error: any Error) {
    report("sonoform: \(error)")
}

/// Opens the standard streams that the parent closed, so that no file of ours gets their number and with it what is
/// said: they take and give nothing, and reading or writing them fails as before.
func occupyClosedStreams() {
    // In this order: the lowest free number is given out.
    for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(number, F_GETFD) < 0 {
        _ = open("/dev/null", mode)
    }
}

private func write(_ text: String, to descriptor: FileDescriptor) throws {
    _ = try descriptor.writeAll(text.utf8)
}
