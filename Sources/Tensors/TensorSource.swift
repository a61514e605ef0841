// Where a checkpoint's tensors come from: one file, or several.

public import SystemPackage

/// Tensors by name, as a checkpoint holds them.
public protocol TensorSource: Sendable {
    /// The file that errors name.
    var path: FilePath { get }
    /// The tensors' names, sorted.
    var names: [String] { get }
    /// The declared shape of a tensor, nil where none has that name.
    func shape(of name: String) -> [Int]?
    /// The declared type of a tensor ("F32", "BF16", …), nil where none has that name.
    func type(of name: String) -> String?
    /// The tensor of that name as floats; throws when it is missing or of another shape.
    func tensor(_ name: String, shape: [Int]?) throws(TensorFileError) -> Tensor
    /// The matrix of that name, `[outputs, inputs]`, in the number format that it is stored in where products have it.
    func weights(_ name: String, outputs: Int, inputs: Int) throws(TensorFileError) -> StoredWeights
}

extension SafeTensorsFile: TensorSource {}
