// A libFuzzer target over .npy files: any bytes are an array or refused with one line.

import CFuzzing
import FuzzedFile
import Tensors

/// Reads the bytes as an array.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNPY(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        let tensor = try Tensor(npy: fuzzedFile(bytes, count))
        precondition(tensor.values.count == tensor.shape.reduce(1, *), "a number for every place")
        precondition(tensor.values.count <= count, "no more numbers than the file can hold")
    } catch {
        checkError(error)
    }
    return 0
}

/// SwiftPM's name for this program's main.
@_cdecl("FuzzNPY_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments)
}
