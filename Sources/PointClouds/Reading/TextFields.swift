// A line of text as fields: words, and the numbers in them.

import Glibc

/// The fields of a line, parted by spaces, tabs, commas or semicolons.
struct TextFields {
    private var bytes: [UInt8] = []
    /// Where the fields lie.
    private(set) var ranges: [Range<Int>] = []
    /// Whether something else than space parts fields, and whether fields that space parts have commas inside.
    private(set) var hasCommaInsideWord = false
    private var spaces = 0

    var count: Int { ranges.count }

    /// Takes a line apart; what is in it already goes.
    mutating func read(_ line: [UInt8]) {
        bytes = line
        bytes.append(0)
        ranges.removeAll(keepingCapacity: true)
        (hasCommaInsideWord, spaces) = (false, 0)
        var start: Int?
        for (i, byte) in bytes.enumerated() {
            let parts = byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
            if !parts, start == nil { start = i }
            guard parts, let first = start else { continue }
            ranges.append(first..<i)
            start = nil
            if byte == UInt8(ascii: ","), bytes[i + 1] > 0x20 { hasCommaInsideWord = true }
            if byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ";"), i + 1 < bytes.count, bytes[i + 1] > 0x20 {
                spaces += 1
            }
        }
    }

    /// Whether commas may be decimal ones, as "1,5 2,5 3,5" has them: nobody can tell.
    var isAmbiguous: Bool { hasCommaInsideWord && spaces > 0 }

    func word(_ index: Int) -> String { String(decoding: bytes[ranges[index]], as: UTF8.self) }

    func equals(_ index: Int, _ word: StaticString) -> Bool {
        ranges[index].count == word.utf8CodeUnitCount
            && zip(bytes[ranges[index]], UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
                .allSatisfy(==)
    }

    /// The number that a field is; nil where it is none.
    func number(_ index: Int) -> Double? {
        let range = ranges[index]
        return bytes.withUnsafeBytes { raw in
            let start = raw.baseAddress!.assumingMemoryBound(to: CChar.self) + range.lowerBound
            var end: UnsafeMutablePointer<CChar>?
            let value = strtod(start, &end)
            return end == UnsafeMutablePointer(mutating: start) + range.count ? value : nil
        }
    }

    /// All fields as numbers; false where one is none.
    func numbers(into values: inout [Double]) -> Bool {
        values.removeAll(keepingCapacity: true)
        for index in ranges.indices {
            guard let value = number(index) else { return false }
            values.append(value)
        }
        return true
    }
}
