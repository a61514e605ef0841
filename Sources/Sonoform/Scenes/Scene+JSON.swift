// Scenes in files.

import Layers
import Tensors

extension Scene {
    /// Reads a scene's JSON.
    ///
    /// - Throws: ``SonoformError`` with the file, what was expected and what was got.
    public init(readingJSON path: String) throws(SonoformError) {
        do {
            self = try decodeJSON(Self.self, at: path)
        } catch {
            throw SonoformError(error, reason: .invalidScene)
        }
    }

    /// Reads a scene's JSON from memory; `source` is what errors call it.
    public init(json bytes: [UInt8], source: String = "scene") throws(SonoformError) {
        do {
            self = try decodeJSON(Self.self, from: bytes, path: source)
        } catch {
            throw SonoformError(error, reason: .invalidScene)
        }
    }

    /// The scene's JSON: one line, its keys sorted.
    public func json() -> [UInt8] { Array((jsonLine(self) + "\n").utf8) }
}
