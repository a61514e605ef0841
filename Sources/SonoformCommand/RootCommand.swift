// The command `sonoform`: its subcommands, and how errors become exit codes.

import ArgumentParser
import AtomicFiles
import PointClouds
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// `sonoform`, spoken descriptions to coloured 3D point clouds.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sonoform",
        abstract: "Turns spoken descriptions into coloured 3D point clouds.",
        version: version,
        subcommands: [
            ConvertCommand.self, ListenCommand.self, ServeCommand.self, BatchCommand.self, WorkerCommand.self,
            TranscribeCommand.self, DescribeCommand.self, FeaturesCommand.self, GenerateCommand.self,
            RunStageCommand.self, InspectCommand.self, CompareCommand.self,
        ])
}

/// The program's version.
let version = "0.1.0"

/// Exit codes: 0 all converted, 1 some inputs failed, 2 wrong usage.
@main
enum Main {
    static func main() async {
        occupyClosedStreams()
        let arguments = argumentTexts()
        do {
            if let file = fileNamedLikeOption(among: arguments) {
                report(
                    "sonoform: \(file.printable): expected an option, got a file of that name; "
                        + "write ./\(file.printable), or -- before the files")
                exit(2)
            }
            var command = try RootCommand.parseAsRoot(arguments)
            if var serving = command as? any AsyncParsableCommand {
                try await serving.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = RootCommand.exitCode(for: error)
            let message = RootCommand.fullMessage(for: error)
            if code.isSuccess {
                say(message)
                exit(0)
            }
            report(message)
            exit(code == .validationFailure ? 2 : 1)
        }
    }
}

/// Tells what was left out or taken for granted when a cloud was read, a line per finding.
func tell(_ findings: [CloudFinding], of path: FilePath) {
    for finding in findings { report("sonoform: \(path.printable): note: \(finding)") }
}

/// Something that the command itself refuses: what, what was expected, what was got.
struct CommandError: Error, CustomStringConvertible {
    let source: String
    let expected: String
    let got: String

    var description: String { "\(source): expected \(expected), got \(got)" }
}
