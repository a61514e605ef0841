// One stage of CLAP's audio tower: blocks at one resolution, then a quarter as many patches of twice the width.

import Layers
import Tensors

/// `[grid · grid, W] -> [grid/2 · grid/2, 2·W]`; the last stage keeps what it has.
///
/// Reference: `ClapAudioStage` and `ClapAudioPatchMerging` in transformers.
struct CLAPStage: Sendable {
    private let blocks: [SwinBlock]  // blocks
    private let merging: (norm: LayerNorm, reduction: Linear)?  // downsample.norm, downsample.reduction
    private let grid: Int

    init(_ weights: WeightScope, _ configuration: CLAPConfiguration, stage: Int) throws(TensorFileError) {
        let grid = configuration.grid >> stage
        self.grid = grid
        let windows = [false, true].map {
            SwinWindows(grid: grid, window: configuration.window, isShifted: $0)
        }
        blocks = try (0..<configuration.depths[stage]).map { index throws(TensorFileError) in
            try SwinBlock(weights["blocks", index], configuration, stage: stage, windows: windows[index % 2])
        }
        let width = configuration.patchWidth << stage
        let downsample = weights["downsample"]
        merging =
            stage + 1 < configuration.depths.count
            ? (
                try LayerNorm(downsample["norm"], width: 4 * width),
                try Linear(downsample["reduction"], inputs: 4 * width, outputs: 2 * width, bias: false)
            ) : nil
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        var x = x
        for block in blocks { x = block(x) }
        guard let merging else { return x }
        // Four neighbours side by side, from top to bottom and then from left to right.
        var squares: [Float] = []
        squares.reserveCapacity(x.values.count)
        for row in stride(from: 0, to: grid, by: 2) {
            for column in stride(from: 0, to: grid, by: 2) {
                for (down, across) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    squares += x.row((row + down) * grid + column + across)
                }
            }
        }
        return merging.reduction(
            merging.norm(Tensor(shape: [grid * grid / 4, 4 * x.columns], values: squares)))
    }
}
