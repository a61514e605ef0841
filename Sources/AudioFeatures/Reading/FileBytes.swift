// A file descriptor that is known to be a regular file, read by position: what sniffing a header needs.

import Glibc

/// An open regular file.
///
/// Opened once and handed to libsndfile as it is, so that the file that was looked at is the file that is decoded.
struct FileBytes: ~Copyable {
    let descriptor: Int32
    let count: Int

    /// Opens `path`, refusing what is not a non-empty regular file.
    init(path: String) throws(AudioFileError) {
        let wanted = "an audio file"
        // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else {
            let code = errno
            let reason: AudioFileError.Reason =
                switch code {
                case ENOENT, ENOTDIR: .missing
                case EACCES, EPERM: .noPermission
                default: .unreadable
                }
            throw AudioFileError(reason, path: path, expected: wanted, got: "\"\(message(of: code))\"")
        }
        var status = stat()
        guard fstat(opened, &status) == 0 else {
            let code = errno
            close(opened)
            throw AudioFileError(.unreadable, path: path, expected: wanted, got: "\"\(message(of: code))\"")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device, pipe or socket"
            throw AudioFileError(.notAFile, path: path, expected: wanted, got: kind)
        }
        guard status.st_size > 0 else {
            close(opened)
            throw AudioFileError(.empty, path: path, expected: wanted, got: "an empty file")
        }
        descriptor = opened
        count = Int(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// Up to `length` bytes from `offset`; fewer at the end of the file.
    func bytes(at offset: Int, count length: Int) -> [UInt8] {
        guard offset >= 0, offset < count else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            filled = 0
            while filled < length {
                let got = pread(descriptor, buffer.baseAddress! + filled, length - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                filled += got
            }
        }
    }
}

/// What the system says about an error number, such as "No such file or directory".
private func message(of code: Int32) -> String {
    // strerror's buffer is shared between threads, strerror_r's is not.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard strerror_r(code, buffer.baseAddress!, buffer.count) == 0 else { return "error \(code)" }
        return String(cString: buffer.baseAddress!)
    }
}
