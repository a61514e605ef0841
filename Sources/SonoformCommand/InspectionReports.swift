// What `sonoform inspect` says of each kind of thing, as lines or as JSON.

import AtomicFiles
import AudioFeatures
import PointClouds
import Sonoform
import Surfaces
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// One thing described; its JSON is `inspect --json`'s.
protocol InspectionReport: Encodable {
    /// The lines for a person.
    var lines: String { get }
}

/// A pipeline.
struct PipelineReport: InspectionReport {
    let kind = "pipeline"
    let path: String
    let name: String
    let parameters: Int
    let bytes: Int
    let components: [ComponentSummary]
    let checks: [String]

    init(path: String, _ summary: PipelineSummary) {
        self.path = path
        (name, parameters, bytes) = (summary.name, summary.parameters, summary.bytes)
        (components, checks) = (summary.components, summary.checks)
    }

    var lines: String {
        let rows = components.map { component in
            let padding = String(repeating: " ", count: max(1, 20 - component.name.count))
            return "  \(component.name)\(padding)\(component.facts)"
        }
        let head = "\(name): a sound pipeline of \(parameters) weights, \(megabytes(bytes))"
        return ([head] + rows + checks.map { "  ok: \($0)" }).joined(separator: "\n")
    }
}

/// One component.
struct ComponentReport: InspectionReport {
    let kind = "component"
    let path: String
    let component: ComponentSummary
    let checks = ["every weight has its place and its shape, and none is left over"]

    init(path: String, _ summary: ComponentSummary) {
        (self.path, component) = (path, summary)
    }

    var lines: String {
        (["\(shown(path)): a sound \(component.name), \(component.facts)"] + checks.map { "  ok: \($0)" })
            .joined(separator: "\n")
    }
}

extension ComponentSummary {
    fileprivate var facts: String {
        let stored = types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { type, count in
            types.count == 1 ? type : "\(count) \(type)"
        }
        return "\(variant), \(parameters) weights in \(tensors) tensors, "
            + "\(stored.joined(separator: " + ")), \(megabytes(bytes))"
    }
}

/// A file with a point cloud.
struct CloudReport: InspectionReport {
    let kind = "cloud"
    let path: String
    let format: CloudFile.Format
    /// What a PLY header says.
    let encoding: String?
    let elements: [PLYSummary.Element]?
    let points: Int
    let normals: Bool
    let colours: Bool
    /// The points of every object, by its index.
    let objects: [Int: Int]
    let lower: [Double]?
    let upper: [Double]?
    /// What holds of its triangles; nil for a file of points alone.
    let surface: MeshCheck?
    /// The same of every object's, where there are several.
    let surfaces: [MeshCheck]?
    /// What was left out or taken for granted.
    let findings: [String]

    init(path: FilePath) throws {
        let file = try CloudFile(path)
        self.path = path.text
        format = file.format
        (encoding, elements) = (file.ply?.encoding, file.ply?.elements)
        findings = file.findings.map(\.description)
        points = file.cloud.count
        (normals, colours) = (file.cloud.normals != nil, file.cloud.colours != nil)
        objects = file.cloud.objects.reduce(into: [:]) { $0[Int($1), default: 0] += 1 }
        surface = file.surface.map(MeshCheck.init)
        surfaces = file.surface.flatMap { $0.objects.count > 1 ? $0.objects.map { MeshCheck($0.mesh) } : nil }
        // Points that are drawn from triangles do not reach their corners.
        let bounds = file.surface?.bounds ?? file.cloud.bounds
        func corner(_ corner: SIMD3<Float>) -> [Double] {
            let place = file.cloud.origin + SIMD3<Double>(corner)
            return [place.x, place.y, place.z]
        }
        lower = bounds.map { corner($0.lower) }
        upper = bounds.map { corner($0.upper) }
    }

    var lines: String {
        var parts = ["\(points) points"]
        if normals { parts.append("normals") }
        if colours { parts.append("colours") }
        parts.append(objects.count == 1 ? "1 object" : "\(objects.count) objects")
        let kind = [encoding, format.rawValue.uppercased()].compactMap(\.self).joined(separator: " ")
        var lines = ["\(shown(path)): \(kind), \(parts.joined(separator: ", "))"]
        if let lower, let upper {
            func corner(_ point: [Double]) -> String {
                "(" + point.map { decimal($0, places: 3) }.joined(separator: ", ") + ")"
            }
            lines.append("  from \(corner(lower)) to \(corner(upper))")
        }
        if let surface {
            lines.append("  surface: \(surface.facts)")
            lines += (surfaces ?? []).enumerated().map { "    object \($0): \($1.facts)" }
        }
        if objects.count > 1 {
            lines += objects.sorted { $0.key < $1.key }.map { "  object \($0.key): \($0.value) points" }
        }
        lines += (elements ?? []).map { element in
            let properties = element.properties.map { "\($0.type) \($0.name)" }.joined(separator: ", ")
            return "  element \(element.name), \(element.count) rows: \(properties)"
        }
        lines += findings.map { "  note: \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension MeshCheck {
    /// "50000 triangles, watertight, 1 piece, volume 0.25, area 2.5"
    fileprivate var facts: String {
        var facts = ["\(triangles) triangles", isWatertight ? "watertight" : "not watertight"]
        if !isWindingConsistent { facts.append("turned both ways") }
        facts.append(components == 1 ? "1 piece" : "\(components) pieces")
        if let volume { facts.append("volume \(significant(volume))") }
        facts.append("area \(significant(area))")
        return facts.joined(separator: ", ")
    }
}

/// A number with four significant digits or all before its point.
private func significant(_ value: Double) -> String {
    var (places, size) = (3, abs(value))
    while size >= 10, places > 0 { (size, places) = (size / 10, places - 1) }
    while size < 1, size > 0, places < 9 { (size, places) = (size * 10, places + 1) }
    return decimal(value, places: places)
}

/// A recording.
struct RecordingReport: InspectionReport {
    let kind = "recording"
    let path: String
    let container: String
    let encoding: String
    let channels: Int
    let sampleRateHz: Int
    let frames: Int
    let seconds: Double
    /// The largest magnitude of the mean of all channels; full scale is 1.
    let peak: Float
    /// Its level in decibels below full scale; nil for silence.
    let peakDecibels: Double?
    /// The level of the root mean square, 0 dB being that of a square wave at full scale; nil for silence.
    let levelDecibels: Double?
    /// What was odd about the file or its sound.
    let warnings: [String]

    enum CodingKeys: String, CodingKey {
        case kind, path, container, encoding, channels, frames, seconds, peak, warnings
        case sampleRateHz = "sample_rate_hz"
        case peakDecibels = "peak_dbfs"
        case levelDecibels = "level_dbfs"
    }

    init(path: FilePath) throws {
        let input = try path == "-" ? AudioInput.standardInput() : AudioInput(opening: path)
        var blocks = try RecordingBlocks(
            contentsOf: input, ReadingOptions(sampleRateHz: nil, limits: AudioLimits(duration: .seconds(24 * 3_600))))
        var (loudest, squares, count) = (Float(0), 0.0, 0)
        var samples: [Float] = []
        while try blocks.next(into: &samples) {
            for sample in samples {
                loudest = max(loudest, abs(sample))
                squares += Double(sample) * Double(sample)
            }
            count += samples.count
            samples.removeAll(keepingCapacity: true)
        }
        let format = blocks.source
        self.path = path.text
        warnings = format.warnings.map(\.description)
        (container, encoding, channels) = (format.container, format.encoding, format.channels)
        (sampleRateHz, frames) = (format.sampleRateHz, format.frames)
        seconds = format.duration.inSeconds
        peak = loudest
        peakDecibels = loudest > 0 ? 20 * log10(Double(loudest)) : nil
        levelDecibels = squares > 0 ? 10 * log10(squares / Double(count)) : nil
    }

    var lines: String {
        func decibels(_ value: Double?) -> String { value.map { "\(decimal(Float($0), places: 1)) dB" } ?? "silent" }
        let line = """
            \(shown(path)): \(container), \(encoding), \(channels) channel\(channels == 1 ? "" : "s"), \(sampleRateHz) Hz, \
            \(decimal(Float(seconds), places: 2)) s, peak \(decibels(peakDecibels)), level \(decibels(levelDecibels))
            """
        return ([line] + warnings.map { "  note: \($0)" }).joined(separator: "\n")
    }
}

private func megabytes(_ bytes: Int) -> String { "\(decimal(Float(bytes) / 1_000_000, places: 1)) MB" }
