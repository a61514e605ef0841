// A part of a batch for one of several machines.

import AtomicFiles
public import SystemPackage

/// One of `count` parts of a batch; every input is in exactly one of them, by its path alone.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
    /// Which part, from 0.
    public let index: Int
    /// How many parts there are.
    public let count: Int

    /// The whole.
    public static let all = Shard(index: 0, count: 1)

    private init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

    /// Part "I/N" with I from 0 to N-1; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
            (1...1_000_000).contains(count), (0..<count).contains(index)
        else { return nil }
        self.init(index: index, count: count)
    }

    /// "I/N".
    public var description: String { "\(index)/\(count)" }

    /// Whether an input belongs to this part; on every machine and in every version the same.
    public func contains(_ path: FilePath) -> Bool {
        guard count > 1 else { return true }
        var hash = ContentHash()
        hash.update(path.bytes)
        let number = hash.digest().prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return number % UInt64(count) == UInt64(index)
    }

    /// The name of the part's report.
    var reportName: String { count > 1 ? "report-\(index)-of-\(count).jsonl" : "report.jsonl" }
}
