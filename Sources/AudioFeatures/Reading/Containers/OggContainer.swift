// Ogg's pages, all of them: a stream is whole when its pages follow each other to the one that ends it.

/// Reads Ogg's pages; what is in them is libsndfile's to decode.
enum OggContainer {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        var pages = OggPages(file)
        var links: [OggLink] = []
        while let page = try pages.next() {
            if page.isFirst {
                if let open = links.last, !open.isEnded {
                    guard open.serial == page.serial || open.pages > 1 else {
                        throw notAllowed("Ogg with several streams beside each other")
                    }
                    throw cut("the next stream begins before it")
                }
                links.append(try OggLink(page))
            } else {
                guard let last = links.indices.last else {
                    throw Refusal(.notAudio, expected: allowedFormats, "Ogg without its first page")
                }
                try links[last].append(page)
            }
        }
        guard let last = links.last else { throw cut("no whole page") }
        guard last.isEnded else { throw cut("one without it (the file is truncated)") }
        let first = links[0]
        for link in links.dropFirst() where link.format != first.format {
            throw Refusal(
                .formatNotAllowed, expected: "the links of a chained Ogg file to be alike",
                "\(link.format) after \(first.format)")
        }
        var warnings: [RecordingWarning] = []
        if links.count > 1 { warnings.append(.chained(links: links.count)) }
        if pages.bytesAfterEnd > 0 { warnings.append(.bytesAfterEnd(pages.bytesAfterEnd)) }
        let streams = links.map { AudioLayout.Stream(bytes: file.part($0.range), promisedFrames: nil) }
        return AudioLayout(container: "Ogg", content: .streams(streams), warnings: warnings)
    }

    static func cut(_ got: String) -> Refusal {
        Refusal(.truncated, expected: "an Ogg file that goes on to its end-of-stream page", got)
    }
}

/// One stream of a file, which may be followed by others.
private struct OggLink {
    struct Format: Equatable, CustomStringConvertible {
        let codec: String
        let channels: Int
        let sampleRateHz: Int
        var description: String { "\(codec) with \(channels) channels at \(sampleRateHz) Hz" }
    }

    let format: Format
    let serial: Int
    private(set) var range: Range<Int>
    private(set) var isEnded: Bool
    private(set) var pages = 1
    private var lastNumber: Int

    init(_ page: OggPages.Page) throws(Refusal) {
        let head = page.body
        if head.hasText("\u{1}vorbis", at: 0), let rate = head.integer(at: 12, bytes: 4, .little) {
            format = Format(codec: "Vorbis", channels: Int(head[11]), sampleRateHz: rate)
        } else if head.hasText("OpusHead", at: 0), let rate = head.integer(at: 12, bytes: 4, .little) {
            format = Format(codec: "Opus", channels: Int(head[9]), sampleRateHz: rate)
        } else {
            let others = [
                ("Speex   ", "Speex"), ("\u{7F}FLAC", "FLAC"), ("\u{80}theora", "Theora"), ("fishead", "Skeleton"),
            ]
            let name = others.first { head.hasText($0.0, at: 0) }?.1 ?? "another codec than Vorbis and Opus"
            throw notAllowed("Ogg with \(name)")
        }
        (serial, range, isEnded, lastNumber) = (page.serial, page.range, page.isLast, page.number)
    }

    mutating func append(_ page: OggPages.Page) throws(Refusal) {
        guard page.serial == serial else { throw notAllowed("Ogg with several streams beside each other") }
        guard !isEnded else { throw OggPages.damaged("a page after the end-of-stream page") }
        guard page.number == (lastNumber + 1) & 0xFFFF_FFFF else {
            throw OggPages.damaged("page \(page.number) after page \(lastNumber)")
        }
        (range, isEnded, lastNumber) = (range.lowerBound..<page.range.upperBound, page.isLast, page.number)
        pages += 1
    }
}

/// The pages of a file, one after the other, each with its checksum compared.
private struct OggPages {
    struct Page {
        let range: Range<Int>
        let serial: Int
        let number: Int
        let isFirst: Bool
        let isLast: Bool
        /// What the page carries, of a first page only.
        let body: [UInt8]
    }

    /// What stands behind the last page.
    private(set) var bytesAfterEnd = 0

    private let file: ByteView
    private var offset = 0
    private var hasEnded = false
    /// A piece of the file that is looked at, and where it begins.
    private var window: [UInt8] = []
    private var origin = 0

    init(_ file: ByteView) {
        self.file = file
    }

    static func damaged(_ got: String) -> Refusal {
        Refusal(.decodingFailed, expected: "Ogg pages that follow each other", got)
    }

    mutating func next() throws(Refusal) -> Page? {
        guard offset < file.count else { return nil }
        load(27 + 255)
        let start = offset - origin
        guard window.hasText("OggS\u{0}", at: start) else {
            // Players add tags of their own behind the end.
            if hasEnded {
                bytesAfterEnd = file.count - offset
                return nil
            }
            let isHead = Array("OggS\u{0}".utf8).starts(with: window[start...].prefix(5))
            throw isHead
                ? OggContainer.cut("a page cut off (the file is truncated)") : Self.damaged("other bytes at \(offset)")
        }
        guard window.count >= start + 27, window.count >= start + 27 + Int(window[start + 26]) else {
            throw OggContainer.cut("a page cut off (the file is truncated)")
        }
        let head = 27 + Int(window[start + 26])
        let length = head + window[start + 27..<start + head].reduce(0) { $0 + Int($1) }
        guard offset + length <= file.count else {
            throw OggContainer.cut("a page cut off (the file is truncated)")
        }
        load(length)
        let page = offset - origin
        guard window.count >= page + length, isSound(page..<page + length) else {
            throw Self.damaged("a page with a wrong checksum at \(offset)")
        }
        let flags = window[page + 5]
        let isFirst = flags & 2 != 0
        hasEnded = flags & 4 != 0
        defer { offset += length }
        return Page(
            range: offset..<offset + length, serial: window.integer(at: page + 14, bytes: 4, .little)!,
            number: window.integer(at: page + 18, bytes: 4, .little)!, isFirst: isFirst, isLast: hasEnded,
            body: isFirst ? Array(window[page + head..<page + length]) : [])
    }

    /// Makes sure that the next `length` bytes are in the window, as far as the file has them.
    private mutating func load(_ length: Int) {
        let wanted = min(length, file.count - offset)
        guard offset + wanted > origin + window.count else { return }
        window = file.bytes(at: offset, count: max(wanted, 1 << 18))
        origin = offset
    }

    /// Whether a page's checksum is that of the page with four zeros in the checksum's place.
    private func isSound(_ page: Range<Int>) -> Bool {
        window.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[page])
            let claimed = bytes.loadUnaligned(fromByteOffset: 22, as: UInt32.self)
            var remainder = Checksum.ogg(0, .init(rebasing: bytes[..<22]))
            remainder = withUnsafeBytes(of: UInt32(0)) { Checksum.ogg(remainder, $0) }
            remainder = Checksum.ogg(remainder, .init(rebasing: bytes[26...]))
            return remainder == UInt32(littleEndian: claimed)
        }
    }
}
