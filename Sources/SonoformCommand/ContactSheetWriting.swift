// Contact sheets of what the command converted.

import ArgumentParser
import AtomicFiles
import ContactSheets
import Sonoform
import Synchronization
import SystemPackage

/// The option of those that convert many inputs at once.
struct ContactSheetArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also writes one HTML page of all: players, spectrograms, clouds that turn.", valueName: "file"))
    var contactSheet: FilePath?
}

/// Writes the page, or tells why it cannot.
func writeSheet(_ title: String, _ entries: [ContactSheet.Entry], to path: FilePath) throws(ExitCode) {
    do {
        try ContactSheet(title: title).write(entries, to: path)
    } catch {
        report(error)
        throw ExitCode(1)
    }
}

/// What a batch's workers made, for its contact sheet.
final class BatchSheet: Sendable {
    /// By their paths, not by their texts, of which two can be equal: what is converted again is shown once.
    private let records = Mutex<[FilePath: ConversionRecord]>([:])
    private let path: FilePath?

    /// Collects nothing without a path.
    init(path: FilePath?) { self.path = path }

    func take(_ event: Batch.Event) {
        guard path != nil else { return }
        switch event {
        case .began, .missing: break
        case .finished(let record), .kept(let record): records.withLock { $0[record.input] = record.conversion }
        }
    }

    /// Writes the page of all inputs, by their names.
    func write(directory: FilePath, output: FilePath) throws(ExitCode) {
        guard let path else { return }
        let sorted = records.withLock { $0.values.sorted { $0.input < $1.input } }
        let entries = sorted.map { record in
            let recording = directory.pushing(FilePath(text: record.input)).text
            return ContactSheet.Entry(record, recording: recording, outputFolder: output.text)
        }
        try writeSheet("Sonoform: \(directory.printable)", entries, to: path)
    }
}
