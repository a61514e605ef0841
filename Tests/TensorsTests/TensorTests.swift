// The tensor's own operations.

import Tensors
import Testing

@Suite("A tensor")
struct TensorTests {
    private let matrix = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])

    @Test("gives rows and columns")
    func parts() {
        #expect(Array(matrix.row(1)) == [4, 5, 6])
        #expect(matrix.rows(1..<2) == Tensor(shape: [1, 3], values: [4, 5, 6]))
        #expect(matrix.columns(1..<3) == Tensor(shape: [2, 2], values: [2, 3, 5, 6]))
        #expect(matrix.gatheringRows([1, 0, 1]).values == [4, 5, 6, 1, 2, 3, 4, 5, 6])
        #expect(matrix.transposed() == Tensor(shape: [3, 2], values: [1, 4, 2, 5, 3, 6]))
        #expect(Tensor.concatenatingRows([matrix, matrix.rows(0..<1)]).shape == [3, 3])
        #expect(matrix.gatheringRows([]).shape == [0, 3])
    }

    @Test("adds and multiplies element by element")
    func arithmetic() {
        var tensor = matrix + matrix
        tensor *= 0.5
        #expect(tensor == matrix)
        tensor *= matrix
        #expect(tensor.values == [1, 4, 9, 16, 25, 36])
    }

    @Test("finds the largest difference, NaN included")
    func differences() {
        var other = matrix
        other.values[4] += 2
        #expect(matrix.largestDifference(from: other) == (2, 4))
        other.values[1] = .nan
        #expect(matrix.largestDifference(from: other).difference.isNaN)
        #expect(matrix.largestMagnitude == 6)
    }
}
