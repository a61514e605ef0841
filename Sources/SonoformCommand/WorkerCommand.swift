// sonoform worker: a warm pipeline for programs that distribute recordings.

import ArgumentParser
import Sonoform
import SystemPackage
import Tensors

/// Answers requests, a line each, until there are no more.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Converts what lines of JSON ask for: a warm pipeline for schedulers and programs.",
        discussion: """
              {"id":1,"input":"in/sub/a.wav","output":"sub/a.wav.ply"}
              {"id":2,"input":"/tmp/x","name":"b.wav","options":{"picture":true}}

            The first line of stdout, {"ready":…}, has the version, the pipeline's SHA-256 and the options, as reports have
            them. Every request then gets one line: {"id":1,"record":…} with what the report of sonoform batch would say,
            and "problem" with reason and detail where something went wrong. A line that is no request gets such an answer,
            too. "name" is what the record calls the input; "options" replaces some of the command line's, in the form of
            the first line's. Conversions take one thread and make the same bytes as sonoform batch. End of input ends it.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder that outputs lie below.", valueName: "out"))
    var output: FilePath = "."

    @Option(
        help: ArgumentHelp(
            "Where files are made, on the same disk; workers may share it. (default: a hidden folder in OUT)",
            valueName: "dir"))
    var staging: FilePath?

    @OptionGroup(title: "Conversion") var conversion: ConversionArguments

    @OptionGroup var listening: ListenerArguments

    @Option(help: ArgumentHelp("A pipeline folder; also by SONOFORM_MODEL.", valueName: "dir"))
    var model: FilePath?

    @Option(
        help: "The number format of the matrix products: f32, bf16 or int8. (default: what the processor does best)")
    var precision: Precision?

    func validate() throws { try conversion.surfaces.check(conversion.format) }

    func run() throws {
        do {
            let precision = precision ?? .native
            var pipeline = try Pipeline(directory: PipelineLocation.find(named: model), precision: precision)
            pipeline.listener = try listening.load(precision: precision)
            let worker = try ConversionWorker(
                pipeline, output: output, staging: staging, options: conversion.options(format: conversion.format),
                precision: precision,
                version: version)
            defer { worker.end() }
            say(worker.greeting.line)
            var lines = LineReader(.standardInput, longest: 1 << 20)
            while let line = try lines.next() {
                switch line {
                case .whole(let bytes) where bytes.allSatisfy { $0 <= 0x20 }: continue
                case .whole(let bytes): say(worker.answer(bytes).line)
                case .tooLong: say(worker.refuse(longerThan: lines.longest).line)
                }
            }
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }
}
