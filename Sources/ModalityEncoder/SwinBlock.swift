// One block of a Swin transformer: self-attention inside windows, and a feed-forward layer, each added.

import Layers
import Tensors

/// A pre-norm block over a square of patches, `[grid · grid, W] -> [grid · grid, W]`, row by row.
///
/// Every other block shifts its windows by half of one, and what the shift brings together from opposite edges does not
/// see each other. Source: Liu et al. 2021, "Swin Transformer"; `ClapAudioLayer` in transformers.
struct SwinBlock: Sendable {
    private let heads: Int
    private let windows: SwinWindows
    private let attentionNorm: LayerNorm  // layernorm_before
    private let queriesKeysValues: Linear  // attention.self.query, key, value
    private let biases: [Float]  // attention.self.relative_position_bias_table, per head and pair of places
    private let attentionOutput: Linear  // attention.output.dense
    private let feedForwardNorm: LayerNorm  // layernorm_after
    private let feedForward: FeedForward  // intermediate.dense, output.dense

    init(
        _ weights: WeightScope, _ configuration: CLAPConfiguration, stage: Int, windows: SwinWindows
    ) throws(TensorFileError) {
        let width = configuration.patchWidth << stage
        let hasBias = configuration.hasAttentionBias
        heads = configuration.heads[stage]
        self.windows = windows
        attentionNorm = try LayerNorm(weights["layernorm_before"], width: width, epsilon: configuration.epsilon)
        let attention = weights["attention", "self"]
        queriesKeysValues = try Linear(
            stacking: [attention["query"], attention["key"], attention["value"]],
            inputs: width, outputs: [width, width, width], biases: [hasBias, hasBias, hasBias])
        biases = try SwinWindows.biases(attention, window: configuration.window, heads: heads)
        attentionOutput = try Linear(weights["attention", "output", "dense"], inputs: width, outputs: width)
        feedForwardNorm = try LayerNorm(weights["layernorm_after"], width: width, epsilon: configuration.epsilon)
        feedForward = try FeedForward(
            up: weights["intermediate", "dense"], down: weights["output", "dense"], inputs: width,
            hidden: Int(configuration.feedForwardRatio * Double(width)), outputs: width, activation: .gelu)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let places = windows.places * windows.places
        let normalized = attentionNorm(x)
        var rows: [Float] = []
        rows.reserveCapacity(windows.sources.count * x.columns)
        for source in windows.sources {
            if let source { rows += normalized.row(source) } else { rows += repeatElement(0, count: x.columns) }
        }
        let projected = queriesKeysValues(Tensor(shape: [windows.sources.count, x.columns], values: rows))
        let (biases, regions) = (biases, windows.regions)
        let mixed = attention(
            stacked: projected, heads: heads, sequences: windows.sources.count / places
        ) { head, query, scores in
            let place = query % places
            biases.withUnsafeBufferPointer { biases in
                let bias = biases.baseAddress! + (head * places + place) * places
                for key in 0..<places { scores[key] += bias[key] }
            }
            guard let regions else { return }
            let first = query - place
            for key in 0..<places where regions[first + key] != regions[query] { scores[key] -= 100 }
        }
        let attended = attentionOutput(mixed)
        var sum = x
        for (row, source) in windows.sources.enumerated() {
            guard let source else { continue }
            for column in 0..<x.columns {
                sum.values[source * x.columns + column] += attended.values[row * x.columns + column]
            }
        }
        return sum + feedForward(feedForwardNorm(sum))
    }
}

/// Which patches stand in which window.
struct SwinWindows: Sendable {
    /// Patches along a window's side.
    let places: Int
    /// For every place of every window, window after window, the patch that stands there; nil for none, where the grid
    /// is filled up.
    let sources: [Int?]
    /// For every such place the part of the grid that it came from; nil where windows are not shifted.
    let regions: [Int]?

    init(grid: Int, window: Int, isShifted: Bool) {
        places = window
        // Where one window is all there is, nothing is shifted.
        let shift = isShifted && grid > window ? window / 2 : 0
        let side = (grid + window - 1) / window * window
        var sources: [Int?] = []
        var regions: [Int] = []
        func region(_ place: Int) -> Int { (place >= side - window ? 1 : 0) + (place >= side - shift ? 1 : 0) }
        for top in stride(from: 0, to: side, by: window) {
            for left in stride(from: 0, to: side, by: window) {
                for row in top..<top + window {
                    for column in left..<left + window {
                        let (y, x) = ((row + shift) % side, (column + shift) % side)
                        sources.append(y < grid && x < grid ? y * grid + x : nil)
                        regions.append(region(row) * 3 + region(column))
                    }
                }
            }
        }
        self.sources = sources
        self.regions = shift > 0 ? regions : nil
    }

    /// The learned number for every head and every pair of places in a window: `[heads, window², window²]`, out of a
    /// table of all offsets that two places can have. The offsets' index, which PyTorch may save, follows from the size.
    static func biases(_ attention: WeightScope, window: Int, heads: Int) throws(TensorFileError) -> [Float] {
        attention.ignore("relative_position_index")
        let offsets = 2 * window - 1
        let table = try attention.tensor("relative_position_bias_table", shape: [offsets * offsets, heads])
        let places = window * window
        var biases = [Float](repeating: 0, count: heads * places * places)
        for query in 0..<places {
            for key in 0..<places {
                let down = query / window - key / window + window - 1
                let across = query % window - key % window + window - 1
                for head in 0..<heads {
                    biases[(head * places + query) * places + key] =
                        table.values[(down * offsets + across) * heads + head]
                }
            }
        }
        return biases
    }
}
