import HTTPTypes
import Hummingbird
import NIOCore
import PointClouds
import Testing

@testable import SonoformServer

@Suite("In which form a client wants a cloud")
struct NegotiationTests {
    private func answer(accept: String?, format: CloudFormat? = nil) throws -> CloudAnswer {
        var head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/v1/clouds")
        head.headerFields[.accept] = accept
        return try CloudAnswer(Request(head: head, body: RequestBody(buffer: ByteBuffer())), format: format)
    }

    @Test(
        "by the most wanted type that there is",
        arguments: [
            (nil, .file(.ply)), ("*/*", .file(.ply)), ("model/gltf-binary", .file(.glb)),
            ("text/html, application/json;q=0.9, */*;q=0.1", .json(.ply)), ("text/plain", .file(.xyz)),
            ("model/obj;q=0.2, text/event-stream", .events(.ply)), ("multipart/mixed", .parts(.ply)),
            ("model/*", .file(.ply)), ("model/ply;q=0, model/obj", .file(.obj)),
        ] as [(String?, CloudAnswer)])
    func byAccept(_ accept: String?, _ expected: CloudAnswer) throws {
        #expect(try answer(accept: accept) == expected)
    }

    @Test("a format that is named wins over the type, inside JSON as well")
    func byFormat() throws {
        #expect(try answer(accept: "*/*", format: .glb) == .file(.glb))
        #expect(try answer(accept: "application/json", format: .glb) == .json(.glb))
        #expect(try answer(accept: "text/html", format: .obj) == .file(.obj))
    }

    @Test("what there is not is refused")
    func refused() {
        let error = #expect(throws: Problem.self) { try answer(accept: "image/png") }
        #expect(error?.status == .notAcceptable)
    }
}
