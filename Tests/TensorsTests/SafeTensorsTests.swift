// safetensors: what is written is read, and a small zoo of hostile files is refused with one clear line each.

import GoldenFiles
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("A safetensors file")
struct SafeTensorsTests {
    private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let count = length ?? UInt64(header.utf8.count)
        return withUnsafeBytes(of: count.littleEndian) { Array($0) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    private func entry(_ name: String, _ shape: String = "[1]", _ offsets: String = "[0,4]", _ type: String = "F32")
        -> String
    {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    private func line(_ bytes: [UInt8]) -> String? {
        withTemporaryFile(bytes) { path in failure { _ = try SafeTensorsFile(path: path) } }
    }

    @Test("comes back as it was written")
    func roundTrip() throws {
        let tensors = [
            "a.weight": scattered(3, 4), "b\"\\\n\u{1}é": scattered(5), "empty": Tensor(zeros: 0, 2),
            "scalar": Tensor(shape: [], values: [2]),
        ]
        try withTemporaryFile { path in
            try SafeTensorsFile.write(tensors, to: path)
            let file = try SafeTensorsFile(path: path)
            #expect(file.names == tensors.keys.sorted())
            for (name, tensor) in tensors { #expect(try file.tensor(name, shape: tensor.shape) == tensor) }
            #expect(file.parameters == 12 + 5 + 1)
            #expect(file.type(of: "scalar") == "F32" && file.shape(of: "a.weight") == [3, 4])
        }
    }

    @Test("is refused in one clear line when it is hostile")
    func zoo() {
        let one = entry("a")
        let overlapping = "{\(one),\(entry("b", "[1]", "[2,6]"))}"
        let zoo: [(name: String, bytes: [UInt8], part: String)] = [
            ("empty", [], "an empty file"),
            ("too short for a length", [1, 2, 3], "3 bytes in all"),
            ("header past the end", file("{}", length: 1000), "the file's end"),
            ("header above 100 MB", file("{}", length: 100_000_001), "at most 100 MB"),
            ("header length of -1", file("{}", length: .max), "at most 100 MB"),
            ("empty header", file("", length: 0), "begins with '{'"),
            ("header with a space before it", file(" {}"), "begins with '{'"),
            ("text", Array("this is a text file, renamed".utf8), "at most 100 MB"),
            ("broken JSON", file("{\"a\":"), "no '{'"),
            ("cut header", file("{\"a"), "without an end"),
            ("bytes after the object", file("{}x"), "bytes after"),
            ("no UTF-8", file("{\"?\":1}").map { $0 == UInt8(ascii: "?") ? 0xff : $0 }, "not UTF-8"),
            ("key twice", file("{\(one),\(one)}", data: 4), "\"a\" twice"),
            ("escaped key twice", file("{\(one),\(entry("\\u0061", "[1]", "[4,8]"))}", data: 8), "\"a\" twice"),
            ("field twice", file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"), "\"dtype\" of \"a\" twice"),
            ("unknown field", file("{\"a\":{\"colour\":1}}"), "unknown field"),
            ("missing field", file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}"), "without"),
            ("hole at the start", file("{\(entry("a", "[1]", "[4,8]"))}", data: 8), "to begin at byte 0"),
            ("hole between", file("{\(one),\(entry("b", "[1]", "[8,12]"))}", data: 12), "to begin at byte 4"),
            ("overlap", file(overlapping, data: 6), "to begin at byte 4"),
            ("offsets backwards", file("{\(entry("a", "[0]", "[0,-4]"))}"), "no whole number"),
            ("end before begin", file("{\(one),\(entry("b", "[1]", "[4,0]"))}", data: 4), "offsets 4 to 0"),
            ("wrong size", file("{\(entry("a", "[2]"))}", data: 4), "8 bytes of \"a\""),
            ("overflowing shape", file("{\(entry("a", "[4611686018427387904,4]"))}", data: 4), "fits in memory"),
            ("overflowing bytes", file("{\(entry("a", "[4611686018427387904]"))}", data: 4), "fits in memory"),
            ("overflowing rows", file("{\(entry("a", "[0,4611686018427387904,4]", "[0,0]"))}"), "fits in memory"),
            ("huge number", file("{\(entry("a", "[99999999999999999999]"))}", data: 4), "no whole number"),
            ("leading zero", file("{\(entry("a", "[01]"))}", data: 4), "no whole number"),
            ("fraction", file("{\(entry("a", "[1.5]"))}", data: 4), "no ']'"),
            ("unknown type", file("{\(entry("a", "[1]", "[0,4]", "F33"))}", data: 4), "\"F33\""),
            ("three offsets", file("{\(entry("a", "[1]", "[0,4,4]"))}", data: 4), "3 offsets"),
            ("trailing bytes", file("{\(one)}", data: 5), "5 bytes"),
            ("truncated data", file("{\(one)}", data: 3), "3 bytes"),
            ("metadata of a number", file("{\"__metadata__\":{\"k\":1}}"), "no '\"'"),
            ("metadata twice", file("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}"), "metadata key \"k\" twice"),
            (
                "deep nesting", file("{\"a\":" + String(repeating: "[", count: 100_000)),
                "no '{'"
            ),
            (
                "deep objects", file("{\"a\":" + String(repeating: "{\"a\":", count: 100_000)),
                "unknown field"
            ),
            ("deep shape", file("{\"a\":{\"shape\":" + String(repeating: "[", count: 100_000)), "no whole number"),
            ("half a surrogate pair", file("{\(entry("\\ud83d"))}", data: 4), "no '\\\\'"),
            ("broken escape", file("{\(entry("\\u+041"))}", data: 4), "broken"),
        ]
        for (name, bytes, part) in zoo {
            let line = line(bytes)
            #expect(line?.contains(part) == true && line?.contains("\n") == false, "\(name): \(line ?? "accepted")")
        }
    }

    @Test("must be a regular file")
    func noRegularFile() {
        #expect(failure { _ = try SafeTensorsFile(path: "/tmp") }?.contains("a directory") == true)
        #expect(failure { _ = try SafeTensorsFile(path: "/dev/null") }?.contains("no regular file") == true)
        #expect(failure { _ = try SafeTensorsFile(path: "/no/such") }?.contains("no such file") == true)
        withTemporaryFile { path in
            mkfifo(path, 0o600)
            #expect(failure { _ = try SafeTensorsFile(path: path) }?.contains("no regular file") == true)
        }
    }

    @Test("may carry metadata, escapes and types that no layer reads")
    func lenient() throws {
        let header = """
            {"__metadata__":{"format":"pt"}, \(entry("\\ud83d\\ude00", "[2]", "[0, 4]", "BF16")) ,
             \(entry("ids", "[1]", "[4,12]", "I64"))}
            """
        try withTemporaryFile(file(header, data: 12)) { path in
            let file = try SafeTensorsFile(path: path)
            #expect(file.names == ["ids", "😀"])
            #expect(try file.tensor("😀").values == [0, 0])
            #expect(failure { _ = try file.tensor("ids") }?.contains("got I64") == true)
            #expect(failure { _ = try file.tensor("none") }?.contains("a tensor \"none\"") == true)
            #expect(failure { _ = try file.tensor("😀", shape: [3]) }?.contains("shape [2]") == true)
        }
    }

    @Test("gives halves and brain floats as the numbers they stand for")
    func halves() throws {
        let header = "{\(entry("b", "[2]", "[0,4]", "BF16")),\(entry("h", "[2]", "[4,8]", "F16"))}"
        let data: [UInt8] = [0x80, 0x3f, 0x00, 0xc0, 0x00, 0x3c, 0xff, 0x7b]
        try withTemporaryFile(file(header) + data) { path in
            let file = try SafeTensorsFile(path: path)
            #expect(try file.tensor("b").values == [1, -2])
            #expect(try file.tensor("h").values == [1, 65504])
        }
    }
}
