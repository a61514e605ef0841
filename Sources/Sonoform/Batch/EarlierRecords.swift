// What earlier runs made, and whether it can be kept.

#if canImport(Glibc)
    import Glibc
#endif

/// The records of all reports in an output folder: that of the whole, and those of parts.
struct EarlierRecords: Sendable {
    private let output: String
    private let records: [String: [BatchRecord]]

    init(output: String) {
        self.output = output
        var records: [String: [BatchRecord]] = [:]
        if let stream = opendir(output) {
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
                }
                guard name.hasPrefix("report"), name.hasSuffix(".jsonl") else { continue }
                for (input, record) in BatchReport.records(at: output + "/" + name) {
                    records[input, default: []].append(record)
                }
            }
        }
        self.records = records
    }

    /// The record of an input that was made from exactly `origin` and whose files are still what they were.
    func made(_ input: String, from origin: BatchRecord.Origin) -> BatchRecord? {
        guard origin.inputSHA256 != nil else { return nil }
        return records[input]?.first { record in
            record.isWhole && record.origin == origin && !record.files.isEmpty
                && record.files.allSatisfy { ContentHash.ofFile(output + "/" + $0.path) == $0.sha256 }
        }
    }
}
