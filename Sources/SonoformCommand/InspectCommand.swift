// sonoform inspect: what a pipeline, a component, a recording or a point cloud is.

import ArgumentParser
import AtomicFiles
import PointClouds
import Sonoform
import SystemPackage

/// Describes a file or a folder.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tells what a pipeline folder, a component's folder, a recording, a point cloud or a mesh is.",
        discussion: """
            Of meshes (STL, GLB, OBJ, PLY with faces) it says whether they are closed and their triangles face one way,
            their volume, area and size.
            """)

    @Argument(
        help: """
            A pipeline's or a component's folder, a recording, a point cloud or a mesh; by default the built-in pipeline.
            """)
    var path: FilePath?

    @Flag(help: "Prints one JSON object.")
    var json = false

    func run() throws {
        do {
            let path = try path ?? PipelineLocation.find()
            switch try Kind(of: path) {
            case .pipeline: tell(PipelineReport(path: path.text, try PipelineSummary(directory: path)))
            case .component: tell(ComponentReport(path: path.text, try ComponentSummary(directory: path)))
            case .cloud: tell(try CloudReport(path: path))
            case .recording: tell(try RecordingReport(path: path))
            }
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func tell(_ report: some InspectionReport) {
        say(json ? jsonLine(report) : report.lines)
    }

    private enum Kind {
        case pipeline, component, cloud, recording

        init(of path: FilePath) throws(CommandError) {
            guard (try? Stat(path))?.type == .directory else {
                self = isCloud(path) ? .cloud : .recording
                return
            }
            if (try? Stat(path.appending("pipeline.json"))) != nil {
                self = .pipeline
            } else if (try? Stat(path.appending("config.json"))) != nil {
                self = .component
            } else {
                throw CommandError(
                    source: path.printable, expected: "pipeline.json or a component's config.json in the folder",
                    got: "neither")
            }
        }
    }
}

private func isCloud(_ path: FilePath) -> Bool {
    CloudFile.format(ofFile: path) != nil || OutputFormat(path: path.string) != nil
}
