// One recording's part of the page.

import AtomicFiles
import AudioFeatures
import FoundationEssentials
import Pictures
import PointClouds
import Sonoform
import SystemPackage

/// The card of an input of which something was made.
struct Card {
    let entry: ContactSheet.Entry

    init(_ entry: ContactSheet.Entry) { self.entry = entry }

    func html(_ rooms: inout Rooms) -> String {
        var parts = ["<article>", "<h2>\(escaped(entry.record.input))</h2>"]
        if let recording = entry.recording { parts += [sound(recording, &rooms), spectrogram(recording, rooms)] }
        let utterances = entry.record.utterances ?? []
        if utterances.isEmpty || utterances.allSatisfy({ $0.output == nil && $0.error == nil }) {
            parts.append(
                scene(
                    heard: entry.record.heard, objects: entry.record.objects ?? [], output: entry.record.output, rooms))
        } else {
            for utterance in utterances {
                if let error = utterance.error {
                    parts.append("<p class=\"error\">\(time(utterance)): \(escaped(error))</p>")
                } else {
                    parts.append("<p class=\"faint\">\(time(utterance))</p>")
                    parts.append(
                        scene(
                            heard: utterance.heard, objects: utterance.objects ?? [], output: utterance.output, rooms))
                }
            }
        }
        return parts.joined(separator: "\n") + "\n</article>\n"
    }

    private func time(_ utterance: ConversionRecord.Utterance) -> String {
        "\(rounded(utterance.start)) to \(rounded(utterance.end)) s"
    }

    /// The player, or why there is none.
    private func sound(_ path: String, _ rooms: inout Rooms) -> String {
        func none(_ why: String) -> String { "<p class=\"faint\">\(escaped(why))</p>" }
        guard let status = try? Stat(FilePath(text: path)) else {
            return none("The recording is not there any more.")
        }
        let bytes = Int(status.size)
        guard bytes <= rooms.limits.recordingBytes else {
            return none("The recording (\(rounded(Double(bytes) / 1e6)) MB) is too large for this page.")
        }
        guard bytes <= rooms.recordingBytes else { return none("The page is full: this recording is not in it.") }
        guard let (type, data) = playable(path, limit: rooms.limits.recordingBytes) else {
            return none("The recording cannot be read any more.")
        }
        rooms.recordingBytes -= data.count
        let name = escaped("Recording \(entry.record.input)")
        return "<audio controls preload=\"none\" aria-label=\"\(name)\" src=\"data:\(type);base64,"
            + "\(data.base64EncodedString())\"></audio>"
    }

    /// The file as it is where browsers play it; AIFF, which most do not, as WAV.
    private func playable(_ path: String, limit: Int) -> (type: String, data: Data)? {
        guard let bytes = try? FilePath(text: path).readAll(limit: limit) else { return nil }
        let data = Data(bytes)
        switch data.prefix(4) {
        case Data("fLaC".utf8): return ("audio/flac", data)
        case Data("OggS".utf8): return ("audio/ogg", data)
        case Data("RIFF".utf8): return ("audio/wav", data)
        default:
            guard let recording = try? Recording(contentsOf: FilePath(text: path), ReadingOptions(sampleRateHz: nil))
            else {
                return nil
            }
            return ("audio/wav", Data(waveBytes(recording)))
        }
    }

    private func spectrogram(_ path: String, _ rooms: Rooms) -> String {
        let limits = AudioLimits(duration: .seconds(rooms.limits.spectrogramSeconds))
        guard let recording = try? Recording(contentsOf: FilePath(text: path), limits: limits),
            let picture = SmallSpectrogram(recording)?.picture
        else { return "" }
        let seconds = rounded(recording.duration.inSeconds)
        return """
            <figure><img class="spectrogram" alt="Spectrogram of \(seconds) seconds, 0 to 8 kHz, loud is bright" \
            src="data:image/png;base64,\(Data(picture.pngBytes()).base64EncodedString())">
            <figcaption><span>0 to 8 kHz</span><span>\(seconds) s</span></figcaption></figure>
            """
    }

    /// What was heard, what was made of it, and the cloud.
    private func scene(heard: String?, objects: [Conversion.Object], output: String?, _ rooms: Rooms) -> String {
        var parts = ["<p class=\"heard\"><q>\(escaped(heard ?? ""))</q></p>"]
        if let output { parts.append(canvas(output, of: objects.map(\.description), rooms)) }
        let items = objects.map {
            "<li>\(escaped($0.description)) <span class=\"faint\">\($0.points) points</span></li>"
        }
        if !items.isEmpty { parts.append("<ul>\(items.joined())</ul>") }
        if let output { parts.append("<p class=\"faint\">\(escaped(output))</p>") }
        return parts.joined(separator: "\n")
    }

    private func canvas(_ output: String, of objects: [String], _ rooms: Rooms) -> String {
        guard output.lowercased().hasSuffix(".ply") else {
            return "<p class=\"faint\">Only PLY files are shown here.</p>"
        }
        let cloud: PointCloud
        do {
            cloud = try CloudFile(FilePath(text: entry.path(of: output))).cloud
        } catch {
            return "<p class=\"error\">\(escaped(error.description))</p>"
        }
        let packed = PackedCloud(cloud, limit: rooms.pointsOfACloud)
        let label = escaped("Point cloud: \(objects.joined(separator: ", ")). Arrow keys turn it, plus and minus zoom.")
        return """
            <canvas tabindex="0" role="img" aria-label="\(label)" data-size="\(packed.size)" \
            data-points="\(Data(packed.bytes).base64EncodedString())"></canvas>
            """
    }
}

/// A number with one decimal.
private func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

/// A recording as a WAV file of 16 bits per sample.
func waveBytes(_ recording: Recording) -> [UInt8] {
    func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let rate = UInt32(recording.sampleRateHz)
    let size = UInt32(2 * recording.samples.count)
    var bytes = Array("RIFF".utf8) + little(36 + size) + Array("WAVEfmt ".utf8)
    bytes += little(UInt32(16)) + little(UInt16(1)) + little(UInt16(1)) + little(rate) + little(2 * rate)
    bytes += little(UInt16(2)) + little(UInt16(16)) + Array("data".utf8) + little(size)
    for sample in recording.samples { bytes += little(Int16(max(-1, min(1, sample)) * 32_767)) }
    return bytes
}
