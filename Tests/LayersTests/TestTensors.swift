// Tensors and checkpoints for the tests of this target.

import Layers
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A checkpoint of the given tensors, by way of a file that is removed again (its mapping outlives it).
func checkpoint(_ tensors: [String: Tensor], precision: Precision = .f32) throws -> WeightScope {
    let path = "/tmp/sonoform-layers-\(getpid())-\(UInt64.random(in: .min ... .max)).safetensors"
    defer { unlink(path) }
    try SafeTensorsFile.write(tensors, to: path)
    return WeightScope(try SafeTensorsFile(path: path), precision: precision)
}

/// The largest difference between two lists of numbers.
func difference(_ a: [Float], _ b: [Double]) -> Double {
    zip(a, b).map { abs(Double($0) - $1) }.max() ?? 0
}
