// Files appear whole, at the end of links, and never where they may not.

import AtomicFiles
import Foundation
import GoldenFiles
import SystemPackage
import Testing

@Suite struct AtomicFileTests {
    private let scratch: Scratch
    private var folder: FilePath { FilePath(scratch.path) }

    init() throws { scratch = try Scratch() }

    private func content(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: scratch.file(name))))
    }

    @Test func aLinkIsWrittenThrough() throws {
        try FileManager.default.createDirectory(atPath: scratch.file("store"), withIntermediateDirectories: true)
        try scratch.write("store/real.ply", "old")
        symlink("store/real.ply", scratch.file("middle.ply"))
        symlink(scratch.file("middle.ply"), scratch.file("link.ply"))
        try AtomicFile.write([1, 2], to: scratch.file("link.ply"))
        #expect(try content("store/real.ply") == [1, 2])
        #expect(try FilePath(scratch.file("link.ply")).stat(followTargetSymlink: false).type == .symbolicLink)
        #expect(try FilePath(scratch.file("middle.ply")).stat(followTargetSymlink: false).type == .symbolicLink)
    }

    @Test func aLinkToNothingYetMakesTheFile() throws {
        symlink("new.ply", scratch.file("link.ply"))
        try AtomicFile.write([3], to: scratch.file("link.ply"))
        #expect(scratch.contents == ["link.ply", "new.ply"])
        #expect(try content("new.ply") == [3])
    }

    @Test func linksInACircleAreRefused() throws {
        symlink("b", scratch.file("a"))
        symlink("a", scratch.file("b"))
        let error = try #require(throws: FileWriteError.self) { try AtomicFile.write([3], to: scratch.file("a")) }
        #expect(error.errno == .tooManySymbolicLinkLevels)
    }

    @Test func aFileWithoutWritePermissionStays() throws {
        try scratch.write("mine.ply", "old")
        chmod(scratch.file("mine.ply"), 0o444)
        let error = try #require(throws: FileWriteError.self) {
            try AtomicFile.write([1], to: scratch.file("mine.ply"))
        }
        #expect(error.description == "\(scratch.file("mine.ply")): cannot be written: Permission denied")
        #expect(try content("mine.ply") == Array("old".utf8))
        #expect(scratch.contents == ["mine.ply"])
    }

    @Test func theModeOfAFileIsKept() throws {
        try scratch.write("a", "old")
        chmod(scratch.file("a"), 0o666)
        try AtomicFile.write([1], to: scratch.file("a"))
        #expect(try FilePath(scratch.file("a")).stat().permissions.rawValue == 0o666)
    }

    @Test(arguments: [60, 63]) func longNamesAreWritten(count: Int) throws {
        let name = String(repeating: "🪑", count: count) + ".ab"
        try AtomicFile.write([7], to: scratch.file(name))
        #expect(try content(name) == [7])
        #expect(scratch.contents.count == 1)
    }

    @Test(arguments: ["/dev/fd/", "/proc/self/fd/", "link"])
    func aDescriptorIsWrittenOnWhereItStands(path: String) throws {
        let file = try FileDescriptor.open(
            folder.appending("all"), .writeOnly, options: .create, permissions: .ownerReadWrite)
        defer { try? file.close() }
        try file.writeAll([1, 2])
        let name = path == "link" ? scratch.file("link") : "\(path)\(file.rawValue)"
        if path == "link" { symlink("/dev/fd/\(file.rawValue)", name) }
        #expect(!AtomicFile.replaces(FilePath(name)))
        for byte in [3, 4] as [UInt8] { try AtomicFile.write([byte], to: name) }
        #expect(try content("all") == [1, 2, 3, 4])
        #expect(scratch.contents.filter { $0 != "link" } == ["all"])
    }

    @Test func aDescriptorThatIsNotOpenIsRefused() throws {
        let error = try #require(throws: FileWriteError.self) { try AtomicFile.write([1], to: "/dev/fd/987") }
        #expect(error.errno == .badFileDescriptor)
    }

    @Test func finishedFilesAreMovedThroughLinksAndOverNothingThatMayNotBeWritten() throws {
        try scratch.write("new", "new")
        try scratch.write("real", "old")
        symlink("real", scratch.file("link"))
        try AtomicFile.move(folder.appending("new"), to: folder.appending("link"))
        #expect(try content("real") == Array("new".utf8) && scratch.contents == ["link", "real"])
        try scratch.write("new", "newer")
        chmod(scratch.file("real"), 0o444)
        for name in ["real", "link"] {
            let error = try #require(throws: FileWriteError.self) {
                try AtomicFile.move(folder.appending("new"), to: folder.appending(name))
            }
            #expect(error.errno == .permissionDenied)
        }
        #expect(try content("real") == Array("new".utf8) && content("new") == Array("newer".utf8))
    }

    /// The other file system is in memory, where there is one.
    @Test func finishedFilesAreMovedToOtherFileSystems() throws {
        let other = "/dev/shm/sonoform-test-\(getpid())"
        try #require(mkdir(other, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: other) }
        try scratch.write("new", "new")
        symlink(other + "/real", scratch.file("link"))
        try AtomicFile.move(folder.appending("new"), to: folder.appending("link"))
        #expect(try Data(contentsOf: URL(filePath: other + "/real")) == Data("new".utf8))
        #expect(scratch.contents == ["link"])
    }

    @Test func namesOfAnyBytesSurvive() throws {
        let name = FilePath.Component(platformString: [0x6E, CChar(bitPattern: 0xE9), 0x2E, 0x70, 0])!
        try AtomicFile.write([7], to: folder.appending(name))
        #expect(try FolderListing.names(in: folder) == [name])
        #expect(name.printable == "n\\xE9.p")
    }
}
