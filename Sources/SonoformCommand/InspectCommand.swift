// sonoform inspect: what a pipeline, a recording or a PLY file is.

import ArgumentParser
import AudioFeatures
import PointClouds
import Sonoform

#if canImport(Glibc)
    import Glibc
#endif

/// Describes a file or a pipeline folder.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Tells what a pipeline folder, a recording or a PLY file is.")

    @Argument(help: "A pipeline folder, a recording or a PLY file; by default the built-in pipeline.")
    var path: String?

    func run() throws {
        do {
            let path = try path ?? PipelineLocation.find()
            var status = stat()
            let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            if isFolder {
                print(try PipelineSummary(directory: path).lines)
            } else if path.lowercased().hasSuffix(".ply") {
                print(try describeCloud(path))
            } else {
                print(try describeRecording(path))
            }
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func describeCloud(_ path: String) throws -> String {
        let cloud = try PointCloud(readingPLY: path)
        var parts = ["\(cloud.count) points"]
        if cloud.normals != nil { parts.append("normals") }
        if cloud.colours != nil { parts.append("colours") }
        parts.append("\(Set(cloud.objects).count) object(s)")
        guard let bounds = cloud.bounds else { return "\(path): \(parts.joined(separator: ", "))" }
        func corner(_ point: SIMD3<Float>) -> String {
            "(" + [point.x, point.y, point.z].map { decimal($0, places: 3) }.joined(separator: ", ") + ")"
        }
        return "\(path): \(parts.joined(separator: ", ")), from \(corner(bounds.lower)) to \(corner(bounds.upper))"
    }

    private func describeRecording(_ path: String) throws -> String {
        let recording = try Recording(contentsOf: path)
        let format = recording.source
        let loudest = recording.samples.reduce(0) { max($0, abs($1)) }
        return """
            \(path): \(format.container), \(format.encoding), \(format.channels) channel(s), \
            \(format.sampleRateHz) Hz, \(decimal(Float(format.duration.inSeconds), places: 2)) s, \
            peak \(decimal(loudest, places: 3))
            """
    }
}
