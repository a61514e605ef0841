import NIOCore
import Testing

@testable import SonoformServer

@Suite("multipart/form-data")
struct MultipartTests {
    private let form =
        "preamble\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
        + "Content-Type: audio/wav\r\n\r\nRIFF\r\n--xy\r\n\r\n--xyz\r\n"
        + "Content-Disposition: form-data; name=seed\r\n\r\n7\r\n--xyz--\r\nepilogue"

    private struct Read: Equatable {
        var name: String
        var fileName: String?
        var text: String
    }

    private func read(_ text: String, boundary: String = "xyz", pieceBytes: Int) async throws -> [Read] {
        let bytes = Array(text.utf8)
        let pieces = AsyncStream<ByteBuffer> { continuation in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                continuation.yield(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + pieceBytes)]))
            }
            continuation.finish()
        }
        var reader = MultipartReader(pieces, boundary: boundary)
        var parts: [Read] = []
        while let part = try await reader.next() {
            var value: [UInt8] = []
            while let some = try await reader.nextBytes() { value += some }
            parts.append(Read(name: part.name, fileName: part.fileName, text: String(decoding: value, as: UTF8.self)))
        }
        return parts
    }

    @Test("parts are the same however the body is cut", arguments: [1, 2, 3, 7, 50, 1_000])
    func pieces(_ pieceBytes: Int) async throws {
        let parts = try await read(form, pieceBytes: pieceBytes)
        #expect(
            parts == [
                Read(name: "file", fileName: "a.wav", text: "RIFF\r\n--xy\r\n"), Read(name: "seed", text: "7"),
            ])
    }

    @Test("a body that ends before its last boundary is refused")
    func truncated() async {
        let cut = String(form.prefix(form.count - 20))
        await #expect(throws: Problem.body(expected: "parts up to a closing boundary", got: "the body's end")) {
            try await read(cut, pieceBytes: 16)
        }
    }

    @Test("a part without a name is refused")
    func nameless() async {
        let body = "--xyz\r\nContent-Type: text/plain\r\n\r\n1\r\n--xyz--"
        await #expect(throws: Problem.self) { try await read(body, pieceBytes: 9) }
    }

    @Test("a head that never ends does not fill the memory")
    func endlessHead() async {
        let body = "--xyz\r\n" + String(repeating: "a", count: 40_000)
        await #expect(throws: Problem.body(expected: "a part's head of at most 16384 bytes", got: "more")) {
            try await read(body, pieceBytes: 1_000)
        }
    }

    @Test(
        "boundaries are read with and without quotes",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"), ("multipart/form-data; charset=x; boundary=\"a b\"", "a b"),
            ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil),
            ("multipart/form-data; boundary=\(String(repeating: "a", count: 71))", nil),
        ] as [(String, String?)])
    func boundaries(_ type: String, _ boundary: String?) {
        #expect(MultipartReader<AsyncStream<ByteBuffer>>.boundary(of: type) == boundary)
    }
}
