// Listening to sound that goes on, a microphone's for instance.

public import AudioFeatures
import Dispatch
import ModalityEncoder
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Hears utterances in sound that goes on, each when a silence ends it.
///
/// Sound is read in a thread of its own, so that nothing is lost while an utterance is converted.
public struct LiveListener: Sendable {
    /// What is heard.
    public enum Event: Sendable {
        /// The words so far of somebody who speaks.
        case partial(String)
        /// An utterance that has ended, and where it was in the sound, in seconds.
        case utterance(Recording, seconds: Range<Double>)
    }

    /// How loud it is.
    public struct Level: Sendable {
        /// In dB of full scale.
        public let decibels: Float
        /// Whether it counts as speech.
        public let isSpeech: Bool
    }

    private let pipeline: Pipeline
    private let splitting: UtteranceSplitting
    private let partialSeconds: Double?

    /// How many utterances may wait to be converted: of half a minute each, 15 MB.
    private static let mostWaiting = 8

    /// - Parameters:
    ///   - pipeline: understands what is said.
    ///   - splitting: the silence that ends an utterance.
    ///   - partialSeconds: after how much more sound the words so far are told; nil for never.
    public init(_ pipeline: Pipeline, splitting: UtteranceSplitting, partialSeconds: Double? = nil) {
        (self.pipeline, self.splitting, self.partialSeconds) = (pipeline, splitting, partialSeconds)
    }

    /// Listens until the sound ends or `stop` asks for it; an utterance in hand is then heard to its end.
    ///
    /// - Parameters:
    ///   - descriptor: where the sound comes from; see `SoundStream` for what it may be.
    ///   - name: what errors call it.
    ///   - plainRateHz: the rate of plain samples.
    ///   - stop: ends the listening.
    ///   - onLevel: is told how loud it is, ten times a second at most, by the thread that reads.
    ///   - onEvent: is told what is heard, by the calling thread; while it works, sound is still read.
    /// - Throws: `AudioFileError` where the sound is none that is read, `Errno` where it cannot be read, and what
    ///   `onEvent` throws.
    public func run(
        reading descriptor: FileDescriptor, name: FilePath, plainRateHz: Int = 16_000, stop: StopRequest,
        onLevel: @escaping @Sendable (Level) -> Void = { _ in }, onEvent: (Event) throws -> Void
    ) throws {
        let queue = LiveQueue(longest: Self.mostWaiting)
        let reader = LiveReader(
            descriptor: descriptor, name: name, plainRateHz: plainRateHz, stop: stop, queue: queue, onLevel: onLevel,
            partialSeconds: partialSeconds, splitting: splitting, longestSamples: pipeline.encoder.longestSamples,
            sampleRateHz: pipeline.encoder.sampleRateHz)
        let isOver = DispatchSemaphore(value: 0)
        DispatchQueue(label: "sonoform.listening").async {
            reader.run()
            isOver.signal()
        }
        defer {
            stop.request()
            queue.abandon()
            isOver.wait()
        }
        while let work = try queue.next() {
            switch work {
            case .utterance(let utterance):
                let recording = Recording(samples: utterance.samples, sampleRateHz: pipeline.encoder.sampleRateHz)
                try onEvent(.utterance(recording, seconds: utterance.seconds))
            case .growing(let samples):
                let recording = Recording(samples: samples, sampleRateHz: pipeline.encoder.sampleRateHz)
                // What cannot be heard yet may be later.
                if let words = try? pipeline.transcript(of: recording), !words.isEmpty {
                    try onEvent(.partial(words))
                }
            }
        }
    }
}

/// The thread that reads.
private struct LiveReader: Sendable {
    let descriptor: FileDescriptor
    let name: FilePath
    let plainRateHz: Int
    let stop: StopRequest
    let queue: LiveQueue
    let onLevel: @Sendable (LiveListener.Level) -> Void
    let partialSeconds: Double?
    let splitting: UtteranceSplitting
    let longestSamples: Int
    let sampleRateHz: Int

    func run() {
        do {
            try read()
            queue.close()
        } catch {
            queue.close(error)
        }
    }

    private func read() throws {
        let stream = SoundStream(name: name, sampleRateHz: sampleRateHz, plainRateHz: plainRateHz)
        var detector = UtteranceDetector(
            sampleRateHz: sampleRateHz, splitting: splitting, longestSamples: longestSamples)
        var pace = Pace(partialSamples: partialSeconds.map { Int($0 * Double(sampleRateHz)) })
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 14, alignment: 16)
        defer { room.deallocate() }
        var samples: [Float] = []
        func heard() {
            for utterance in detector.append(samples) {
                queue.add(utterance)
                pace.sincePartial = 0
            }
            if pace.isPartialDue(samples.count), let growing = detector.growing { queue.grow(growing) }
            if pace.isLevelDue() {
                onLevel(LiveListener.Level(decibels: detector.level, isSpeech: detector.isSpeaking))
            }
            samples.removeAll(keepingCapacity: true)
        }
        while !stop.isRequested {
            guard try isReady() else { continue }
            let got = try descriptor.read(into: room)
            guard got > 0 else { break }
            try stream.append(room[..<got], to: &samples)
            heard()
        }
        try stream.finish(into: &samples)
        heard()
        if let utterance = detector.finish() { queue.add(utterance) }
    }

    /// Whether there are bytes, or an end; looks up ten times a second for a request to stop.
    private func isReady() throws -> Bool {
        var wanted = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        let ready = poll(&wanted, 1, 100)
        if ready < 0, errno != EINTR { throw Errno(rawValue: errno) }
        return ready > 0
    }

    /// When partial words and levels are told.
    private struct Pace {
        let partialSamples: Int?
        var sincePartial = 0
        private var lastLevel = ContinuousClock.now

        init(partialSamples: Int?) { self.partialSamples = partialSamples }

        mutating func isPartialDue(_ samples: Int) -> Bool {
            sincePartial += samples
            guard let partialSamples, sincePartial >= partialSamples else { return false }
            sincePartial = 0
            return true
        }

        mutating func isLevelDue() -> Bool {
            let now = ContinuousClock.now
            guard now - lastLevel >= .seconds(0.1) else { return false }
            lastLevel = now
            return true
        }
    }
}
