// Clouds' files named by text, for callers whose paths are text.

public import AtomicFiles
import SystemPackage

extension PointCloud {
    /// Writes the cloud to the file of that name; see ``write(to:format:)-(FilePath,_)``.
    public func write(to path: String, format: CloudFormat) throws(FileWriteError) {
        try write(to: FilePath(path), format: format)
    }

    /// Writes a PLY to the file of that name; see ``writePLY(to:)-(FilePath)``.
    public func writePLY(to path: String) throws(FileWriteError) { try writePLY(to: FilePath(path)) }
}
