// NumPy files: what is written is read, what is broken is refused.

import Foundation
import GoldenFiles
import Tensors
import Testing

@Suite("An .npy file")
struct NPYTests {
    private func file(header: String, data: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
        let length = [UInt8(header.utf8.count & 0xff), UInt8(header.utf8.count >> 8)]
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + (version > 1 ? [0, 0] : [])
            + Array(header.utf8) + data
    }

    @Test("comes back as it was written", arguments: [[4, 3], [7], [], [0, 5], [2, 1, 3]])
    func roundTrip(shape: [Int]) throws {
        var tensor = scattered(shape.reduce(1, *))
        tensor = Tensor(shape: shape, values: tensor.values)
        try withTemporaryFile { path in
            try tensor.writeNPY(to: path)
            #expect(try Tensor(npy: path) == tensor)
        }
    }

    @Test("may hold halves, doubles and whole numbers, in format 1 or 2")
    func types() throws {
        let cases: [(String, [UInt8], [Float])] = [
            ("<f2", [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00], [1, -2, 0x1p-24]),
            ("<f8", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [1]),
            ("<i4", [0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0], [-1, 2]),
            ("<i8", [3, 0, 0, 0, 0, 0, 0, 0], [3]),
        ]
        for (type, data, values) in cases {
            for version: UInt8 in [1, 2] {
                let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(values.count),), }\n"
                try withTemporaryFile(file(header: header, data: data, version: version)) { path in
                    let tensor = try Tensor(npy: path)
                    #expect(tensor.values == values)
                }
            }
        }
    }

    @Test(
        "of NumPy's own is read",
        arguments: try FileManager.default
            .contentsOfDirectory(atPath: GoldenFiles.path("npy")).filter { $0.hasSuffix(".npy") }.sorted())
    func numpys(file: String) throws {
        let tensor = try Tensor(npy: GoldenFiles.path("npy/\(file)"))
        // The array whose element [i, j, k] is 100 i + 10 j + k.
        let numbers: [Float] = (0..<24).map { place in
            let (i, j, k) = (place / 12, place / 4 % 3, place % 4)
            return Float(100 * i + 10 * j + k)
        }
        #expect(tensor.shape == [2, 3, 4])
        let isTruth = file.hasPrefix("b1")
        let odd = numbers.map { $0.truncatingRemainder(dividingBy: 2) }
        #expect(tensor.values == (isTruth ? odd : numbers))
    }

    @Test(
        "may be big-endian",
        arguments: [
            (">f2", [0x3c, 0x00], 1), (">f4", [0xc0, 0, 0, 0], -2), (">f8", [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], 1),
            (">i2", [0xff, 0xfe], -2), (">u4", [0, 0, 1, 0], 256), ("|i1", [0xff], -1), ("|u1", [0xff], 255),
            ("|b1", [7], 1), (">i8", [0, 0, 0, 0, 0, 0, 0, 5], 5),
        ] as [(String, [UInt8], Float)])
    func byteOrder(type: String, data: [UInt8], value: Float) throws {
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (1,), }\n"
        try withTemporaryFile(file(header: header, data: data)) { path in
            let tensor = try Tensor(npy: path)
            #expect(tensor.values == [value])
        }
    }

    @Test("is refused when it is broken")
    func hostile() {
        func header(_ type: String = "<f4", _ order: String = "False", _ shape: String = "(1,)") -> String {
            "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
        }
        let one: [UInt8] = [0, 0, 128, 63]
        let broken: [(bytes: [UInt8], part: String)] = [
            ([], "an empty file"),
            (Array("not numpy at all".utf8), "other bytes"),
            ([0x93] + Array("NUMPY".utf8) + [1, 0, 255, 255, 32, 32], "the file's end"),
            ([0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255], "4294967295"),
            (file(header: "{}"), "fortran_order and shape"),
            (file(header: header("<f4", "Yes"), data: one), "True or False"),
            (file(header: header("<f4") + "x", data: one), "behind the dictionary"),
            (file(header: "{'descr': '<f4', 'descr': '<f4', }"), "each once"),
            (
                file(header: header("<f4", "False", "(" + String(repeating: "1,", count: 65) + ")"), data: one),
                "64 lengths"
            ),
            (file(header: header("<f4"), data: one, version: 4), "format 4"),
            (file(header: header("<c8"), data: one), "<c8"),
            (file(header: header("=f4"), data: one), "=f4"),
            (file(header: header("<f4", "False", "(2,)"), data: one), "4 bytes"),
            (file(header: header("<f4", "False", "(1,)"), data: one + [0]), "5 bytes"),
            (file(header: header("<f4", "False", "(-1,)"), data: one), "shape of at most"),
            (file(header: header("<f4", "False", "(1"), data: one), "shape of at most"),
            (file(header: header("<f4", "False", "(99999999999999999999,)"), data: one), "shape of at most"),
            (file(header: header("<f4", "False", "(4611686018427387904, 8)"), data: one), "fits in memory"),
            (file(header: header("<f4", "False", "(0, 4611686018427387904, 8)")), "fits in memory"),
            (file(header: header("<f4", "False", "(4611686018427387904,)"), data: one), "4 bytes"),
        ]
        for (bytes, part) in broken {
            withTemporaryFile(bytes) { path in
                let line = failure { _ = try Tensor(npy: path) }
                #expect(line?.hasPrefix(path) == true && line?.contains(part) == true, "\(line ?? "accepted"): \(part)")
            }
        }
        #expect(failure { _ = try Tensor(npy: "/tmp") }?.contains("a directory") == true)
        #expect(failure { _ = try Tensor(npy: "/no/such.npy") }?.contains("no such file") == true)
        #expect(throws: (any Error).self) { try Tensor(zeros: 1).writeNPY(to: "/no/such/folder/x.npy") }
    }
}
