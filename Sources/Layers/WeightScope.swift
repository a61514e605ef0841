// A checkpoint seen from a layer: names are written once, by scope.

import Synchronization
public import Tensors

/// A part of a checkpoint: `weights["layers", 0, "self_attn"]` names everything below "layers.0.self_attn.".
///
/// Loading keeps account of the tensors that were used; `requireAllUsed()` refuses a checkpoint with others.
public struct WeightScope: Sendable {
    /// The number format in which products with these weights run.
    public let precision: Precision
    private let file: any TensorSource
    private let used: Used
    private let prefix: String

    private final class Used: Sendable {
        let names = Mutex<Set<String>>([])
    }

    /// The whole of a checkpoint.
    public init(_ file: any TensorSource, precision: Precision = .native) {
        (self.file, self.precision, used, prefix) = (file, precision, Used(), "")
    }

    private init(_ scope: WeightScope, prefix: String) {
        (file, precision, used, self.prefix) = (scope.file, scope.precision, scope.used, prefix)
    }

    /// The scope below, of which the parts are joined by points.
    public subscript(_ parts: any CustomStringConvertible...) -> WeightScope {
        WeightScope(self, prefix: prefix + parts.map { "\($0)." }.joined())
    }

    /// Whether the scope holds a tensor of that name.
    public func has(_ name: String) -> Bool { file.shape(of: prefix + name) != nil }

    /// A tensor as floats; throws when it is missing or of another shape.
    public func tensor(_ name: String, shape: [Int]) throws(TensorFileError) -> Tensor {
        markUsed(name)
        return try file.tensor(prefix + name, shape: shape)
    }

    /// A vector as floats.
    public func vector(_ name: String, count: Int) throws(TensorFileError) -> [Float] {
        try tensor(name, shape: [count]).values
    }

    /// A matrix `[outputs, inputs]` as it is stored.
    public func weights(_ name: String, outputs: Int, inputs: Int) throws(TensorFileError) -> StoredWeights {
        markUsed(name)
        return try file.weights(prefix + name, outputs: outputs, inputs: inputs)
    }

    /// A matrix that is stored as `[inputs, outputs]`, turned to `[outputs, inputs]` (the "Conv1D" of GPT-2).
    public func transposedWeights(_ name: String, outputs: Int, inputs: Int) throws(TensorFileError) -> StoredWeights {
        try weights(name, outputs: inputs, inputs: outputs).transposed()
    }

    /// Marks a tensor that the architecture does not need, so that it is no surprise.
    public func ignore(_ name: String) { markUsed(name) }

    /// Marks all tensors of the scope in the same way.
    public func ignoreAll() {
        let names = file.names.filter { $0.hasPrefix(prefix) }
        used.names.withLock { $0.formUnion(names) }
    }

    private func markUsed(_ name: String) { _ = used.names.withLock { $0.insert(prefix + name) } }

    /// Throws when the scope holds a tensor that no layer asked for.
    public func requireAllUsed() throws(TensorFileError) {
        let unused = used.names.withLock { names in file.names.filter { $0.hasPrefix(prefix) && !names.contains($0) } }
        guard let first = unused.first else { return }
        throw TensorFileError(
            path: file.path, expected: "only tensors of the configured architecture",
            got: "\"\(first)\"" + (unused.count > 1 ? " and \(unused.count - 1) more" : ""))
    }
}
