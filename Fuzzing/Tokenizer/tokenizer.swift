// A libFuzzer target over tokenizer.json: any bytes are a vocabulary or refused with one line.

import CFuzzing
import FuzzedFile
import LanguageModel

/// Reads the bytes as a tokenizer, and has it encode and decode.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenizer(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        let tokenizer = try Tokenizer(path: fuzzedFile(bytes, count))
        let tokens = tokenizer.encode("a tall red chair with three blue legs")
        precondition(tokens.allSatisfy { (0..<tokenizer.count).contains($0) }, "tokens are in the vocabulary")
    } catch {
        checkError(error)
    }
    return 0
}

/// SwiftPM's name for this program's main.
@_cdecl("FuzzTokenizer_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments)
}
