// A dense array of floats with a shape: what the components hand to one another.

/// A dense row-major array of 32-bit floats, `shape[0] × shape[1] × …`; a value type.
public struct Tensor: Sendable, Equatable {
    /// The lengths of the axes; an empty shape is a scalar.
    public let shape: [Int]
    /// The elements in row-major order; always `shape`'s product many.
    public var values: [Float]

    /// A tensor of the given elements; their number must be the shape's product.
    public init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
        self.shape = shape
        self.values = values
    }

    /// A tensor of zeros.
    public init(zeros shape: Int...) {
        self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }

    /// The number of rows: the first axis' length.
    public var rows: Int { shape[0] }

    /// The length of a row: the product of all axes but the first.
    public var columns: Int { shape.dropFirst().reduce(1, *) }

    /// Row `index` as an array of `columns` elements.
    public func row(_ index: Int) -> ArraySlice<Float> {
        values[index * columns..<(index + 1) * columns]
    }

    /// The rows of a range as a tensor of their own: `[T, …] -> [range.count, …]`.
    public func rows(_ range: Range<Int>) -> Tensor {
        Tensor(
            shape: [range.count] + shape.dropFirst(),
            values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
    }

    /// The rows at the given indices, in their order: `[T, …] -> [indices.count, …]`.
    public func gatheringRows(_ indices: some Sequence<Int>) -> Tensor {
        var gathered: [Float] = []
        var count = 0
        for index in indices {
            gathered.append(contentsOf: row(index))
            count += 1
        }
        return Tensor(shape: [count] + shape.dropFirst(), values: gathered)
    }

    /// The same elements under another shape of the same size.
    public func reshaped(_ shape: Int...) -> Tensor {
        Tensor(shape: shape, values: values)
    }

    /// The matrix transposed: `[rows, columns] -> [columns, rows]`.
    public func transposed() -> Tensor {
        precondition(shape.count == 2)
        let (rows, columns) = (rows, columns)
        let values = [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
            self.values.withUnsafeBufferPointer { source in
                for row in 0..<rows {
                    for column in 0..<columns {
                        buffer.initializeElement(at: column * rows + row, to: source[row * columns + column])
                    }
                }
            }
            count = self.values.count
        }
        return Tensor(shape: [columns, rows], values: values)
    }

    /// Rows of several tensors one below the other; all have the same columns.
    public static func concatenatingRows(_ tensors: [Tensor]) -> Tensor {
        precondition(!tensors.isEmpty && tensors.allSatisfy { $0.shape.dropFirst() == tensors[0].shape.dropFirst() })
        var values: [Float] = []
        values.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count })
        for tensor in tensors { values.append(contentsOf: tensor.values) }
        return Tensor(shape: [tensors.reduce(0) { $0 + $1.rows }] + tensors[0].shape.dropFirst(), values: values)
    }

    /// Matrices side by side; all have the same rows.
    public static func concatenatingColumns(_ tensors: [Tensor]) -> Tensor {
        precondition(!tensors.isEmpty && tensors.allSatisfy { $0.shape.count == 2 && $0.rows == tensors[0].rows })
        var values: [Float] = []
        values.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count })
        for row in 0..<tensors[0].rows {
            for tensor in tensors { values.append(contentsOf: tensor.row(row)) }
        }
        return Tensor(shape: [tensors[0].rows, tensors.reduce(0) { $0 + $1.columns }], values: values)
    }

    /// The columns of a range of a matrix: `[T, N] -> [T, range.count]`.
    public func columns(_ range: Range<Int>) -> Tensor {
        precondition(shape.count == 2 && range.lowerBound >= 0 && range.upperBound <= columns)
        let width = columns
        let values = [Float](unsafeUninitializedCapacity: rows * range.count) { buffer, count in
            count = rows * range.count
            guard let target = buffer.baseAddress, count > 0 else { return }
            self.values.withUnsafeBufferPointer { source in
                let first = source.baseAddress! + range.lowerBound
                for row in 0..<rows {
                    (target + row * range.count).initialize(from: first + row * width, count: range.count)
                }
            }
        }
        return Tensor(shape: [rows, range.count], values: values)
    }

    /// The largest absolute difference from another tensor of the same shape, and its index; 0 for empty tensors, NaN
    /// where there is one.
    public func largestDifference(from other: Tensor) -> (difference: Float, index: Int) {
        precondition(shape == other.shape, "\(shape) against \(other.shape)")
        var largest: Float = 0
        var place = 0
        for index in values.indices {
            let difference = abs(values[index] - other.values[index])
            if difference.isNaN { return (difference, index) }
            if difference > largest { (largest, place) = (difference, index) }
        }
        return (largest, place)
    }

    /// The largest absolute element; 0 for an empty tensor.
    public var largestMagnitude: Float { values.reduce(0) { max($0, abs($1)) } }
}

/// The number of elements of a shape that a file declares; nil when it, or that of any of its rows, would overflow.
func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
        // An empty axis counts as one: `columns` of [0, 2⁶², 4] must not overflow either.
        let (product, overflow) = count.multipliedReportingOverflow(by: max(1, length))
        if overflow || length < 0 { return nil }
        count = product
    }
    return shape.contains(0) ? 0 : count
}
