// How well label sequences explain what was heard, label by label.

public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The score of labels that do not fit into the frames.
public let impossibleLogProbability: Float = -1e4

/// CTC forward probabilities of label sequences that grow at their end, for a search that writes from left to right
/// (the prefix scores of Watanabe et al. 2017, "Hybrid CTC/Attention Architecture for End-to-End Speech Recognition").
///
/// All probabilities are relative to the likeliest labels of every frame: what a prefix leaves unsaid counts as said in
/// the best way, so that prefixes of which one covers more of the recording than the other compare.
public struct CTCPrefixScorer: Sendable {
    /// Labels that more may follow.
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

    /// The log-probability of the likeliest labels of every frame: what no sequence beats by much.
    public let bestPathLogProbability: Float
    private let frames: Int
    private let classes: Int
    private let blank: Int
    private let negligible: Double
    /// `[T, P]`, every frame divided by its largest probability.
    private let relative: [Double]

    /// A scorer of posteriors `[T, P]`.
    ///
    /// - Parameters:
    ///   - blank: the class of CTC's blank.
    ///   - floor: the least probability of a label in a frame, so that no single frame rules a sequence out.
    ///   - negligible: below this share of its largest, a prefix's probability is not followed any further.
    public init(posteriors: Tensor, blank: Int, floor: Double, negligible: Double) {
        (frames, classes, self.blank, self.negligible) = (posteriors.rows, posteriors.columns, blank, negligible)
        var relative = [Double](repeating: 0, count: posteriors.values.count)
        var best = 0.0
        for frame in 0..<frames {
            let row = frame * classes..<(frame + 1) * classes
            let largest = max(Double(posteriors.values[row].max() ?? 0), floor)
            for index in row { relative[index] = max(Double(posteriors.values[index]), floor) / largest }
            best += log(largest)
        }
        self.relative = relative
        bestPathLogProbability = Float(best)
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
        var window = Window(negligible: negligible)
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
        let negligible: Double
        var saying: [Double] = []
        var said: [Double] = []
        /// Of all frames, that the label begins there.
        var sum = 0.0
        private var now = (saying: 0.0, said: 0.0)
        private var largest = 0.0

        init(negligible: Double) { self.negligible = negligible }

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

        /// How many of the first frames are not.
        var negligibleFrames: Int {
            var frames = 0
            while frames < said.count, saying[frames] + said[frames] < largest * negligible { frames += 1 }
            return frames
        }
    }

    /// log P(labels | audio) relative to the likeliest labels: nothing is left unsaid.
    ///
    /// Where the prefix's window ends before the recording does, its last label is followed to the end.
    public func complete(_ prefix: Prefix) -> Float {
        guard var said = prefix.said.last, var saying = prefix.saying.last, said + saying > 0 else {
            return impossibleLogProbability
        }
        var logarithm = 0.0
        for frame in prefix.start + prefix.said.count..<frames {
            let row = frame * classes
            (said, saying) = (
                (said + saying) * relative[row + blank], saying * (prefix.labels.last.map { relative[row + $0] } ?? 0)
            )
            let sum = said + saying
            if sum < 1e-100 {
                // Rescaled, because the product of many frames underflows.
                logarithm += log(sum)
                (said, saying) = (said / sum, saying / sum)
            }
        }
        return Float(logarithm + log(said + saying))
    }
}
