// sonoform convert: recordings or a text to point clouds.

import ArgumentParser
import AudioFeatures
import ContactSheet
import Logging
import Pictures
import PointClouds
import Sonoform

/// Converts recordings, or one text, to PLY files.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Converts recordings of spoken descriptions to point clouds (PLY).",
        discussion: """
              sonoform convert chair.wav                  writes chair.ply
              sonoform convert *.flac -o clouds/          one PLY a recording
              sonoform convert list.wav                   list-01.ply, list-02.ply … for what silences of a second part
              sonoform convert --text "a red cube"        the same, from a written description
            """)

    @Argument(help: "Recordings: WAV, AIFF, FLAC or Ogg.")
    var audio: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write, or a folder for it.", valueName: "file|dir"))
    var output: String?

    @Option(help: ArgumentHelp("A written description instead of a recording.", valueName: "text"))
    var text: String?

    @OptionGroup(title: "Conversion") var conversion: ConversionArguments

    @Flag(help: "Prints one JSON object an input.")
    var json = false

    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        guard audio.isEmpty != (text == nil) else {
            throw ValidationError(
                text == nil ? "Name at least one recording, or give --text." : "Give recordings or --text, not both.")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        let logger = logging.logger()
        let plan: OutputPlan
        let pipeline: Pipeline
        do {
            plan = try OutputPlan(
                inputs: text.map { [slug($0)] } ?? audio, output: output, ending: format.fileExtension)
            pipeline = try pipelineOptions.load()
            try pipeline.check(conversion.options)
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var load = (ContinuousClock.now - start).inSeconds
        logger.debug("loaded \(pipeline.directory) in \(decimal(Float(load * 1_000), places: 1)) ms")
        var failures = 0
        var records: [ConversionRecord] = []
        for (index, input) in (text.map { [$0] } ?? audio).enumerated() {
            do {
                var record = try convert(input, pipeline, plan, index)
                record.seconds?.load = load
                record.seconds?.total += load
                load = 0  // the pipeline was loaded for the first input
                logger.debug("\(input): \(record.stages)")
                print(json ? jsonLine(record) : record.lines)
                records.append(record)
            } catch {
                failures += 1
                records.append(ConversionRecord(input: input, error: "\(error)"))
                if json { print(jsonLine(records[records.count - 1])) }
                report(error)
            }
        }
        try writeContactSheet(of: records)
        if failures > 0 { throw ExitCode(1) }
    }

    /// The format asked for, or the one that the output's name ends in.
    private var format: CloudFormat {
        conversion.format ?? (audio.count > 1 ? nil : output.flatMap(CloudFormat.init(path:))) ?? .ply
    }

    private func convert(_ input: String, _ pipeline: Pipeline, _ plan: OutputPlan, _ index: Int) throws
        -> ConversionRecord
    {
        let options = conversion.options
        let path = plan.paths[index]
        if text != nil {
            var conversion = try pipeline.convert(text: input, options: options)
            let picture = try write(&conversion, to: path)
            return ConversionRecord(input: input, output: path, picture: picture, conversion)
        }
        let splitting = UtteranceSplitting(pauseSeconds: conversion.pause)
        if conversion.join {
            let joined = try pipeline.convertJoined(input, options: options, splitting: splitting)
            var scene = joined.scene
            let picture = try write(&scene, to: path)
            var record = ConversionRecord(input: input, output: path, picture: picture, scene)
            if joined.utterances.count > 1 {
                tell(joined.utterances)
                record.utterances = joined.utterances.map { ConversionRecord.Utterance($0) }
            }
            return record
        }
        var utterances: [ConversionRecord.Utterance] = []
        var seconds = StageSeconds()
        var alone: ConversionRecord?
        try pipeline.convertUtterances(of: input, options: options, splitting: splitting) { utterance in
            guard case .success(var conversion) = utterance.outcome else {
                tell([utterance])
                utterances.append(ConversionRecord.Utterance(utterance))
                return
            }
            let own = utterance.isAlone ? path : plan.path(of: utterance.index, of: utterance.count, in: index)
            let picture = try write(&conversion, to: own)
            seconds.add(conversion.seconds)
            if utterance.isAlone {
                alone = ConversionRecord(input: input, output: own, picture: picture, conversion)
            } else {
                utterances.append(ConversionRecord.Utterance(utterance, output: own, picture: picture))
            }
        }
        return alone
            ?? ConversionRecord(input: input, utterances: utterances, signals: options.signals, seconds: seconds)
    }

    private func writeContactSheet(of records: [ConversionRecord]) throws {
        guard let path = conversion.contactSheet else { return }
        let entries = records.map { ContactSheet.Entry($0, recording: text == nil ? $0.input : nil) }
        let title = entries.count == 1 ? entries[0].record.input : "\(entries.count) recordings"
        try writeSheet("Sonoform: \(title)", entries, to: path)
    }

    /// Writes a cloud, and its picture where one is wanted; gives the picture's path.
    private func write(_ made: inout Conversion, to path: String) throws -> String? {
        let start = ContinuousClock.now
        try made.cloud.write(to: path, format: format)
        let drawn = conversion.picture ? pathOfPicture(beside: path) : nil
        if let drawn { try CloudRenderer()(made.cloud).writePNG(to: drawn) }
        let elapsed = (ContinuousClock.now - start).inSeconds
        made.seconds.write = elapsed
        made.seconds.total += elapsed
        return drawn
    }

    /// Names the utterances of which nothing was made.
    private func tell(_ utterances: [UtteranceConversion]) {
        for case .failure(let error) in utterances.map(\.outcome) { report(error) }
    }
}

/// "chair.ply" -> "chair.png".
func pathOfPicture(beside path: String) -> String {
    let known = [".ply", ".xyz", ".obj", ".glb", ".npy", ".safetensors"].first { path.hasSuffix($0) }
    return path.dropLast(known?.count ?? 0) + ".png"
}

/// A file's name for a text: "A tall, red chair!" -> "a-tall-red-chair".
func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let slug = words.joined(separator: "-").prefix(60)
    return slug.isEmpty ? "description" : String(slug)
}
