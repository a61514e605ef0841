// sonoform batch: a folder of recordings to a folder of point clouds.

public import ArgumentParser
import AtomicFiles
import Logging
import PointClouds
public import Sonoform
import SystemPackage
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

extension Shard: ExpressibleByArgument {
    /// Reads "I/N".
    public init?(argument: String) { self.init(argument) }
}

/// Converts every recording below a folder.
struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Converts every recording below a folder, and can be left running.",
        discussion: """
              sonoform batch recordings -o clouds              sub/a.wav becomes clouds/sub/a.wav.ply
              sonoform batch recordings -o clouds --resume     goes on after a crash, redoes what has changed
              sonoform batch recordings -o clouds --shard 3/8  one of 8 parts (0/8 to 7/8), for as many machines
              sonoform batch recordings -o clouds --merge      puts the parts' reports together, names what is missing
              sonoform batch recordings -o clouds --watch      stays, and converts what appears, until Ctrl-C

            OUT/report.jsonl gets a line per input: what convert --json says, the hashes of what it was made from, or why
            it failed. Hidden files are left alone, and links that lead out of the folder. Ctrl-C stops after the
            recordings in hand. Exit codes: 0 all converted, 1 some failed, 2 wrong usage, 130 or 143 stopped while
            something was left to do. --watch keeps what was made, as --resume does, and takes a file when it has not
            changed for two seconds.
            """)

    @Argument(help: "The folder with the recordings: WAV, AIFF, CAF, FLAC or Ogg.")
    var directory: FilePath

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder for the point clouds.", valueName: "out"))
    var output: FilePath

    @Option(help: ArgumentHelp("How many recordings at once, a thread each. (default: the cores)", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("Only part I of N, I from 0.", valueName: "i/n"))
    var shard = Shard.all

    @Flag(help: "Keeps what was made from the same bytes, pipeline and options.")
    var resume = false

    @Flag(help: "Converts nothing: puts the parts' reports together, and names what is missing or has changed.")
    var merge = false

    @Flag(help: "Stops at the first recording that fails.")
    var failFast = false

    @OptionGroup(title: "Which recordings") var selection: SelectionArguments

    @Flag(help: "Converts new recordings as they appear, until it is stopped.")
    var watch = false

    @Flag(help: "Only tells what would be done.")
    var dryRun = false

    @OptionGroup(title: "Conversion") var conversion: ConversionArguments
    @OptionGroup var sheet: ContactSheetArguments

    @OptionGroup var listening: ListenerArguments

    @Option(help: ArgumentHelp("A pipeline folder; also by SONOFORM_MODEL.", valueName: "dir"))
    var model: FilePath?

    @Option(
        help: "The number format of the matrix products: f32, bf16 or int8. (default: what the processor does best)")
    var precision: Precision?

    @Flag(help: "Prints the report's lines.")
    var json = false

    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        if let workers, !(1...1_024).contains(workers) { throw ValidationError("--workers takes 1 to 1024.") }
        try conversion.surfaces.check(conversion.format)
        let others = [
            ("--shard", shard != .all), ("--resume", resume), ("--fail-fast", failFast), ("--watch", watch),
            ("--dry-run", dryRun),
        ]
        if merge, let other = others.first(where: \.1) {
            throw ValidationError("--merge goes over the whole at once, without \(other.0).")
        }
    }

    func run() throws {
        let signals = StopSignals()
        do {
            let batch = try makeBatch()
            try checkContactSheet()
            let folder = try PipelineLocation.find(named: model)
            if dryRun { return try tellPlan(of: batch, pipeline: folder) }
            if merge { return try mergeReports(of: batch, pipeline: folder) }
            let logger = logging.logger()
            let start = ContinuousClock.now
            var pipeline = try Pipeline(directory: folder, precision: precision ?? .native)
            pipeline.listener = try listening.load(precision: precision)
            let seconds = decimal((ContinuousClock.now - start).inSeconds, places: 2)
            logger.debug("loaded \(folder.printable) in \(seconds) s")
            logger.debug("\(batch.workers) workers, part \(batch.shard), report \(batch.reportPath.printable)")
            let progress = BatchProgress(printsRecords: json, logger: logger)
            let page = BatchSheet(path: sheet.contactSheet)
            let summary: Batch.Summary
            do {
                let onEvent: @Sendable (Batch.Event, Batch.Summary) -> Void = { event, summary in
                    progress.tell(event, summary)
                    page.take(event)
                }
                if watch {
                    report("sonoform: \(directory.printable): watched for recordings; Ctrl-C ends it")
                    summary = try batch.watch(pipeline, stop: signals.stop, onEvent: onEvent)
                } else {
                    summary = try batch.run(pipeline, stop: signals.stop, onEvent: onEvent)
                }
                progress.end()
            } catch let interruption as BatchInterruption {
                progress.end()
                let (inputs, left) = (interruption.summary.inputs, interruption.summary.left)
                report("sonoform: \(interruption); \(inputs - left) of \(inputs) are done, --resume goes on")
                throw ExitCode(1)
            }
            try page.write(directory: directory, output: output)
            try finish(batch, summary, signals)
        } catch let code as ExitCode {
            throw code
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func makeBatch() throws -> Batch {
        var batch = Batch(directory: directory, output: output, version: version)
        batch.workers = workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        batch.shard = shard
        batch.selection = try selection.selection()
        batch.resumes = resume || watch
        batch.failsFast = failFast
        batch.options = conversion.options(format: conversion.format)
        batch.precision = precision ?? .native
        return batch
    }

    private func checkContactSheet() throws(CommandError) {
        guard let path = sheet.contactSheet else { return }
        try checkEnding(of: path, known: ["html", "htm"])
        try protectRecordings(from: path, inputs: [])
    }

    private func mergeReports(of batch: Batch, pipeline: FilePath) throws {
        let progress = BatchProgress(printsRecords: json, logger: logging.logger())
        let page = BatchSheet(path: sheet.contactSheet)
        let summary = try batch.merge(
            pipelineDirectory: pipeline, listenerDirectory: listening.listener, precision: precision
        ) { event, summary in
            progress.tell(event, summary)
            page.take(event)
        }
        progress.end()
        try page.write(directory: directory, output: output)
        var line = "\(summary.kept) merged, \(summary.failed) failed"
        if summary.inPart > 0 { line += ", \(summary.inPart) in part" }
        line += ", \(summary.left) missing in \(decimal(Float(summary.seconds), places: 1)) s"
        line += "; report in \(batch.reportPath.printable)"
        if json { report(line) } else { say(line) }
        if summary.left > 0 { report("sonoform: to make what is missing: \(resumingCommand())") }
        try checkInputs(summary)
        if summary.kept < summary.inputs { throw ExitCode(1) }
    }

    private func checkInputs(_ summary: Batch.Summary) throws(ExitCode) {
        guard summary.inputs == 0 else { return }
        report("sonoform: \(directory.printable): expected recordings, got none")
        throw ExitCode(1)
    }

    private func tellPlan(of batch: Batch, pipeline: FilePath) throws {
        let plan = try batch.plan(pipelineDirectory: pipeline, listenerDirectory: listening.listener)
        for (input, isKept) in plan { say("\(isKept ? "keep   " : "convert") \(input.printable)") }
        let kept = plan.count { $0.isKept }
        say("\(plan.count - kept) to convert, \(kept) to keep")
    }

    private func finish(_ batch: Batch, _ summary: Batch.Summary, _ signals: StopSignals) throws {
        let rate = Double(summary.done - summary.kept) / max(summary.seconds, 1e-3)
        var line = "\(summary.converted) converted, \(summary.failed) failed"
        if summary.inPart > 0 { line += ", \(summary.inPart) in part" }
        if summary.kept > 0 { line += ", \(summary.kept) kept" }
        if summary.left > 0 { line += ", \(summary.left) left" }
        line += " in \(decimal(Float(summary.seconds), places: 1)) s (\(decimal(Float(rate), places: 1)) a second)"
        line += "; report in \(batch.reportPath.printable)"
        if json { report(line) } else { say(line) }
        if summary.left > 0 {
            let names = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"]
            let why = signals.number.map { "by \(names[$0] ?? "a signal")" } ?? "at the first failure"
            report("sonoform: stopped \(why); to go on: \(resumingCommand())")
        }
        if let number = signals.number, summary.left > 0 { throw ExitCode(128 + number) }
        // Nothing has come yet, or there is nothing in this part: the recordings may be elsewhere.
        if !watch, batch.shard == .all { try checkInputs(summary) }
        if summary.failed + summary.inPart > 0 { throw ExitCode(1) }
    }

    /// The command that goes on where this one stopped.
    private func resumingCommand() -> String {
        let arguments = ["sonoform"] + argumentTexts().filter { $0 != "--merge" } + (resume ? [] : ["--resume"])
        return arguments.map { quoted($0.printable) }.joined(separator: " ")
    }

    /// An argument as a shell reads it.
    private func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=+:,@%".contains($0)) }
        if isPlain, !argument.isEmpty { return argument }
        return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
