// What earlier runs made, and whether it can be kept.

import AtomicFiles
import SystemPackage

/// The records of all reports in an output folder: that of the whole, and those of parts.
struct EarlierRecords: Sendable {
    private let output: FilePath
    private let reports: [ReportLines]
    /// What this run has made.
    private var own: [FilePath: BatchRecord] = [:]

    init(output: FilePath) {
        self.output = output
        reports = ((try? FolderListing.names(in: output)) ?? []).compactMap { name in
            let text = name.string
            guard text.hasPrefix("report"), text.hasSuffix(".jsonl") else { return nil }
            return ReportLines(output.appending(name))
        }
    }

    /// Adds what this run has made.
    mutating func add(_ record: BatchRecord) { own[record.input] = record }

    /// What the reports say of an input, the latest of this run first.
    func records(of input: FilePath) -> [BatchRecord] {
        [own[input]].compactMap(\.self) + reports.compactMap { $0.record(of: input) }
    }

    /// Any of the records, for what they have in common.
    var anyRecord: BatchRecord? { reports.lazy.compactMap(\.anyRecord).first }

    /// The record of an input that was made from exactly `origin` and whose files are still what they were.
    func made(_ input: FilePath, from origin: BatchRecord.Origin) -> BatchRecord? {
        guard origin.inputSHA256 != nil else { return nil }
        return records(of: input).first { record in
            record.isWhole && record.origin == origin && !record.files.isEmpty
                && record.files.allSatisfy { ContentHash.ofFile(output.pushing(FilePath(text: $0.path))) == $0.sha256 }
        }
    }
}
