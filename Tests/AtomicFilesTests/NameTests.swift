// Names are bytes: told apart, listed and spelt out as such.

import AtomicFiles
import Foundation
import GoldenFiles
import SystemPackage
import Testing

@Suite struct NameTests {
    private func path(_ bytes: [UInt8]) -> FilePath {
        FilePath(platformString: bytes.map(CChar.init(bitPattern:)) + [0])
    }

    @Test(arguments: [
        ("a red chair.ply", "a red chair.ply"), ("stühle/椅子 🪑.wav", "stühle/椅子 🪑.wav"),
        ("bad\u{1B}[2J\nsecond\t.wav", "bad\\u{1B}[2J\\nsecond\\t.wav"), ("a\\b", "a\\\\b"),
        ("x\u{202E}gpj.wav", "x\\u{202E}gpj.wav"), ("x\u{85}\u{2028}y\u{7F}", "x\\u{85}\\u{2028}y\\u{7F}"),
    ]) func whatDoesNotPrintIsSpelt(name: String, printed: String) {
        #expect(FilePath(name).printable == printed)
    }

    @Test(
        arguments: [
            ([0x61, 0xE9, 0x62], "a\\xE9b"), ([0xC3], "\\xC3"), ([0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"),
            ([0xF0, 0x9F, 0xAA, 0x91], "🪑"), ([0xC0, 0xAF], "\\xC0\\xAF"), ([0xE2, 0x82, 0x41], "\\xE2\\x82A"),
        ] as [([UInt8], String)]) func whatIsNoTextIsSpelt(bytes: [UInt8], printed: String)
    {
        #expect(path(bytes).printable == printed)
    }

    @Test func spellingsOfOneLetterAreTwoNames() throws {
        let scratch = try Scratch()
        let folder = FilePath(scratch.path)
        let names = ["cafe\u{301}.flac", "caf\u{E9}.flac"].map { path(Array($0.utf8)) }
        #expect(names[0] != names[1] && Set(names).count == 2)
        for name in names { try AtomicFile.write([1], to: folder.pushing(name)) }
        #expect(try FolderListing.names(in: folder).map { FilePath(root: nil, components: $0) } == names)
    }

    @Test func aFolderThatIsNoneIsAnError() {
        let error = #expect(throws: Errno.self) { try FolderListing.names(in: "/no/such/folder") }
        #expect(error == .noSuchFileOrDirectory)
    }

    @Test func oneFileIsKnownByAnyName() throws {
        let scratch = try Scratch()
        let folder = FilePath(scratch.path)
        try scratch.write("a.wav", "a")
        try scratch.write("b.wav", "a")
        symlink("a.wav", scratch.file("soft"))
        link(scratch.file("a.wav"), scratch.file("hard"))
        for name in ["a.wav", "soft", "hard"] {
            #expect(isSameFile(folder.appending("a.wav"), folder.appending(name)), "\(name)")
        }
        #expect(isSameFile(folder.appending("a.wav"), FilePath("\(scratch.path)/./../\(folder.lastComponent!)/a.wav")))
        #expect(!isSameFile(folder.appending("a.wav"), folder.appending("b.wav")))
        #expect(!isSameFile(folder.appending("none"), folder.appending("none")))
    }
}
