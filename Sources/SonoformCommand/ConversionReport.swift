// What the user is told about a conversion, in lines.

import AtomicFiles
import Sonoform
import Surfaces
import SystemPackage

extension ConversionRecord {
    /// The lines for a person: what was heard, what was made, where it is.
    var lines: String {
        var lines: [String] = []
        if let utterances, utterances.count > 1 {
            lines.append("\(shownInput): \(utterances.count) utterances")
            for utterance in utterances {
                let (start, end) = (Float(utterance.start), Float(utterance.end))
                let sure = doubt(utterance.unsure, utterance.confidence)
                let what = utterance.heard.map { "heard \"\($0)\"\(sure)" } ?? "nothing that it can draw"
                let channel = utterance.channel.map { "channel \($0), " } ?? ""
                lines.append("  \(channel)\(decimal(start, places: 1))-\(decimal(end, places: 1)) s: \(what)")
                lines += (utterance.objects ?? []).map { "  " + line(of: $0) }
                if let output = utterance.output {
                    let files = [output, utterance.picture].compactMap(\.self)
                    lines.append("    -> " + files.map(shown).joined(separator: ", "))
                }
            }
        } else {
            let sure = doubt(unsure, confidence)
            lines.append(
                heard.map { $0.isEmpty ? shownInput : "\(shownInput): heard \"\($0)\"\(sure)" } ?? shownInput)
            lines += (objects ?? []).map(line)
        }
        let files = utterances?.contains { $0.output != nil } == true ? [] : [output, picture].compactMap(\.self)
        let time = "in \(decimal(Float(seconds?.total ?? 0), places: 2)) s"
        lines.append(files.isEmpty ? "  \(time)" : "  -> \(files.map(shown).joined(separator: ", ")) \(time)")
        return lines.joined(separator: "\n")
    }

    /// The input as a terminal may show it.
    var shownInput: String { shown(input) }

    /// What the user may want to know though the input was converted.
    var notes: [String] {
        let all = (unplaced ?? []) + (utterances ?? []).flatMap { $0.unplaced ?? [] }
        var told: Set<String> = []
        let unplaced = all.filter { told.insert($0).inserted }
        let words = unplaced.map { "\"\($0)\"" }.joined(separator: ", ")
        let substitutions = (substitutions ?? []) + (utterances ?? []).flatMap { $0.substitutions ?? [] }
        let kinds = substitutions.map { "\"\($0.asked)\" is made as a kind of \"\($0.made)\"" }
        return (warnings ?? []) + kinds.filter { told.insert($0).inserted }
            + (unplaced.isEmpty ? [] : ["no place in the scene for \(words)"])
    }

    /// How long each stage took, for the log.
    var stages: String {
        guard let seconds else { return "nothing made" }
        let stages = [
            ("load", seconds.load), ("features", seconds.features), ("encode", seconds.encode),
            ("project", seconds.project), ("language", seconds.language), ("generate", seconds.generate),
            ("write", seconds.write),
        ]
        return stages.filter { $0.1 > 0 }.map { "\($0.0) \(decimal(Float($0.1 * 1_000), places: 1)) ms" }
            .joined(separator: ", ")
    }

    private func line(of object: Conversion.Object) -> String {
        let center = object.center.map { decimal($0, places: 2) }.joined(separator: ", ")
        guard let surface = object.surface else {
            return "  \(object.description): \(object.points) points around (\(center))"
        }
        let closed = surface.isWatertight && surface.isWindingConsistent ? "closed" : "not closed"
        return "  \(object.description): \(surface.triangles) triangles, \(closed), around (\(center))"
    }
}

/// " (62 % sure)" where a person should know.
private func doubt(_ unsure: Bool?, _ confidence: Float?) -> String {
    guard unsure == true, let confidence else { return "" }
    return " (\(decimal(confidence * 100, places: 0)) % sure)"
}

/// A number with a fixed count of decimals.
func decimal<Value: BinaryFloatingPoint>(_ value: Value, places: Int) -> String {
    var factor: Value = 1
    for _ in 0..<places { factor *= 10 }
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let scaled = Int((abs(value) * factor).rounded())
    let digits = String(scaled % Int(factor))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    return "\(sign)\(scaled / Int(factor)).\(String(repeating: "0", count: places - digits.count))\(digits)"
}

/// A path of a report as a terminal may show it.
func shown(_ path: String) -> String { FilePath(text: path).printable }
