// What earlier runs made, and whether it can be kept.

import AtomicFiles
import SystemPackage

/// The records of all reports in an output folder: that of the whole, and those of parts.
struct EarlierRecords: Sendable {
    private let output: FilePath
    private var records: [FilePath: [BatchRecord]]

    init(output: FilePath) {
        self.output = output
        var records: [FilePath: [BatchRecord]] = [:]
        for name in (try? FolderListing.names(in: output)) ?? [] {
            let text = name.string
            guard text.hasPrefix("report"), text.hasSuffix(".jsonl") else { continue }
            for (input, record) in BatchReport.records(at: output.appending(name)) {
                records[input, default: []].append(record)
            }
        }
        self.records = records
    }

    /// Adds what this run has made.
    mutating func add(_ record: BatchRecord) { records[record.input, default: []].insert(record, at: 0) }

    /// The record of an input that was made from exactly `origin` and whose files are still what they were.
    func made(_ input: FilePath, from origin: BatchRecord.Origin) -> BatchRecord? {
        guard origin.inputSHA256 != nil else { return nil }
        return records[input]?.first { record in
            record.isWhole && record.origin == origin && !record.files.isEmpty
                && record.files.allSatisfy { ContentHash.ofFile(output.pushing(FilePath(text: $0.path))) == $0.sha256 }
        }
    }
}
