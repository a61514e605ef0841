// Features to a file as they come: memory does not grow with the recording.

import AtomicFiles
import AudioFeatures
import SystemPackage
import Tensors

/// An array file whose rows are given block by block, laid out as rows or as columns.
struct FeatureFile: ~Copyable {
    private var file: AtomicFile
    private let headerBytes: Int
    private let frames: Int
    private let features: Int
    private let isTransposed: Bool
    /// Rows that have come but are not written yet, and how many have been.
    private var pending: [Float] = []
    private var written = 0

    /// Rows that are written at once: enough for the pieces of columns to be worth a write each.
    private static let block = 256

    init(path: FilePath, frames: Int, features: Int, isTransposed: Bool) throws(FileWriteError) {
        let shape = isTransposed ? [features, frames] : [frames, features]
        let header =
            path.lastComponent?.ending == "safetensors"
            ? SafeTensorsFile.header(of: [("features", shape)]) : Tensor.npyHeader(shape: shape)
        // Nothing may throw once a part of a noncopyable value is there.
        var file = try AtomicFile(path)
        try file.write(header, at: 0)
        self.file = file
        headerBytes = header.count
        (self.frames, self.features, self.isTransposed) = (frames, features, isTransposed)
    }

    /// Takes the next rows `[n, F]`.
    mutating func append(_ rows: [Float]) throws(FileWriteError) {
        pending += rows
        if pending.count >= Self.block * features { try flush() }
    }

    /// Writes what is left and puts the file in its place.
    consuming func finish() throws(FileWriteError) {
        try flush()
        precondition(written == frames, "\(written) rows came, \(frames) were announced")
        try file.commit()
    }

    private mutating func flush() throws(FileWriteError) {
        let rows = pending.count / features
        guard rows > 0 else { return }
        if isTransposed {
            for feature in 0..<features {
                let column = (0..<rows).map { pending[$0 * features + feature] }
                try file.write(column, at: headerBytes + 4 * (feature * frames + written))
            }
        } else {
            try file.write(pending, at: headerBytes + 4 * written * features)
        }
        written += rows
        pending.removeAll(keepingCapacity: true)
    }
}
