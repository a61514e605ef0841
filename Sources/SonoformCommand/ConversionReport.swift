// What the user is told about a conversion, as lines or as JSON.

import FoundationEssentials
import Sonoform

#if canImport(Glibc)
    import Glibc
#endif

/// One converted input; its JSON is `convert --json`'s line.
struct ConversionReport: Encodable {
    let input: String
    let heard: String
    let description: String
    let objects: [Conversion.Object]
    let confidence: Float?
    let output: String
    let seconds: StageSeconds
    let peakMemoryBytes: Int

    enum CodingKeys: String, CodingKey {
        case input, heard, description, objects, confidence, output, seconds
        case peakMemoryBytes = "peak_memory_bytes"
    }

    init(input: String, output: String, _ conversion: Conversion) {
        (self.input, self.output) = (input, output)
        (heard, description) = (conversion.heard, conversion.description)
        (objects, confidence) = (conversion.objects, conversion.confidence)
        seconds = conversion.seconds
        peakMemoryBytes = peakMemory()
    }

    /// The JSON object on one line.
    var line: String { jsonLine(self) }

    /// The lines for a person: what was heard, what was made, where it is.
    func lines(picture: String?) -> String {
        var lines = ["\(input): heard \"\(heard)\""]
        for object in objects {
            let center = object.center.map { decimal($0, places: 2) }.joined(separator: ", ")
            lines.append("  \(object.description): \(object.points) points around (\(center))")
        }
        let files = [output] + (picture.map { [$0] } ?? [])
        lines.append("  -> \(files.joined(separator: ", ")) in \(decimal(Float(seconds.total), places: 2)) s")
        return lines.joined(separator: "\n")
    }
}

/// One input that failed.
struct ConversionFailure: Encodable {
    let input: String
    let error: String

    /// The JSON object on one line.
    var line: String { jsonLine(self) }
}

/// A value as JSON on one line, its keys sorted.
func jsonLine(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
}

/// A number with a fixed count of decimals.
func decimal(_ value: Float, places: Int) -> String {
    var factor: Float = 1
    for _ in 0..<places { factor *= 10 }
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let scaled = Int((abs(value) * factor).rounded())
    let digits = String(scaled % Int(factor))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    return "\(sign)\(scaled / Int(factor)).\(String(repeating: "0", count: places - digits.count))\(digits)"
}

/// The largest resident memory of this process so far, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1_024
}
