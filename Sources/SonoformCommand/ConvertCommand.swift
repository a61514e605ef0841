// sonoform convert: recordings, a text or a scene to point clouds.

import ArgumentParser
import AtomicFiles
import ContactSheets
import Logging
import PointClouds
import Sonoform
import SystemPackage

/// Converts recordings, one text or one scene to PLY files.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Converts recordings of spoken descriptions to point clouds (PLY).",
        discussion: """
              sonoform convert chair.wav                  writes chair.ply
              sonoform convert *.flac -o clouds/          one PLY per recording
              sonoform convert list.wav                   list-01.ply, list-02.ply … for what silences of a second part
              sonoform convert --text "a red cube"        the same, from a written description
              sonoform convert --scene chair.scene.json   the same, from a scene that --scene-json wrote or you did
            """)

    @Argument(help: "Recordings: WAV, AIFF, CAF, FLAC or Ogg; - for the standard input.")
    var audio: [FilePath] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write, a folder for it, or - for the standard output.", valueName: "file|dir|-")
    )
    var output: OutputArgument?

    @Option(help: ArgumentHelp("A written description instead of a recording.", valueName: "text"))
    var text: String?

    @Option(help: ArgumentHelp("A scene's JSON instead of a recording.", valueName: "file"))
    var scene: FilePath?

    @OptionGroup(title: "Conversion") var conversion: ConversionArguments
    @OptionGroup var sheet: ContactSheetArguments

    @Flag(help: "Prints one JSON object per input.")
    var json = false

    @OptionGroup var listening: ListenerArguments
    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        switch [!audio.isEmpty, text != nil, scene != nil].count(where: \.self) {
        case 0: throw ValidationError("Name at least one recording, or give --text or --scene.")
        case 1: break
        default: throw ValidationError("Give recordings, --text or --scene, not several of them.")
        }
        guard audio.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("The standard input is one recording: name - once.")
        }
        try conversion.surfaces.check(format)
        if output?.isStandardOutput == true, conversion.picture || conversion.sceneJSON || json {
            throw ValidationError(
                "The standard output takes one cloud: no --picture, --scene-json or --json beside it.")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        let logger = logging.logger()
        let inputs: [ConversionJob.Input]
        let plan: OutputPlan
        let job: ConversionJob
        do {
            inputs = try self.inputs()
            let options = conversion.options(format: format)
            plan = try OutputPlan(
                inputs: inputs.map(\.fileName), sources: sources, output: output, ending: options.fileExtension,
                known: conversion.format == nil ? OutputFormat.endings : nil)
            try checkContactSheet()
            job = try ConversionJob(try pipelineOptions.load(listening), options)
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var load = (ContinuousClock.now - start).inSeconds
        logger.debug("loaded \(job.pipeline.directory.printable) in \(decimal(Float(load * 1_000), places: 1)) ms")
        var failures = 0
        var records: [ConversionRecord] = []
        for (index, input) in inputs.enumerated() {
            var record: ConversionRecord
            do {
                var files = PlannedFiles(plan: plan, input: index)
                record = try job.run(input, to: &files)
                record.seconds?.load = load
                record.seconds?.total += load
                load = 0  // the pipeline was loaded for the first input
                logger.debug("\(input.name): \(record.stages)")
            } catch {
                record = ConversionRecord(input: input.name, error: error)
            }
            if json {
                say(jsonLine(record))
            } else if record.error == nil {
                plan.isStandardOutput ? report(record.lines) : say(record.lines)
            }
            for note in record.notes { report("sonoform: \(record.shownInput): note: \(note)") }
            for error in record.errors { report("sonoform: \(error)") }
            if !record.errors.isEmpty { failures += 1 }
            records.append(record)
        }
        try writeContactSheet(of: records)
        if failures > 0 { throw ExitCode(1) }
    }

    /// The files that are read.
    private var sources: [FilePath] { audio + [scene].compactMap(\.self) }

    private func inputs() throws -> [ConversionJob.Input] {
        if let text { return [.text(text)] }
        if let scene { return [.scene(try Scene(readingJSON: scene), name: scene.text)] }
        return audio.map { $0 == "-" ? .standardInput : .recording($0) }
    }

    /// The format asked for, or the one that the output's name ends in; nil for neither.
    private var format: OutputFormat? {
        conversion.format ?? (audio.count > 1 ? nil : output.flatMap { OutputFormat(path: $0.path.string) })
    }

    private func checkContactSheet() throws(CommandError) {
        guard let path = sheet.contactSheet else { return }
        try checkEnding(of: path, known: ["html", "htm"])
        try protectRecordings(from: path, inputs: sources)
    }

    private func writeContactSheet(of records: [ConversionRecord]) throws {
        guard let path = sheet.contactSheet else { return }
        let entries = records.map { ContactSheet.Entry($0, recording: audio.isEmpty ? nil : $0.input) }
        let title = entries.count == 1 ? entries[0].record.input : "\(entries.count) recordings"
        try writeSheet("Sonoform: \(title)", entries, to: path)
    }
}

/// The files of one input, at the places that the plan has for them.
private struct PlannedFiles: JobOutput {
    let plan: OutputPlan
    let input: Int

    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath {
        let cloud = utterance.map { plan.path(of: $0.index, of: $0.count, in: input) } ?? plan.paths[input]
        let path = if case .cloud = file { cloud } else { pathBeside(cloud, ending: file.ending) }
        if path != plan.paths[input] { try plan.check(path) }
        try write(path)
        return plan.isStandardOutput ? "-" : path
    }
}

extension ConversionJob.Input {
    /// What its files are named after.
    fileprivate var fileName: FilePath {
        switch self {
        case .recording(let path): path
        case .standardInput, .sound: "stdin"
        case .text(let text): FilePath(slug(text))
        case .scene(_, let name): FilePath(text: name.hasSuffix(".scene.json") ? String(name.dropLast(5)) : name)
        }
    }
}

/// "chair.ply" -> "chair.png".
func pathBeside(_ path: FilePath, ending: String) -> FilePath {
    let (folder, stem, own) = path.parts
    let endings = [".ply", ".xyz", ".obj", ".glb", ".stl", ".3mf", ".npy", ".safetensors"]
    let known = endings.contains(own.lowercased())
    return folder.appending(name: known ? stem : stem + Array(own.utf8), ending: ".\(ending)")
}

/// A file's name for a text: "A tall, red chair!" -> "a-tall-red-chair".
func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let slug = words.joined(separator: "-").prefix(60)
    return slug.isEmpty ? "description" : String(slug)
}
