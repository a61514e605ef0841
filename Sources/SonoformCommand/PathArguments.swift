// Arguments as bytes: names that are not UTF-8 get to the files that they name.

public import ArgumentParser
import AtomicFiles
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension FilePath: @retroactive ExpressibleByArgument {
    /// Reads what ``argumentTexts()`` wrote.
    public init?(argument: String) { self.init(text: argument) }

    /// What help shows as a default.
    public var defaultValueDescription: String { printable }
}

/// The program's arguments, without its name, as text that keeps every byte; see `FilePath.text`.
func argumentTexts() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
        CommandLine.unsafeArgv[index].map { FilePath(platformString: $0).argumentText(UnsafePointer($0)) }
    }
}

extension FilePath {
    /// An argument's text; a path would lose a slash at its end.
    fileprivate func argumentText(_ pointer: UnsafePointer<CChar>) -> String {
        let bytes = UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) }
        if let plain = String(validating: bytes, as: UTF8.self), !plain.contains("\\x") { return plain }
        return text + (bytes.count > 1 && bytes.last == UInt8(ascii: "/") ? "/" : "")
    }
}

/// The first argument that looks like an option and is a file: a recording `-dash.wav` that a shell's `*.wav` gave.
func fileNamedLikeOption(among arguments: [String]) -> FilePath? {
    arguments.prefix { $0 != "--" }.lazy
        .filter { $0.hasPrefix("-") && $0.count > 1 && $0.contains(".") && !$0.contains("=") }
        .map { FilePath(text: $0) }
        .first { (try? Stat($0, followTargetSymlink: false)) != nil }
}
