// Which part of a recording is read, and as what.

public import ArgumentParser
public import AudioFeatures

/// Options of reading, for `sonoform features`.
struct ReadingArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The channel to take, from 1, or their mix.", valueName: "n|mix"))
    var channel = ChannelChoice.mix

    @Option(help: "What decodes recordings: built-in, or the installed ffmpeg for what that does not read (MP3, M4A).")
    var decoder = AudioDecoder.builtIn

    @Option(help: ArgumentHelp("Where to begin, in the recording's time.", valueName: "seconds"))
    var from: Double = 0

    @Option(help: ArgumentHelp("Where to end; without it the recording's end.", valueName: "seconds"))
    var to: Double?

    @Option(
        help:
            "How carefully the rate is changed (libsoxr): \(ResamplingQuality.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var resampling: ResamplingQuality = .high

    @Option(help: ArgumentHelp("The longest sound that is read.", valueName: "minutes"))
    var longest: Double = 30

    func validate() throws {
        if channel == .each { throw ValidationError("--channel: expected one channel from 1 or mix, got each") }
        guard from >= 0, from < 1e9 else { throw ValidationError("--from: expected 0 or more, got \(from)") }
        if let to, !(to > from && to < 1e9) {
            throw ValidationError("--to: expected more than --from (\(from)), got \(to)")
        }
        guard longest > 0, longest <= 1e6 else {
            throw ValidationError("--longest: expected more than 0 minutes, got \(longest)")
        }
    }

    func options() throws -> ReadingOptions {
        ReadingOptions(
            channel: channel, start: .seconds(from), end: to.map { .seconds($0) },
            resampling: resampling, limits: AudioLimits(duration: .seconds(60 * longest)), decoder: decoder)
    }
}

extension ResamplingQuality: ExpressibleByArgument {}
