// How well the beginning of a label sequence explains what was heard, label by label.

import Foundation
public import Tensors

/// CTC forward probabilities of label sequences that grow at their end, for a search that writes from left to right
/// (the prefix scores of Watanabe et al. 2017, "Hybrid CTC/Attention Architecture for End-to-End Speech Recognition").
///
/// All probabilities are relative to the likeliest labels of every frame: what a prefix leaves unsaid counts as said in
/// the best way, so that prefixes of which one covers more of the recording than the other compare.
public struct CTCPrefixScorer: Sendable {
    /// A label sequence's beginning.
    public struct Prefix: Sendable {
        /// The labels.
        public fileprivate(set) var labels: [Int] = []
        /// The first frame of the window below; before it nothing can have been said.
        fileprivate var start = 0
        /// By frame, the probability that the labels are said and the last of them is being said.
        fileprivate var saying: [Double] = []
        /// By frame, the same with a blank after the last label.
        fileprivate var said: [Double] = []
        /// Whether nothing is said yet.
        public var isEmpty: Bool { labels.isEmpty }
        /// log P(labels, then the likeliest labels), relative to the likeliest labels alone.
        public fileprivate(set) var logProbability: Float = 0
    }

    private let frames: Int
    private let classes: Int
    private let blank: Int
    /// `[T, P]`, every frame divided by its largest probability.
    private let relative: [Double]

    /// A scorer of posteriors `[T, P]`.
    public init(posteriors: Tensor, blank: Int) {
        (frames, classes, self.blank) = (posteriors.rows, posteriors.columns, blank)
        var relative = [Double](repeating: 0, count: posteriors.values.count)
        for frame in 0..<frames {
            let row = frame * classes..<(frame + 1) * classes
            let largest = max(Double(posteriors.values[row].max() ?? 0), 1e-10)
            // The floor of `ctcLogProbability`.
            for index in row { relative[index] = max(Double(posteriors.values[index]), 1e-10) / largest }
        }
        self.relative = relative
    }

    /// The prefix without a label.
    public var empty: Prefix {
        var prefix = Prefix()
        var silence = 1.0
        for frame in 0..<frames {
            silence *= relative[frame * classes + blank]
            guard silence > negligible else { break }
            prefix.said.append(silence)
            prefix.saying.append(0)
        }
        return prefix
    }

    /// A prefix with more labels at its end.
    public func extend(_ prefix: Prefix, by labels: some Sequence<Int>) -> Prefix {
        labels.reduce(prefix, extend)
    }

    private func extend(_ prefix: Prefix, by label: Int) -> Prefix {
        let repeated = prefix.labels.last == label
        let first = prefix.labels.isEmpty ? 0 : prefix.start + 1
        let end = prefix.start + prefix.said.count
        var window = Window()
        // Pointers, because this is the innermost loop of a search, and arrays are slow where nothing is optimised.
        relative.withUnsafeBufferPointer { relative in
            prefix.said.withUnsafeBufferPointer { said in
                prefix.saying.withUnsafeBufferPointer { saying in
                    var frame = first
                    while frame < frames {
                        var begins = 0.0
                        if frame == 0 {
                            begins = 1  // before the first frame only the empty prefix is said
                        } else if frame <= end {
                            let before = frame - 1 - prefix.start
                            begins = repeated ? said[before] : said[before] + saying[before]
                        }
                        let row = frame * classes
                        window.add(begins: begins, label: relative[row + label], blank: relative[row + blank])
                        if frame > end, window.isOver { break }
                        frame += 1
                    }
                }
            }
        }
        let negligibleFrames = window.negligibleFrames
        return Prefix(
            labels: prefix.labels + [label], start: first + negligibleFrames,
            saying: Array(window.saying.dropFirst(negligibleFrames)),
            said: Array(window.said.dropFirst(negligibleFrames)),
            logProbability: window.sum > 0 ? min(0, Float(log(window.sum))) : impossibleLogProbability)
    }

    /// A label's forward variables, frame by frame.
    private struct Window {
        var saying: [Double] = []
        var said: [Double] = []
        /// Of all frames, that the label begins there.
        var sum = 0.0
        private var now = (saying: 0.0, said: 0.0)
        private var largest = 0.0

        mutating func add(begins: Double, label: Double, blank: Double) {
            let first = begins * label
            now = (now.saying * label + first, (now.said + now.saying) * blank)
            sum += first
            saying.append(now.saying)
            said.append(now.said)
            largest = max(largest, now.saying + now.said)
        }

        /// Whether what is left is not worth following.
        var isOver: Bool { now.saying + now.said < largest * negligible }

        /// How many frames at the beginning are not.
        var negligibleFrames: Int {
            var frames = 0
            while frames < said.count, saying[frames] + said[frames] < largest * negligible { frames += 1 }
            return frames
        }
    }

    /// log P(labels | audio) relative to the likeliest labels: nothing is left unsaid.
    public func complete(_ prefix: Prefix) -> Float {
        guard frames > 0, prefix.start + prefix.said.count == frames, let said = prefix.said.last,
            let saying = prefix.saying.last, said + saying > 0
        else { return impossibleLogProbability }
        return Float(log(said + saying))
    }
}

/// Below this share of its largest, a prefix's probability is not followed any further.
private let negligible = 1e-20
