// Answers: bytes, files of the spool, JSON, parts.

import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Sonoform
import SystemPackage

extension Response {
    /// Bytes of a type.
    init(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = type
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A value as JSON.
    init(json value: some Encodable) { self.init(Array(jsonLine(value).utf8), type: "application/json") }

    /// A file of the spool, between bytes before and after it; it is read piece by piece.
    init(
        _ file: SpooledFile, type: String, headers: HTTPFields = [:], before: [UInt8] = [], after: [UInt8] = []
    ) {
        var headers = headers
        headers[.contentType] = type
        let length = before.count + file.byteCount + after.count
        let body = ResponseBody(contentLength: length) { writer in
            if !before.isEmpty { try await writer.write(ByteBuffer(bytes: before)) }
            let descriptor = try SystemPackage.FileDescriptor.open(file.path, .readOnly, options: .closeOnExec)
            defer { try? descriptor.close() }
            while let bytes = try descriptor.nextPiece() { try await writer.write(ByteBuffer(bytes: bytes)) }
            if !after.isEmpty { try await writer.write(ByteBuffer(bytes: after)) }
            try await writer.finish(nil)
        }
        self.init(status: .ok, headers: headers, body: body)
    }
}

extension SystemPackage.FileDescriptor {
    private static let pieceBytes = 1 << 17

    /// The next bytes; nil at the end.
    fileprivate func nextPiece() throws -> [UInt8]? {
        let bytes = try [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return bytes.isEmpty ? nil : bytes
    }
}

extension HTTPField.Name {
    /// What a cloud shows, in the language's own words; ASCII.
    static let description = HTTPField.Name("Sonoform-Description")!
    /// What was heard.
    static let heard = HTTPField.Name("Sonoform-Heard")!
}

/// A text that a header may hold.
func headerText(_ text: String) -> String {
    String(text.unicodeScalars.prefix(2_000).map { 0x20..<0x7F ~= $0.value ? Character($0) : "?" })
}
