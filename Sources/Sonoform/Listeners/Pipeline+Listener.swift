// A pipeline behind a listener: its words enter as a written description does.

import AtomicFiles
public import AudioFeatures
public import SpeechRecognition

extension Pipeline {
    /// How a listener before a pipeline is asked: descriptions are English, whoever speaks.
    static let listening: TranscriptionOptions = {
        var options = TranscriptionOptions()
        options.language = "en"
        return options
    }()

    /// Reads a recording and has a listener write it down, in the pipeline's threads.
    ///
    /// - Throws: ``SonoformError`` for a file that cannot be read, and what the listener throws.
    public func transcribe(
        contentsOf recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        by listener: any Listener, options: TranscriptionOptions = TranscriptionOptions()
    ) throws(SonoformError) -> Transcript {
        try computing { () throws(SonoformError) in
            try listener.transcribe(contentsOf: recording, reading: reading, options: options)
        }
    }

    /// What a recording describes, by the words that a listener hears.
    func understand(
        _ recording: Recording, heardBy listener: any Listener, source: String, options: UnderstandingOptions,
        clock: inout StageClock
    ) throws(SonoformError) -> Scene {
        let transcript = try clock.measure(\.encode) { () throws(SonoformError) in
            try computing { () throws(SonoformError) in
                try listener.transcribe(recording, source: source, options: Self.listening)
            }
        }
        try checkCancellation(source)
        return try understand(text: transcript.text, source: source, options: options, clock: &clock)
    }

    /// The words that a listener hears.
    func words(
        of recording: Recording, heardBy listener: any Listener, source: String, isQuick: Bool
    ) throws(SonoformError) -> String {
        var options = Self.listening
        if isQuick { options.temperatures = [0] }
        return try computing { () throws(SonoformError) in
            try listener.transcribe(recording, source: source, options: options)
        }.text
    }
}

extension Listener {
    /// Reads a recording and writes it down.
    ///
    /// - Throws: ``SonoformError`` for a file that cannot be read, and as `transcribe(_:source:options:)`.
    public func transcribe(
        contentsOf recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        options: TranscriptionOptions = TranscriptionOptions()
    ) throws(SonoformError) -> Transcript {
        var reading = reading
        reading.sampleRateHz = sampleRateHz
        let (samples, source): (Recording, String)
        do {
            let input = try recording.opened(reading)
            (samples, source) = (try Recording(contentsOf: input, reading), input.path.printable)
        } catch {
            throw SonoformError(error)
        }
        return try transcribe(samples, source: source, options: options)
    }
}
