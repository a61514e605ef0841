// What is wrong with a tensor file is said on one line, whatever the file calls its tensors.

import SystemPackage
import Tensors
import Testing

@Suite("An error about a tensor file")
struct TensorFileErrorTests {
    @Test("spells what would break its line")
    func oneLine() {
        let header = #"{"a\n\u001b[2Jb":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#
        var bytes: [UInt8] = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0]
        bytes += Array(header.utf8) + [0, 0, 0, 0]
        withTemporaryFile(bytes) { path in
            let line = failure { _ = try SafeTensorsFile(path: path) }
            #expect(line == #"\#(path): expected 8 bytes of "a\n\u{1B}[2Jb" (F32 [2]), got 4 bytes"#)
        }
    }

    @Test("is no book")
    func short() {
        let error = TensorFileError(
            path: "a", expected: "one", got: String(repeating: "two ", count: 100_000))
        #expect(error.description.utf8.count < 1_000)
    }
}
