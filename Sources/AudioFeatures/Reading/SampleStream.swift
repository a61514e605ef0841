// libsndfile over a part of the bytes, with the checks that it leaves to its caller.

import AtomicFiles
import CSndFile
import Synchronization
import SystemPackage

/// Decoded frames of one stream, from its start to its end.
final class SampleStream {
    let channels: Int
    let sampleRateHz: Int
    /// The coding, as users call it.
    let encoding: String
    /// Frames that the stream's own header promises; nil where it leaves them open.
    let declaredFrames: Int?
    private let handle: OpaquePointer
    /// libsndfile reads through it as long as the handle is open.
    private let reading: ViewReading

    /// Whether all bytes have been asked for.
    var isAtEnd: Bool { reading.place >= reading.bytes.count }

    /// sf_open reports through a buffer shared by all threads.
    private static let opening = Mutex(())

    /// Opens plain samples.
    convenience init(_ samples: ByteView, _ coding: SampleCoding) throws(Refusal) {
        var information = SF_INFO()
        information.format = coding.sndfileFormat
        information.channels = Int32(clamping: coding.channels)
        information.samplerate = Int32(clamping: coding.sampleRateHz)
        try self.init(samples, information, encoding: coding.name)
    }

    /// Opens a FLAC or Ogg stream.
    convenience init(_ stream: ByteView, container: String) throws(Refusal) {
        try self.init(stream, SF_INFO(), encoding: nil, container: container)
    }

    private init(
        _ bytes: ByteView, _ wanted: SF_INFO, encoding: String?, container: String = "audio"
    ) throws(Refusal) {
        reading = ViewReading(bytes)
        var information = wanted
        let (opened, trouble) = reading.withCallbacks { callbacks, data in
            Self.opening.withLock { _ in
                let opened = sf_open_virtual(&callbacks, Int32(SFM_READ), &information, data)
                // As a number, since a pointer may not leave the lock.
                return (UInt(bitPattern: opened), opened == nil ? String(cString: sf_strerror(nil)) : "")
            }
        }
        guard let opened = OpaquePointer(bitPattern: opened) else {
            throw Refusal(
                .decodingFailed, expected: "\(container) data that decodes", "a stream that \(Self.plain(trouble))")
        }
        let name = encoding ?? StreamEncoding.name(sndfileFormat: information.format)
        guard let name else {
            sf_close(opened)
            throw notAllowed("\(container) with a coding that is not read")
        }
        handle = opened
        (channels, sampleRateHz) = (Int(information.channels), Int(information.samplerate))
        self.encoding = name
        // libsndfile says SF_COUNT_MAX for streams whose header leaves the length open.
        declaredFrames = information.frames > 0 && information.frames < Int64.max / 2 ? Int(information.frames) : nil
    }

    deinit {
        sf_close(handle)
    }

    /// Fills interleaved frames and gives how many; fewer only at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
        Int(sf_readf_float(handle, buffer.baseAddress!, sf_count_t(buffer.count / channels)))
    }

    /// What libsndfile says went wrong; nil for nothing.
    var trouble: String? {
        let code = sf_error(handle)
        return code == 0 ? nil : Self.plain(String(cString: sf_error_number(code)))
    }

    /// libsndfile's messages speak of itself ("Internal error : SF_INFO struct incomplete."), which helps nobody: what
    /// is kept is that its decoder gave up, and its words only where they are about the file.
    private static func plain(_ message: String) -> String {
        var words = message.printable.split(separator: " ").joined(separator: " ")
        if words.hasSuffix(".") { words.removeLast() }
        let speaksOfItself = [
            "Internal", "SF_INFO", "bug", "report", "psf", "sf_", "SFE_", "Supplied", "NULL", "No Error",
        ]
        guard !words.isEmpty, !speaksOfItself.contains(where: { words.contains($0) }) else {
            return "cannot be decoded"
        }
        return "cannot be decoded (\(words))"
    }
}

/// A view as libsndfile reads it: with a place that moves.
private final class ViewReading {
    let bytes: ByteView
    var place = 0

    init(_ bytes: ByteView) {
        self.bytes = bytes
    }

    func withCallbacks<Result>(_ body: (inout SF_VIRTUAL_IO, UnsafeMutableRawPointer) -> Result) -> Result {
        var callbacks = SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(ViewReading.behind($0).bytes.count) },
            seek: { offset, whence, data in
                let reading = ViewReading.behind(data)
                let origin =
                    switch Int(whence) {
                    case Int(SEEK_CUR): reading.place
                    case Int(SEEK_END): reading.bytes.count
                    default: 0
                    }
                let (place, isTooLarge) = origin.addingReportingOverflow(Int(offset))
                guard !isTooLarge, place >= 0 else { return -1 }
                reading.place = place
                return sf_count_t(place)
            },
            read: { buffer, count, data in
                let reading = ViewReading.behind(data)
                guard let buffer, count > 0 else { return 0 }
                let got = reading.bytes.read(at: reading.place, into: .init(start: buffer, count: Int(count)))
                reading.place += got
                return sf_count_t(got)
            },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(ViewReading.behind($0).place) })
        return body(&callbacks, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func behind(_ data: UnsafeMutableRawPointer?) -> ViewReading {
        Unmanaged<ViewReading>.fromOpaque(data!).takeUnretainedValue()
    }
}
