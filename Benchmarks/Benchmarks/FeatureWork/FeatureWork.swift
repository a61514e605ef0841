// The work that is measured: half a minute of sound to features, whole and streamed, and FFTW's part of it alone.

public import AudioFeatures
import CBareFFTW

/// Sound at 16 kHz, and the kinds of features that are made of it.
public struct FeatureWork: Sendable {
    /// The samples `[N]`.
    public let samples: [Float]

    /// Each kind with the name it has in tables.
    public static let kinds: [(name: String, configuration: FeatureConfiguration)] = [
        ("whisper", .whisper()),
        ("whisper, 128 bands", .whisper(melBands: 128)),
        ("mfcc", .librosaMFCC(sampleRateHz: 22_050)),
        ("kaldi-fbank", .kaldiFilterBank()),
        ("kaldi-mfcc", .kaldiMFCC()),
        ("power, 400 and 160", .linear(.power, sampleRateHz: 16_000, windowSamples: 400, hopSamples: 160)),
    ]

    /// Whatever samples.
    public init(samples: [Float]) { self.samples = samples }

    /// Noise, 30 s of it unless told, the same every time.
    public init(seconds: Int = 30) {
        var state: UInt64 = 7
        samples = (0..<16_000 * seconds).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 0.1 * Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
        }
    }

    /// The features in one piece.
    public func whole(_ extractor: FeatureExtractor) throws -> FeatureMatrix { try extractor(samples) }

    /// The features by chunks; rows are handed on as they come, so that memory stays constant.
    public func streamed(_ extractor: FeatureExtractor, chunk: Int = 1_600, rows: inout [Float]) throws {
        var stream = extractor.stream()
        samples.withUnsafeBufferPointer { samples in
            for start in stride(from: 0, to: samples.count, by: chunk) {
                rows.removeAll(keepingCapacity: true)
                stream.append(.init(rebasing: samples[start..<min(start + chunk, samples.count)]), into: &rows)
            }
        }
        try stream.finish(into: &rows)
    }
}

/// FFTW's real transforms of a signal's frames, one by one, with nothing around them: what features are held against.
public final class BareTransforms {
    private let size: Int
    private let plan: fftwf_plan
    private let frames: UnsafeMutablePointer<Float>
    private let output: UnsafeMutablePointer<fftwf_complex>

    /// Cuts the frames `[count, size]`; a size that is a multiple of 8 keeps every frame aligned.
    public init(_ samples: [Float], size: Int, hop: Int, count: Int) {
        self.size = size
        frames = fftwf_alloc_real(size * count)
        output = fftwf_alloc_complex(size / 2 + 1)
        plan = fftwf_plan_dft_r2c_1d(Int32(size), frames, output, FFTW_ESTIMATE)
        for frame in 0..<count {
            for i in 0..<size { frames[frame * size + i] = samples[(frame * hop + i) % samples.count] }
        }
    }

    /// Transforms `count` frames, each of them if `distinct`, otherwise the first over and over: it never leaves the
    /// innermost cache then.
    public func run(_ count: Int, distinct: Bool) {
        for frame in 0..<count {
            fftwf_execute_dft_r2c(plan, frames + (distinct ? frame * size : 0), output)
        }
    }

    deinit {
        fftwf_destroy_plan(plan)
        fftwf_free(frames)
        fftwf_free(output)
    }
}
