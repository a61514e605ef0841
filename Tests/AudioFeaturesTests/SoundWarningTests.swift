// Levels and channels: heard, or told by name.

import AudioFeatures
import Foundation
import GoldenFiles
import Testing

@Suite struct SoundWarningTests {
    private let tone = (0..<32_000).map { Float(0.5 * sin(2 * Double.pi * 440 * Double($0) / 16_000)) }

    private func read(_ channels: [[Float]], _ choice: ChannelChoice = .mix) throws -> Recording {
        let frames = channels[0].indices.flatMap { frame in channels.map { $0[frame] } }
        let bytes = WaveFile(frames, channels: channels.count).bytes
        return try Recording(contentsOf: AudioInput(bytes: bytes), ReadingOptions(channel: choice))
    }

    @Test func plainSoundHasNoWarnings() throws {
        #expect(try read([tone]).warnings == [])
        #expect(try read([tone, tone.map { $0 / 2 }]).warnings == [])
        #expect(try read([noise(32_000), Array(noise(32_001).dropFirst())]).warnings == [])
    }

    @Test func channelsThatCancelEachOtherAreHeard() throws {
        let recording = try read([tone, tone.map { -0.9 * $0 }])
        #expect(recording.samples == tone)
        #expect(recording.warnings == [.oppositePhase(heard: 1)])
        #expect(try read([tone.map { -0.5 * $0 }, tone]).samples == tone)
        // Silence first says nothing about phase; what follows does, wherever blocks begin.
        let quiet = [Float](repeating: 0, count: 40_000)
        let late = try read([quiet + tone, quiet + tone.map { -$0 }])
        #expect(late.samples.suffix(20_000) == tone.suffix(20_000))
    }

    @Test func aDeadChannelIsTold() throws {
        let recording = try read([tone, tone.map { _ in 0 }])
        #expect(recording.warnings == [.deadChannels([2])])
        #expect(recording.samples == tone.map { $0 / 2 })
        #expect(try read([tone, tone.map { _ in 0 }], .number(1)).warnings == [])
        #expect(try read([tone, tone.map { _ in 0 }], .number(2)).warnings == [.silent])
    }

    @Test func levelsAreTold() throws {
        #expect(try read([tone.map { 3 * $0 }]).warnings == [.beyondFullScale(peak: 1.5)])
        #expect(try read([tone.map { $0 * 1e-3 }]).warnings.map(\.name) == ["soft"])
        #expect(try read([tone.map { _ in 0 }]).warnings == [.silent])
        let clipped = try read([tone.map { max(-1, min(1, 4 * $0)) }])
        #expect(clipped.warnings.map(\.name) == ["clipped"])
        #expect(clipped.warnings[0].description.hasSuffix("samples are clipped: it was recorded too loud"))
        // A sine that just reaches full scale is not.
        #expect(try read([tone.map { 2 * $0 }]).warnings.map(\.name) == [])
    }

    @Test(arguments: [("mix", ChannelChoice.mix), ("each", .each), ("3", .number(3))])
    func choicesAreWrittenAsTheyAreRead(text: String, choice: ChannelChoice) throws {
        #expect(ChannelChoice(text) == choice)
        #expect(choice.description == text)
        let json = try JSONEncoder().encode([choice])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([ChannelChoice].self, from: json) == [choice])
    }

    @Test(arguments: ["0", "-1", "+1", "01", "left", "", "1.5"]) func otherChoicesAreNone(text: String) {
        #expect(ChannelChoice(text) == nil)
    }

    @Test func fileWithNaNInAnyChannelIsRefused() throws {
        var right = tone
        right[123] = .nan
        let error = try #require(throws: AudioFileError.self) { try read([tone, right, tone]) }
        #expect(error.got == "nan at frame 123, channel 2")
    }
}
