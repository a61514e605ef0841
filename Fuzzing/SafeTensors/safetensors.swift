// A libFuzzer target over safetensors files: any bytes are tensors or refused with one line.

import CFuzzing
import FuzzedFile
import Tensors

/// Reads the bytes as tensors, every one of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafeTensors(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        let file = try SafeTensorsFile(path: fuzzedFile(bytes, count))
        for name in file.names {
            do {
                let tensor = try file.tensor(name)
                precondition(tensor.values.count == tensor.shape.reduce(1, *), "a number for every place")
                precondition(tensor.values.count <= count, "no more numbers than the file can hold")
            } catch {
                checkError(error)
            }
        }
    } catch {
        checkError(error)
    }
    return 0
}

/// SwiftPM's name for this program's main.
@_cdecl("FuzzSafeTensors_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments)
}
