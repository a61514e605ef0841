// Features of a signal that comes in chunks, in constant memory.

/// Rows of one signal as its samples arrive.
///
/// The rows equal those of ``FeatureExtractor/callAsFunction(_:)`` to the last bit, whatever the chunks. They come in
/// groups of eight frames; ``finish(into:)`` gives the rest. A kind whose normalisation needs the whole recording
/// (`Normalisation.isOverWholeRecording`) takes that recording's statistics from the start (``statistics`` of a first
/// pass: two passes over a file stay in constant memory). Without them a stream yields rows before that step: Whisper's
/// unclamped (x + 4) / 4, librosa's decibels without `top_db`, SeamlessM4T's bands as they are.
public struct FeatureStream: ~Copyable {
    private let extractor: FeatureExtractor
    private let workspace: SpectralRows.Workspace
    /// What the caller knows of the whole recording.
    private let given: FeatureStatistics?
    /// Whether rows are passed on as they are, to be finished later.
    private let isRaw: Bool
    /// What has been seen so far, of the rows before normalisation.
    public private(set) var statistics: FeatureStatistics

    /// Samples still needed, the first of them at place `offset` of the signal.
    private var buffer: [Float] = []
    private var offset = 0
    private var received = 0
    private var nextFrame = 0
    /// Room for the rows of a slice, made once.
    private var rows: [Float]
    private var scratch: RowFinishing.Scratch

    /// The most rows that are computed at once.
    private let most: Int

    /// The most samples that are taken at once, and dropped at once.
    private static let slice = 16_384

    init(_ extractor: FeatureExtractor, statistics: FeatureStatistics?, isRaw: Bool = false) {
        self.isRaw = isRaw
        self.extractor = extractor
        workspace = extractor.spectral.workspace()
        given = statistics
        let layout = extractor.configuration.layout
        most = 2 * FourierPlan.lanes + (Self.slice + layout.windowSamples) / layout.hopSamples
        rows = [Float](repeating: 0, count: most * extractor.spectral.width)
        scratch = extractor.finishing.scratch(rows: most)
        buffer.reserveCapacity(2 * Self.slice + 4 * layout.windowSamples)
        self.statistics = extractor.finishing.statistics()
    }

    /// Takes the next samples, and appends the rows `[n, F]` that are ready.
    public mutating func append(_ samples: UnsafeBufferPointer<Float>, into output: inout [Float]) {
        var samples = samples[...]
        switch extractor.configuration.extent {
        case .padded(let most), .paddedThenCut(let most): samples = samples.prefix(most - received)
        case .recording, .rows: break
        }
        while !samples.isEmpty {
            let part = samples.prefix(Self.slice)
            samples = samples.dropFirst(part.count)
            buffer.append(contentsOf: part)
            received += part.count
            let ready = readyFrames
            if ready - nextFrame >= FourierPlan.lanes {
                emit(upTo: ready - (ready - nextFrame) % FourierPlan.lanes, length: received, into: &output)
            }
            forget()
        }
    }

    /// Takes the next samples, and appends the rows `[n, F]` that are ready.
    public mutating func append(_ samples: [Float], into output: inout [Float]) {
        samples.withUnsafeBufferPointer { append($0, into: &output) }
    }

    /// Ends the signal, and appends its last rows.
    ///
    /// - Throws: ``SpectrogramError`` when there were too few samples for a frame.
    public mutating func finish(into output: inout [Float]) throws(SpectrogramError) {
        let plan = try FramePlan(extractor.configuration, samples: received)
        if plan.active > nextFrame { emit(upTo: plan.active, length: plan.length, kept: plan.kept, into: &output) }
        // Rows beyond the recording are all the same.
        while nextFrame < plan.rows {
            let count = min(most, plan.rows - nextFrame)
            let (first, spectral, workspace, offset) = (nextFrame, extractor.spectral, workspace, offset)
            rows.withUnsafeMutableBufferPointer { rows in
                buffer.withUnsafeBufferPointer { buffer in
                    let signal = SignalView(samples: buffer, offset: offset, length: plan.length)
                    plan.fill(first..<first + count, of: signal, spectral, workspace, into: rows.baseAddress!)
                }
            }
            pass(count, kept: plan.kept, into: &output)
        }
        if !isRaw { output = extractor.finishing.stacked(output) }
    }

    /// Frames that no later sample can change.
    private var readyFrames: Int {
        let layout = extractor.configuration.layout
        var frames = layout.frames(of: received)
        switch extractor.configuration.extent {
        case .recording, .padded: break
        case .paddedThenCut: frames = min(frames, received / layout.hopSamples)
        case .rows(let most): frames = min(frames, most)
        }
        while frames > nextFrame {
            let start = layout.start(of: frames - 1)
            if start + layout.windowSamples <= received, -start < received { break }
            frames -= 1
        }
        return frames
    }

    /// Computes frames and passes their rows on.
    private mutating func emit(upTo end: Int, length: Int, kept: Int = .max, into output: inout [Float]) {
        let (spectral, workspace, offset) = (extractor.spectral, workspace, offset)
        while nextFrame < end {
            let frames = nextFrame..<min(end, nextFrame + most / FourierPlan.lanes * FourierPlan.lanes)
            rows.withUnsafeMutableBufferPointer { rows in
                buffer.withUnsafeBufferPointer { buffer in
                    let signal = SignalView(samples: buffer, offset: offset, length: length)
                    spectral.write(frames: frames, of: signal, using: workspace, into: rows.baseAddress!)
                }
            }
            pass(frames.count, kept: kept, into: &output)
        }
    }

    /// Takes the next `count` rows into the statistics, finishes those that are kept and appends them.
    private mutating func pass(_ count: Int, kept: Int, into output: inout [Float]) {
        let width = extractor.spectral.width
        let wanted = min(count, max(0, kept - nextFrame))
        nextFrame += count
        let (finishing, isRaw, given) = (extractor.finishing, isRaw, given)
        let needsStatistics = extractor.configuration.normalisation.isOverWholeRecording
        rows.withUnsafeMutableBufferPointer { rows in
            if needsStatistics {
                statistics.add(.init(start: rows.baseAddress!, count: count * width), features: width)
            }
            let part = UnsafeMutableBufferPointer(start: rows.baseAddress!, count: wanted * width)
            if isRaw { output += part } else { finishing.finish(part, given, &scratch, into: &output) }
        }
    }

    /// Drops samples that no frame needs any more; a mirror at the end looks back by less than a window.
    private mutating func forget() {
        let layout = extractor.configuration.layout
        var needed = received - layout.windowSamples - 1
        // With all rows made, what still comes is only counted.
        var isFull = false
        if case .rows(let most) = extractor.configuration.extent { isFull = nextFrame >= most }
        if !isFull { needed = min(needed, layout.start(of: nextFrame)) }
        let unneeded = needed - offset
        guard unneeded >= Self.slice / 2 else { return }
        buffer.removeFirst(unneeded)
        offset += unneeded
    }
}

extension FeatureExtractor {
    /// Begins a signal that comes in chunks.
    ///
    /// - Parameter statistics: what a first pass over the same signal found, for kinds that need it.
    public func stream(statistics: FeatureStatistics? = nil) -> FeatureStream {
        FeatureStream(self, statistics: statistics)
    }
}
