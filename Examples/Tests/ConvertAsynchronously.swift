// Conversions beside other work: awaited, cancelled, and refused for reasons to switch on.

import Sonoform
import Testing

@Suite struct ConvertAsynchronously {
    /// What a program says to its user.
    private func advice(_ error: SonoformError) -> String {
        switch error.reason {
        case .noSpeech, .unintelligible: "Please say it again, closer to the microphone."
        case .notADescription: "Please describe an object, such as a chair."
        case .unknownObject(let object) where object.nearest.isEmpty: "There is no \(object.noun) here."
        case .unknownObject(let object): "There is no \(object.noun) here. Do you mean a \(object.nearest[0])?"
        case .tooManyObjects, .incomplete, .tooLong: "Please ask for less at once."
        case .cancelled: "Stopped."
        case .unreadableRecording, .wrongRate: "This recording cannot be used: \(error)"
        default: "\(error)"
        }
    }

    @Test func `two conversions run at once`() async throws {
        var pipeline = pipeline
        pipeline.threads = 1
        let two = AsyncPipeline(pipeline, width: 2)

        async let ball = two.convert(file: sample("red-ball.flac"))
        async let cube = two.convert(file: sample("big-blue-cube.wav"))

        #expect(try await [ball.description, cube.description] == ["red sphere", "big blue cube"])
    }

    @Test func `what nobody makes is named, with what comes near`() async throws {
        let background = AsyncPipeline(pipeline)
        let error = try #require(
            await #expect(throws: SonoformError.self) { try await background.understand(text: "a red elephant") })
        #expect(advice(error) == "There is no elephant here. Do you mean a dog?")
    }

    @Test func `a cancelled conversion stops`() async throws {
        let background = AsyncPipeline(pipeline)
        let path = sample("red-ball.flac")

        let task = Task { try await background.convert(file: path) }
        task.cancel()

        let error = try #require(await #expect(throws: SonoformError.self) { try await task.value })
        #expect(error.reason == .cancelled)
        #expect(advice(error) == "Stopped.")
    }

    @Test func `utterances come when they are converted`() async throws {
        let background = AsyncPipeline(pipeline)
        var heard: [String] = []
        for try await utterance in background.utterances(of: sample("red-ball.flac")) {
            if case .success(let conversion) = utterance.outcome { heard.append(conversion.heard) }
        }
        #expect(heard == ["show me a red ball"])
    }

    @Test func `what is refused has a reason and one line`() async throws {
        let background = AsyncPipeline(pipeline)
        let silence = await #expect(throws: SonoformError.self) {
            try await background.convert(file: sample("silence.wav"))
        }
        #expect(silence.map(advice) == "Please say it again, closer to the microphone.")

        let talk = await #expect(throws: SonoformError.self) {
            try await background.understand(text: "what time is it")
        }
        #expect(talk.map(advice) == "Please describe an object, such as a chair.")
        #expect(talk?.source == "\"what time is it\"")

        let missing = await #expect(throws: SonoformError.self) {
            try await background.convert(file: "/nowhere/chair.wav")
        }
        #expect(missing.map { "\($0)" }?.hasPrefix("/nowhere/chair.wav: expected ") == true)
    }
}
