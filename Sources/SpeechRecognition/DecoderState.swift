// What a decoder remembers: the keys and values of the tokens read so far, and of the sound.

import Tensors

/// One layer's keys and values of the encoder's hidden states, `[T, W]` each; computed once a window.
struct SoundLayer: Sendable {
    let keys: Tensor
    let values: Tensor
}

/// The keys and values of a window of sound, a layer each, which every token looks at.
public struct SoundMemory: Sendable {
    let layers: [SoundLayer]
    /// 0, 1, … T − 1: all rows of the layers' keys.
    let rows: [Int]
}

/// Where hypotheses stand: each is a path of rows in a store that they share, so that none is ever copied.
///
/// A hypothesis that goes on takes one row; where two go on from one, both paths begin with the same rows. Rows on no
/// path any more are given to new tokens.
public struct DecoderState: Sendable {
    /// The rows of every hypothesis' tokens, from the first token.
    private(set) var paths: [[Int]]
    /// What all hypotheses hear.
    let memory: SoundMemory
    /// Layer by layer, rows of W numbers.
    private var keys: [[Float]]
    private var values: [[Float]]
    private let width: Int
    /// How many rows there are, those on no path included.
    private(set) var storedRows = 0
    private var free: [Int] = []

    init(memory: SoundMemory, width: Int) {
        (self.memory, self.width) = (memory, width)
        keys = Array(repeating: [], count: memory.layers.count)
        values = keys
        paths = [[]]
    }

    /// The number of hypotheses.
    public var count: Int { paths.count }

    /// Goes on with other hypotheses: the new one at each place continues the old one of that index.
    public mutating func select(_ parents: [Int]) {
        paths = parents.map { paths[$0] }
        var isOnPath = [Bool](repeating: false, count: storedRows)
        for path in paths { for row in path { isOnPath[row] = true } }
        free = isOnPath.indices.filter { !isOnPath[$0] }
    }

    /// Makes room for a number of tokens at the end of a hypothesis, and gives their rows.
    mutating func extend(_ hypothesis: Int, by count: Int) -> [Int] {
        var rows: [Int] = []
        for _ in 0..<count {
            if let row = free.popLast() {
                rows.append(row)
            } else {
                rows.append(storedRows)
                storedRows += 1
            }
        }
        let size = storedRows * width
        for layer in keys.indices where keys[layer].count < size {
            let missing = size - keys[layer].count
            keys[layer].append(contentsOf: repeatElement(0, count: missing))
            values[layer].append(contentsOf: repeatElement(0, count: missing))
        }
        paths[hypothesis] += rows
        return rows
    }

    /// Stores a layer's keys and values of new tokens: columns of `projected` `[S, 3·W]`, to the rows that they have.
    mutating func store(_ projected: Tensor, layer: Int, rows: [Int]) {
        let width = width
        projected.values.withUnsafeBufferPointer { source in
            keys[layer].withUnsafeMutableBufferPointer { keys in
                values[layer].withUnsafeMutableBufferPointer { values in
                    for (index, row) in rows.enumerated() {
                        let start = source.baseAddress! + index * 3 * width
                        (keys.baseAddress! + row * width).update(from: start + width, count: width)
                        (values.baseAddress! + row * width).update(from: start + 2 * width, count: width)
                    }
                }
            }
        }
    }

    /// The newest token of every hypothesis looks at its path: queries are the first W columns of `projected`
    /// `[B, 3·W]`; the result is `[B, W]`.
    func attendToPaths(_ projected: Tensor, layer: Int, heads: Int) -> Tensor {
        let (count, width) = (paths.count, width)
        let mixed = [Float](unsafeUninitializedCapacity: count * width) { output, initialized in
            projected.values.withUnsafeBufferPointer { queries in
                keys[layer].withUnsafeBufferPointer { keys in
                    values[layer].withUnsafeBufferPointer { values in
                        for (index, path) in paths.enumerated() {
                            path.withUnsafeBufferPointer { rows in
                                attend(
                                    queries.baseAddress! + index * 3 * width, to: rows, keys: keys.baseAddress!,
                                    values: values.baseAddress!, heads: heads, width: width,
                                    into: output.baseAddress! + index * width)
                            }
                        }
                    }
                }
            }
            initialized = count * width
        }
        return Tensor(shape: [count, width], values: mixed)
    }
}
