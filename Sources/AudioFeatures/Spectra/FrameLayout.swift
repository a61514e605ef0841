// Where frames begin and what they see beyond the ends of a signal: the references agree on little else less.

/// How a signal of N samples is cut into frames.
public struct FrameLayout: Sendable, Equatable {
    /// Where the first frame stands, and what is beyond the ends.
    public enum Placement: Sendable, Equatable {
        /// Frame t is centred on sample t · hop; beyond the ends the signal is mirrored, the edge sample not repeated
        /// (`torch.stft`, `center=True`, as Whisper calls it).
        case centredMirrored
        /// Frame t is centred on sample t · hop; beyond the ends is silence (librosa's default, `pad_mode="constant"`).
        case centredSilent
        /// Frame t begins at sample t · hop, and only frames that lie inside count (Kaldi, `snip_edges=true`).
        case inside
        /// The middle of frame t is in the middle of hop t; beyond the ends the signal is mirrored, the edge sample
        /// repeated (Kaldi, `snip_edges=false`).
        case covering
    }

    /// Samples of a frame.
    public let windowSamples: Int

    /// Samples from one frame to the next.
    public let hopSamples: Int

    /// Samples that are Fourier-transformed: a frame, then zeros.
    public let fourierSamples: Int

    /// Where frames stand.
    public let placement: Placement

    /// Whether the last centred frame is left away, as Whisper does.
    public let dropsLastFrame: Bool

    /// A layout; ``fourierSamples`` is the frame's own length unless given.
    public init(
        windowSamples: Int, hopSamples: Int, fourierSamples: Int? = nil, placement: Placement,
        dropsLastFrame: Bool = false
    ) {
        self.windowSamples = windowSamples
        self.hopSamples = hopSamples
        self.fourierSamples = fourierSamples ?? windowSamples
        self.placement = placement
        self.dropsLastFrame = dropsLastFrame
    }

    /// Frames of a signal of `samples`, 0 where there are too few.
    public func frames(of samples: Int) -> Int {
        guard samples >= leastSamples else { return 0 }
        return switch placement {
        case .centredMirrored, .centredSilent: samples / hopSamples + (dropsLastFrame ? 0 : 1)
        case .inside: 1 + (samples - windowSamples) / hopSamples
        case .covering: (samples + hopSamples / 2) / hopSamples
        }
    }

    /// The fewest samples that make a frame; a mirror needs something to reflect.
    public var leastSamples: Int {
        switch placement {
        case .centredMirrored: max(windowSamples / 2 + 1, dropsLastFrame ? hopSamples : 1)
        case .centredSilent: dropsLastFrame ? hopSamples : 1
        case .inside: windowSamples
        case .covering: max(1, hopSamples - hopSamples / 2)
        }
    }

    /// The sample at which a frame begins; negative before the signal's start.
    func start(of frame: Int) -> Int {
        switch placement {
        case .centredMirrored, .centredSilent: frame * hopSamples - windowSamples / 2
        case .inside: frame * hopSamples
        case .covering: frame * hopSamples + hopSamples / 2 - windowSamples / 2
        }
    }

    /// The sample that stands for place `index` outside a signal of `count` samples; nil for silence.
    func mirrored(_ index: Int, count: Int) -> Int? {
        var index = index
        switch placement {
        case .centredSilent, .inside: return nil
        case .centredMirrored:
            while index < 0 || index >= count { index = index < 0 ? -index : 2 * (count - 1) - index }
        case .covering:
            while index < 0 || index >= count { index = index < 0 ? -index - 1 : 2 * count - 1 - index }
        }
        return index
    }
}

/// A stretch of a signal that is in memory.
struct SignalView {
    /// The samples at hand.
    let samples: UnsafeBufferPointer<Float>
    /// The place of the first of them in the signal.
    let offset: Int
    /// Samples of the signal; those after the ones at hand are silence.
    let length: Int

    /// The place after the last sample at hand.
    var end: Int { offset + samples.count }

    /// Copies one frame `[windowSamples]`, times the window.
    @inline(__always)
    func copyWeighed(
        frame: Int, by layout: FrameLayout, window: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
    ) {
        let start = layout.start(of: frame)
        let size = layout.windowSamples
        if start >= offset, start + size <= end {
            let source = samples.baseAddress! + (start - offset)
            for i in 0..<size { target[i] = source[i] * window[i] }
        } else {
            copy(frame: frame, by: layout, into: target)
            for i in 0..<size { target[i] *= window[i] }
        }
    }

    /// One frame `[windowSamples]` where it is, or where it is copied to because it reaches beyond an end.
    @inline(__always)
    func frame(
        _ frame: Int, by layout: FrameLayout, orCopiedTo target: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let start = layout.start(of: frame)
        if start >= offset, start + layout.windowSamples <= end {
            return UnsafePointer(samples.baseAddress! + (start - offset))
        }
        copy(frame: frame, by: layout, into: target)
        return UnsafePointer(target)
    }

    /// Copies one frame `[windowSamples]`.
    func copy(frame: Int, by layout: FrameLayout, into target: UnsafeMutablePointer<Float>) {
        let start = layout.start(of: frame)
        let size = layout.windowSamples
        if start >= offset, start + size <= end {
            target.update(from: samples.baseAddress! + (start - offset), count: size)
            return
        }
        for i in 0..<size {
            let inside = start + i >= 0 && start + i < length
            let place = inside ? start + i : layout.mirrored(start + i, count: length)
            guard let place, place < end else {
                target[i] = 0
                continue
            }
            target[i] = samples[place - offset]
        }
    }
}
