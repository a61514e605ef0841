// Where the pipeline that ships with the program lies.

import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Finds pipeline folders: the one named, the one in `SONOFORM_MODEL`, or the one that ships with the program.
public enum PipelineLocation {
    /// The environment variable that names a pipeline folder.
    public static let environmentVariable = "SONOFORM_MODEL"

    /// The folder to load; throws ``SonoformError`` when the built-in one is nowhere.
    ///
    /// - Parameter named: the folder that the user named, if any.
    public static func find(named: String? = nil) throws(SonoformError) -> String {
        if let named { return named }
        if let value = getenv(environmentVariable), value.pointee != 0 { return String(cString: value) }
        let candidates = builtInCandidates()
        for candidate in candidates where access(candidate + "/" + PipelineManifest.fileName, R_OK) == 0 {
            return candidate
        }
        throw SonoformError(
            .missingPipeline, source: candidates.first ?? "built-in", expected: "the built-in pipeline",
            got: "no such folder")
    }

    /// Beside the executable, where the package manager puts resources, and where `PREFIX/bin` finds `PREFIX/share`.
    private static func builtInCandidates() -> [String] {
        guard let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let slash = executable.lastIndex(of: "/")
        else { return [] }
        let folder = executable[..<slash]
        return ["\(folder)/Sonoform_Sonoform.resources/built-in", "\(folder)/../share/sonoform/built-in"]
    }
}
