// Tensors and files for the tests of this target.

import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The tensor with every element rounded to a brain float.
func roundedToBFloat16(_ tensor: Tensor) -> Tensor {
    Tensor(shape: tensor.shape, values: tensor.values.map { BFloat16($0).float })
}

/// Runs `body` with a fresh path and removes the file afterwards.
func withTemporaryFile<Result>(_ bytes: [UInt8]? = nil, _ body: (String) throws -> Result) rethrows -> Result {
    let path = "/tmp/sonoform-tensors-\(getpid())-\(UInt64.random(in: .min ... .max))"
    if let bytes {
        let file = fopen(path, "wb")
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
    defer { unlink(path) }
    return try body(path)
}

/// The line of the `TensorFileError` that `body` throws; nil when it throws none.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as TensorFileError {
        return error.description
    } catch {
        return nil
    }
}
