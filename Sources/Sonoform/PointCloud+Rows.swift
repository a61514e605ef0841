// Point clouds as tensors.

import PointClouds
import Tensors

extension PointCloud {
    /// The rows `[N, 9]`: position, normal (zeros where there is none), colour in 0…1 (gray where there is none).
    var rows: Tensor {
        var rows: [Float] = []
        rows.reserveCapacity(9 * count)
        for index in positions.indices {
            let (position, normal) = (positions[index], normals?[index] ?? .zero)
            let colour = colours.map { SIMD3<Float>($0[index]) / 255 } ?? SIMD3(repeating: 0.5)
            rows += [
                position.x, position.y, position.z, normal.x, normal.y, normal.z, colour.x, colour.y, colour.z,
            ]
        }
        return Tensor(shape: [count, 9], values: rows)
    }
}
