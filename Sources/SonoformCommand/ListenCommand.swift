// sonoform listen: what somebody says, to point clouds, while they go on.

import ArgumentParser
import AtomicFiles
import AudioFeatures
import Logging
import PointClouds
import Sonoform
import SystemPackage

/// Converts utterances as they are spoken.
struct ListenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Listens to the microphone, and converts every description as it is spoken.",
        discussion: """
              sonoform listen -o clouds                        the microphone, until Ctrl-C
              sonoform listen --device plughw:1 -o clouds      another one, as arecord or pw-record calls it
              ssh desk arecord -t wav -r 16000 | sonoform listen - -o clouds

            Writes OUT/001.ply, 002.ply …; what is there is never overwritten. A silence ends an utterance (--pause), and
            Ctrl-C the listening: what is being said is still converted. On a terminal a meter shows how loud it is, and
            the words as they are heard. --json prints {"partial": …} for these, then what convert --json prints.
            - reads WAV, AU or plain samples (--rate) from the standard input.
            """)

    @Argument(help: "- for the standard input. (default: the microphone, through arecord or pw-record)")
    var source: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder for the point clouds.", valueName: "out"))
    var output: FilePath = "."

    @Option(help: ArgumentHelp("The recorder's device.", valueName: "name"))
    var device: String?

    @Option(help: ArgumentHelp("Samples a second of plain samples: 16 bits, little-endian, mono.", valueName: "hz"))
    var rate = 16_000

    @Option(help: ArgumentHelp("The silence that ends an utterance.", valueName: "seconds"))
    var pause = 0.6

    @Option(help: ArgumentHelp("How many points a cloud has.", valueName: "n"))
    var points = 4_096

    @Option(help: ArgumentHelp("What the shape's freedom is drawn from.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Below this probability of being right nothing is made, 0 to 1.", valueName: "p"))
    var leastConfidence: Float?

    @Flag(help: "Refuses an object that is only a kind of one that the model makes, such as a cottage, of a house.")
    var strict = false

    @Option(help: "The format of the files. (default: ply; of surfaces glb)")
    var format: OutputFormat?

    @Flag(help: "Also draws every cloud, as a PNG beside it.")
    var picture = false

    @Flag(name: .customLong("scene-json"), help: "Also writes every scene, as JSON beside its cloud.")
    var sceneJSON = false

    @Flag(help: "Prints JSON, a line per event.")
    var json = false

    @OptionGroup(title: "Surfaces") var surfaces: SurfaceArguments
    @OptionGroup var listening: ListenerArguments
    @OptionGroup var pipelineOptions: PipelineOptions
    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        guard source == nil || source == "-" else {
            throw ValidationError("listen takes the microphone or -; sonoform convert \(source ?? "") reads a file.")
        }
        guard source == nil || device == nil else {
            throw ValidationError("--device is the microphone's, not a pipe's.")
        }
        guard (0.1...60).contains(pause) else { throw ValidationError("--pause takes 0.1 to 60 seconds.") }
        guard (1...1_000_000).contains(points) else { throw ValidationError("--points takes 1 to 1000000.") }
        guard (1_000...768_000).contains(rate) else { throw ValidationError("--rate takes 1000 to 768000.") }
        try surfaces.check(format)
        guard (0...1).contains(leastConfidence ?? 0) else { throw ValidationError("--least-confidence takes 0 to 1.") }
    }

    func run() throws {
        let signals = StopSignals()
        let display = ListenDisplay(printsRecords: json)
        do {
            try output.makeFolders()
            let job = try ConversionJob(try pipelineOptions.load(listening), options)
            let sound = try LiveSound(source, device: device, rateHz: rate)
            defer { sound.end() }
            let listener = LiveListener(
                job.pipeline, splitting: UtteranceSplitting(pauseSeconds: pause),
                partialSeconds: display.showsPartials ? 0.4 : nil)
            logging.logger().debug("listening to \(sound.name.printable)")
            display.begin()
            try listener.run(
                reading: sound.descriptor, name: sound.name, plainRateHz: rate, stop: signals.stop,
                onLevel: display.show(level:)
            ) { event in
                switch event {
                case .partial(let words): display.show(partial: words)
                case .utterance(let recording, let seconds): display.show(record(of: recording, seconds, job))
                }
            }
            display.end()
            if signals.number == nil { try sound.checkEnd() }
        } catch {
            display.end()
            report(error)
            throw ExitCode(1)
        }
    }

    private var options: JobOptions {
        var options = JobOptions()
        options.conversion = ConversionOptions(
            points: points, seed: seed, leastConfidence: leastConfidence, strict: strict ? true : nil)
        surfaces.choose(format, for: &options)
        (options.picture, options.sceneJSON) = (picture, sceneJSON)
        return options
    }

    /// An utterance, converted or refused.
    private func record(of recording: Recording, _ seconds: Range<Double>, _ job: ConversionJob) -> ConversionRecord {
        let times = [seconds.lowerBound, seconds.upperBound].map { decimal($0, places: 1) }
        let name = "from \(times[0]) to \(times[1]) s"
        do {
            var files = try NumberedFiles(in: output)
            return try job.run(.sound(recording, name: name), to: &files)
        } catch {
            return ConversionRecord(input: name, error: error)
        }
    }
}

/// Files by number in a folder: 001.ply, 001.png, then 002.ply.
struct NumberedFiles: JobOutput {
    private let folder: FilePath
    private let number: Int

    /// Takes the number after the highest that any file of the folder has.
    init(in folder: FilePath) throws {
        self.folder = folder
        let taken = try FolderListing.names(in: folder).compactMap { name in
            Int(String(decoding: name.bytes.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }, as: UTF8.self))
        }
        number = (taken.filter { $0 < 1_000_000_000 }.max() ?? 0) + 1
    }

    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath {
        let digits = String(number)
        let path = folder.appending(
            String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "." + file.ending)
        if (try? Stat(path, followTargetSymlink: false)) != nil {
            throw CommandError(source: path.printable, expected: "a name that is free", got: "a file")
        }
        try write(path)
        return path
    }
}
