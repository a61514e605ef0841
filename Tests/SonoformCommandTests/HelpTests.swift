// What the program says of itself: every help text as it was last looked at.

import ArgumentParser
import Foundation
import GoldenFiles
import Testing

@testable import SonoformCommand

struct HelpTests {
    /// Every command's help by the name of its file.
    private static let texts: [(name: String, text: String)] =
        [("sonoform", RootCommand.helpMessage(columns: 80))]
        + RootCommand.configuration.subcommands.map { command in
            (command._commandName, RootCommand.helpMessage(for: command, columns: 80))
        }

    private func path(_ name: String) -> String { GoldenFiles.path("help/\(name).txt") }

    @Test func `every help text is the one in Tests/Goldens/help; make help-texts writes them again`() throws {
        if ProcessInfo.processInfo.environment["SONOFORM_WRITE_HELP"] != nil {
            for (name, text) in Self.texts { try Data("\(text)\n".utf8).write(to: URL(filePath: path(name))) }
        }
        for (name, text) in Self.texts {
            let golden = try? String(contentsOfFile: path(name), encoding: .utf8)
            #expect("\(text)\n" == golden, "\(name).txt")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: GoldenFiles.path("help"))
        #expect(Set(files) == Set(Self.texts.map { "\($0.name).txt" }))
    }
}
