// A folder for one test.

import Foundation

/// A temporary folder, removed with its owner.
public final class Scratch: Sendable {
    /// The folder's path.
    public let path = FileManager.default.temporaryDirectory.path() + "sonoform-\(UUID().uuidString)"

    /// Makes the folder.
    public init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file of the given bytes and returns its path.
    @discardableResult public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// Writes a file of the given text and returns its path.
    @discardableResult public func write(_ name: String, _ text: some StringProtocol) throws -> String {
        try write(name, text.utf8)
    }

    /// Copies a file into the folder under its own name.
    public func copy(_ other: String) throws {
        try FileManager.default.copyItem(atPath: other, toPath: file(URL(filePath: other).lastPathComponent))
    }

    /// What is in the folder, sorted.
    public var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? [] }
}
