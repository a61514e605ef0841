// SHA-256 against the examples of FIPS 180-2 and NIST's CAVP vectors, in pieces of every size.

import Foundation
import GoldenFiles
import SystemPackage
import Testing

@testable import Sonoform

struct ContentHashTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `texts hash as the standard says`(text: String, expected: String) {
        var hash = ContentHash()
        hash.update(text.utf8)
        #expect(hash.hexadecimal() == expected)
    }

    @Test(
        arguments: [
            ([0xd3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
            ([0x11, 0xaf], "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
        ] as [([UInt8], String)])
    func `bytes hash as NIST's vectors say`(bytes: [UInt8], expected: String) {
        var hash = ContentHash()
        hash.update(bytes)
        #expect(hash.hexadecimal() == expected)
    }

    @Test func `a million letters hash as the standard says, in pieces of any size`() {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        for piece in [1_000_000, 64, 63, 65, 1_000] {
            var hash = ContentHash()
            for start in stride(from: 0, to: letters.count, by: piece) {
                letters[start..<min(start + piece, letters.count)].withUnsafeBytes { hash.update($0) }
            }
            #expect(hash.hexadecimal() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        }
    }

    @Test func `a file hashes as its bytes, what cannot be read does not`() throws {
        let scratch = try Scratch()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hash = ContentHash()
        hash.update(bytes)
        #expect(ContentHash.ofFile(FilePath(try scratch.write("file", bytes))) == hash.hexadecimal())
        #expect(ContentHash.ofFile(FilePath(scratch.file("none"))) == nil)
        #expect(ContentHash.ofFile(FilePath(scratch.path)) == nil)
    }

    @Test func `shards part the inputs by their paths alone, evenly`() throws {
        let paths = (0..<2_000).map { FilePath("speaker \($0 % 7)/recording \($0).wav") }
        let shards = try (0..<8).map { try #require(Shard("\($0)/8")) }
        for path in paths { #expect(shards.count { $0.contains(path) } == 1) }
        for shard in shards { #expect((180...320).contains(paths.count { shard.contains($0) })) }
        // The parts of an array of jobs may run different versions: this must never change.
        #expect(
            ["a.wav", "b/c.flac", "ü.ogg"].map { (path: FilePath) in shards.firstIndex { $0.contains(path) } } == [
                4, 3, 3,
            ])
        #expect(Shard.all.contains("anything"))
    }

    @Test(arguments: ["", "1", "8/8", "-1/8", "1/0", "a/b", "1/2/3", "0/9999999"])
    func `a shard that is none is refused`(text: String) { #expect(Shard(text) == nil) }
}
