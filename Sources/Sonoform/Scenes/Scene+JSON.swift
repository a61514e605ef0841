// Scenes in files.

import AtomicFiles
import Layers
public import SystemPackage
import Tensors

extension Scene {
    /// Reads a scene's JSON.
    ///
    /// - Throws: ``SonoformError`` with the file, what was expected and what was got.
    public init(readingJSON path: FilePath) throws(SonoformError) {
        let bytes: [UInt8]
        do {
            bytes = try path.readAll(limit: Self.longestJSON)
        } catch {
            throw SonoformError(.invalidScene, source: path.printable, expected: "a scene's JSON", got: "\"\(error)\"")
        }
        try self.init(json: bytes, source: path.printable)
    }

    private static let longestJSON = 64 << 20

    /// Reads a scene's JSON from memory; `source` is what errors call it.
    public init(json bytes: [UInt8], source: String = "scene") throws(SonoformError) {
        do {
            self = try decodeJSON(Self.self, from: bytes, path: "scene")
        } catch {
            throw SonoformError(.invalidScene, source: source, expected: error.expected, got: error.got)
        }
    }

    /// The scene's JSON: one line, its keys sorted.
    public func json() -> [UInt8] { Array((jsonLine(self) + "\n").utf8) }
}
