// Sample-rate conversion with libsoxr, fed block by block.

import CSoxr
import SystemPackage

/// Converts a mono stream from one rate to another; the identity when they are equal.
struct Resampler: ~Copyable {
    private let soxr: soxr_t?
    private let ratio: Double
    private let path: FilePath

    init(fromHz: Int, toHz: Int, quality: ResamplingQuality, path: FilePath) throws(AudioFileError) {
        precondition(fromHz > 0 && toHz > 0, "sample rates are positive")
        self.path = path
        ratio = Double(toHz) / Double(fromHz)
        if fromHz == toHz {
            soxr = nil
        } else {
            var failure: soxr_error_t?
            var quality = soxr_quality_spec(quality.recipe, 0)
            // One thread: the caller decides how many recordings are read at once, and the result is the same bytes.
            var runtime = soxr_runtime_spec(1)
            guard let created = soxr_create(Double(fromHz), Double(toHz), 1, &failure, nil, &quality, &runtime)
            else { throw Self.failed(path, failure) }
            soxr = created
        }
    }

    deinit {
        if let soxr { soxr_delete(soxr) }
    }

    /// Feeds a block `[n]` and appends what comes out.
    mutating func append(_ block: [Float], into output: inout [Float]) throws(AudioFileError) {
        guard soxr != nil else {
            output += block
            return
        }
        var start = 0
        while start < block.count {
            start += try process(block[start...], into: &output)
        }
    }

    /// Ends the stream and appends what is left.
    mutating func finish(into output: inout [Float]) throws(AudioFileError) {
        guard soxr != nil else { return }
        var before = -1
        while output.count != before {
            before = output.count
            _ = try process(nil, into: &output)
        }
    }

    /// One call of soxr_process; nil input ends the stream. Gives the frames taken.
    private mutating func process(
        _ input: ArraySlice<Float>?, into output: inout [Float]
    ) throws(AudioFileError) -> Int {
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

    private static func failed(_ path: FilePath, _ failure: soxr_error_t?) -> AudioFileError {
        let message = failure.map { String(cString: $0) } ?? "no memory"
        return AudioFileError(.decodingFailed, path: path, expected: "libsoxr to resample", got: "\"\(message)\"")
    }
}

/// How carefully libsoxr resamples.
public enum ResamplingQuality: String, Sendable, CaseIterable {
    /// Cubic interpolation.
    case quick
    /// 16 bits with a wide transition.
    case low
    /// 16 bits with a medium transition.
    case medium
    /// 20 bits, the band up to 91 % of half the rate kept: libsoxr's own default.
    case high
    /// 28 bits.
    case veryHigh = "very-high"

    /// libsoxr's number for it.
    fileprivate var recipe: UInt {
        switch self {
        case .quick: UInt(SOXR_QQ)
        case .low: UInt(SOXR_LQ)
        case .medium: UInt(SOXR_MQ)
        case .high: UInt(SOXR_HQ)
        case .veryHigh: UInt(SOXR_VHQ)
        }
    }
}
