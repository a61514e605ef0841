// Where the pipeline that ships with the program lies.

import AtomicFiles
public import SystemPackage

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
    public static func find(named: FilePath? = nil) throws(SonoformError) -> FilePath {
        if let named { return named }
        if let value = getenv(environmentVariable), value.pointee != 0 { return FilePath(platformString: value) }
        let candidates = builtInCandidates()
        let isThere = { (folder: FilePath) in
            folder.appending(PipelineManifest.fileName).withPlatformString { access($0, R_OK) == 0 }
        }
        if let candidate = candidates.first(where: isThere) { return candidate }
        throw SonoformError(
            .missingPipeline, source: (candidates.first ?? "built-in").printable, expected: "the built-in pipeline",
            got: "no such folder")
    }

    /// The folder of that name.
    public static func find(named: String) throws(SonoformError) -> FilePath { try find(named: FilePath(named)) }

    /// Beside the executable, where the package manager puts resources, and where `PREFIX/bin` finds `PREFIX/share`.
    private static func builtInCandidates() -> [FilePath] {
        guard let folder = realPath("/proc/self/exe")?.removingLastComponent() else { return [] }
        return ["Sonoform_Sonoform.resources/built-in", "../share/sonoform/built-in"].map { folder.pushing($0) }
    }
}
