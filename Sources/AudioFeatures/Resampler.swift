// Sample-rate conversion with libsoxr, fed block by block.

import CSoxr

/// Converts a mono stream from one rate to another; the identity when they are equal.
struct Resampler: ~Copyable {
    private let soxr: soxr_t?
    private let ratio: Double
    private let path: String
    private var output: [Float] = []

    /// - Parameter expectedFrames: input frames to make room for; a hint.
    init(fromHz: Int, toHz: Int, path: String, expectedFrames: Int) throws(AudioFileError) {
        precondition(fromHz > 0 && toHz > 0, "sample rates are positive")
        self.path = path
        ratio = Double(toHz) / Double(fromHz)
        if fromHz == toHz {
            soxr = nil
        } else {
            var failure: soxr_error_t?
            var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
            // One thread: the caller decides how many recordings are read at once, and the result is the same bytes.
            var runtime = soxr_runtime_spec(1)
            guard let created = soxr_create(Double(fromHz), Double(toHz), 1, &failure, nil, &quality, &runtime)
            else { throw Self.failed(path, failure) }
            soxr = created
        }
        output.reserveCapacity(Int(Double(expectedFrames) * ratio) + 1024)
    }

    deinit {
        if let soxr { soxr_delete(soxr) }
    }

    /// Feeds a block `[n]`.
    mutating func append(_ block: [Float]) throws(AudioFileError) {
        guard soxr != nil else {
            output += block
            return
        }
        var start = 0
        while start < block.count {
            start += try process(block[start...])
        }
    }

    /// Ends the stream and gives everything that came out.
    consuming func finished() throws(AudioFileError) -> [Float] {
        if soxr != nil {
            var before = -1
            while output.count != before {
                before = output.count
                _ = try process(nil)
            }
        }
        return output
    }

    /// One call of soxr_process; nil input ends the stream. Gives the frames taken.
    private mutating func process(_ input: ArraySlice<Float>?) throws(AudioFileError) -> Int {
        let room = 4096 + Int(Double(input?.count ?? 0) * ratio)
        var taken = 0
        var failure: soxr_error_t?
        let made = [Float](unsafeUninitializedCapacity: room) { buffer, count in
            if let input {
                failure = input.withUnsafeBufferPointer { source in
                    soxr_process(soxr, source.baseAddress, source.count, &taken, buffer.baseAddress, room, &count)
                }
            } else {
                failure = soxr_process(soxr, nil, 0, nil, buffer.baseAddress, room, &count)
            }
        }
        if failure != nil { throw Self.failed(path, failure) }
        output += made
        return taken
    }

    private static func failed(_ path: String, _ failure: soxr_error_t?) -> AudioFileError {
        let message = failure.map { String(cString: $0) } ?? "no memory"
        return AudioFileError(.decodingFailed, path: path, expected: "libsoxr to resample", got: "\"\(message)\"")
    }
}
