// Where the tests find reference tensors that other programs wrote.

/// The folder `Tests/Goldens` of this source tree.
public enum GoldenFiles {
    /// The path of a file or folder below `Tests/Goldens`.
    public static func path(_ name: String) -> String {
        // Tests/GoldenFiles/GoldenFiles.swift -> Tests/Goldens/name
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return (here + ["Goldens", Substring(name)]).joined(separator: "/")
    }
}
