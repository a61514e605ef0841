// Reading a request's body: whole into memory where it is small by its nature, else into the spool.

import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The media type of the body, in lower case and without parameters; "" for none.
    var mediaType: String {
        let type = headers[.contentType]?.prefix { $0 != ";" } ?? ""
        return type.trimmed.lowercased()
    }

    /// Throws where the head says that the body is larger than `limit`.
    func checkLength(_ limit: Int) throws(Problem) {
        guard let text = headers[.contentLength] else { return }
        guard let length = Int(text), length <= limit else { throw .tooLarge(limit: limit, got: "\(text)") }
    }

    /// A small body, in memory.
    func bytes(limit: Int) async throws -> [UInt8] {
        try checkLength(limit)
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= limit else { throw Problem.tooLarge(limit: limit, got: "more") }
            bytes += buffer.readableBytesView
        }
        return bytes
    }

    /// The body, as a file.
    func spooled(in spool: Spool, limit: Int) async throws -> SpooledFile {
        try checkLength(limit)
        var writer = try SpoolWriter(in: spool, limit: limit)
        for try await buffer in body { try writer.write(buffer.readableBytesView) }
        return writer.finish()
    }
}

extension StringProtocol {
    /// Without the spaces and tabs around it.
    var trimmed: String {
        let inner = drop { $0 == " " || $0 == "\t" }
        return String(inner.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
