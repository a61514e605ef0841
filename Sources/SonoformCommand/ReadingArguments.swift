// Which part of a recording is read, and as what.

public import ArgumentParser
public import AudioFeatures

/// Options of reading, for `sonoform features`.
struct ReadingArguments: ParsableArguments {
    @Option(help: "The channel to take, from 1; without it the mean of all.")
    var channel: Int?

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
        if let channel, channel < 1 { throw ValidationError("--channel: expected 1 or more, got \(channel)") }
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
            channel: channel.map { .number($0) } ?? .mix, start: .seconds(from), end: to.map { .seconds($0) },
            resampling: resampling, limits: AudioLimits(duration: .seconds(60 * longest)))
    }
}

extension ResamplingQuality: ExpressibleByArgument {}
