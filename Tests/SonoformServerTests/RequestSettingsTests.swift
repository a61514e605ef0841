import AudioFeatures
import PointClouds
import Sonoform
import Testing

@testable import SonoformServer

@Suite("The settings of a request")
struct RequestSettingsTests {
    private let limits = ServerLimits()

    @Test("a query sets what it names")
    func query() throws {
        let settings = try RequestSettings(
            query: "points=100&seed=18446744073709551615&signals=discrete&channel=2&pause=0.5&format=glb&strict=true",
            limits: limits)
        #expect(settings.conversion == ConversionOptions(points: 100, seed: .max, signals: .discrete, strict: true))
        #expect(settings.channel == .number(2))
        #expect(settings.pauseSeconds == 0.5)
        #expect(settings.format == .glb)
    }

    @Test(
        "what is out of range or no such thing is refused by name",
        arguments: [
            "points=0", "points=1000001", "points=many", "seed=-1", "signals=loud", "steps=0", "guidance=nan",
            "channel=0", "pause=0", "pause=inf", "points=1&points=2", "points=%zz", "colour=red", "format=stl",
            "strict=1",
        ])
    func refused(_ query: String) {
        #expect(throws: Problem.self) { try RequestSettings(query: query, limits: limits) }
    }

    @Test("percent-encoding and plus are read")
    func decoding() throws {
        let query = try Query("a%20b=red+%C3%A9&c")
        #expect(query.values.map(\.name) == ["a b", "c"])
        #expect(query.values.map(\.value) == ["red é", ""])
    }
}
