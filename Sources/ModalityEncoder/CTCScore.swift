// How well a phone sequence explains what was heard.

public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The score of phones that do not fit into the frames.
public let impossibleLogProbability: Float = -1e4

/// The log-probability of the likeliest labels of every frame of `[T, P]`: what no transcript beats by much.
public func bestPathLogProbability(_ posteriors: Tensor) -> Float {
    var sum = 0.0
    for frame in 0..<posteriors.rows { sum += log(Double(posteriors.row(frame).max() ?? 1)) }
    return Float(sum)
}

/// log P(`phones` | posteriors): the sum over all alignments (Graves et al. 2006), posteriors being `[T, P]`.
///
/// The forward variables are kept as probabilities and rescaled in every frame, so that no logarithm is taken inside.
/// `impossibleLogProbability` when the sequence is longer than the frames allow. `phones` must not contain the blank.
public func ctcLogProbability(of phones: [Int], posteriors: Tensor, blank: Int) -> Float {
    // The states: blank, phone, blank, phone, …, blank.
    let states = 2 * phones.count + 1
    let classes = (0..<states).map { $0 % 2 == 0 ? blank : phones[$0 / 2] }
    // A phone may follow the phone before it without a blank between, unless both are the same.
    let maySkip = (0..<states).map { (state: Int) -> Bool in
        state >= 3 && state % 2 == 1 && classes[state] != classes[state - 2]
    }
    var forward = [Double](repeating: 0, count: states)
    var logarithm = 0.0
    for frame in 0..<posteriors.rows {
        let row = frame * posteriors.columns
        var sum = 0.0
        // From the last state down, so that the frame before can be overwritten in place.
        for state in stride(from: states - 1, through: 0, by: -1) {
            var reached = forward[state]
            if state >= 1 { reached += forward[state - 1] }
            if maySkip[state] { reached += forward[state - 2] }
            if frame == 0 { reached = state <= 1 ? 1 : 0 }
            // The floor keeps one frame from ruling a sequence out.
            forward[state] = reached * max(Double(posteriors.values[row + classes[state]]), 1e-10)
            sum += forward[state]
        }
        guard sum > 0 else { return impossibleLogProbability }
        for state in 0..<states { forward[state] /= sum }
        logarithm += log(sum)
    }
    let ending = forward[states - 1] + (states > 1 ? forward[states - 2] : 0)
    return ending > 0 ? Float(logarithm + log(ending)) : impossibleLogProbability
}
