// Text with a point per line, as scanners, spreadsheets and CloudCompare write it.

/// Reads `x y z` and what follows: normals, colours, a scalar; parted by spaces, commas or semicolons.
///
/// A first line of names says what the columns are. Without one their values do: unit vectors are normals, numbers from
/// 0 to 255 (or to 1) are colours. A first line that is one whole number is the number of points (PTS).
func readXYZ(_ reader: CloudByteReader, _ findings: inout [CloudFinding]) throws(CloudFileError) -> PointCloud {
    var table = PointTable()
    var line: [UInt8] = []
    var fields = TextFields()
    var values: [Double] = []
    var names: [String]?
    var promised: Int?
    var isFirst = true
    while try reader.textLine(into: &line) {
        if isFirst, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        fields.read(line)
        guard fields.count > 0 else { continue }
        func refuse(_ expected: String, _ got: String) -> CloudFileError {
            reader.error(expected: "\(expected) in line \(reader.line)", got: got)
        }
        if !fields.numbers(into: &values) {
            let first = fields.word(0)
            let isComment = ["#", "//", "%", "!"].contains { first.hasPrefix($0) }
            if table.rows == 0, names == nil, let found = columnNames(fields) {
                names = found
            } else if !isComment {
                throw refuse("numbers", quoted(String(decoding: line.prefix(80), as: UTF8.self)))
            }
            continue
        }
        if fields.isAmbiguous {
            throw refuse("decimal points", "commas that may be decimal ones")
        }
        defer { isFirst = false }
        if isFirst, values.count == 1, let count = Int(exactly: values[0]), count >= 0 {
            promised = count
            continue
        }
        guard values.count >= 3 else { throw refuse("x, y and z", "\(values.count) numbers") }
        guard values.count <= PointTable.mostColumns else {
            throw refuse("at most \(PointTable.mostColumns) numbers", "\(values.count)")
        }
        guard names.map({ $0.count == values.count }) ?? true, table.append(values) else {
            throw refuse("\(names?.count ?? table.columns) numbers, as in the lines before", "\(values.count)")
        }
    }
    if let promised, promised != table.rows {
        throw reader.error(expected: "\(promised) points, as the first line says", got: "\(table.rows)")
    }
    return try table.cloud(names: names, reader, &findings)
}

/// The names of columns in a line of words, x, y and z among them; nil for other text.
private func columnNames(_ fields: TextFields) -> [String]? {
    var names = fields.ranges.indices.map { fields.word($0) }
    names[0] = String(names[0].drop { $0 == "#" || $0 == "/" || $0 == "%" })
    let isComment = names[0] != fields.word(0)
    if names[0].isEmpty { names.removeFirst() }
    // A comment in words may hold x, y and z, too.
    if isComment, names.first?.lowercased() != "x" { return nil }
    // CloudCompare writes "Rf Gf Bf" for floats.
    names = names.map { ["Rf": "R", "Gf": "G", "Bf": "B"][$0] ?? $0.filter { $0 != "\"" } }
    return names.count <= PointTable.mostColumns && PointColumns(names: names) != nil ? names : nil
}

/// Rows of numbers, all of the same length.
private struct PointTable {
    static let mostColumns = 256

    private var values: [Double] = []
    private(set) var columns = 0
    private(set) var rows = 0

    /// Adds a row; false where it has another length than those before.
    mutating func append(_ row: [Double]) -> Bool {
        if rows == 0 { columns = row.count }
        guard row.count == columns else { return false }
        values += row
        rows += 1
        return true
    }

    func cloud(
        names: [String]?, _ reader: CloudByteReader, _ findings: inout [CloudFinding]
    ) throws(CloudFileError) -> PointCloud {
        let columns = names.flatMap { PointColumns(names: $0) } ?? assumedColumns(&findings)
        var points = PointGatherer()
        points.reserve(rows)
        var row = [Double](repeating: 0, count: self.columns)
        for index in 0..<rows {
            for column in row.indices { row[column] = values[index * self.columns + column] }
            func vector(_ at: [Int]) -> SIMD3<Double> { SIMD3(row[at[0]], row[at[1]], row[at[2]]) }
            points.append(
                vector(columns.position), normal: columns.normal.map { SIMD3<Float>(vector($0)) },
                colour: columns.storedColour(row, bits: false),
                object: columns.object.map { UInt8(min(255, max(0, row[$0].isNaN ? 0 : row[$0].rounded()))) } ?? 0)
        }
        let unread = (0..<self.columns).filter { !columns.read.contains($0) }
        if !unread.isEmpty { findings.append(.columnsNotRead(unread.map { names?[$0] ?? "column \($0 + 1)" })) }
        let range: PointGatherer.ColourRange
        switch columns.colour {
        case .channels(let channels): range = holdsBytes(channels) ? .bytes : .floats
        default: range = .bytes
        }
        guard let cloud = points.cloud(colours: range, &findings) else {
            throw reader.error(expected: "positions that lie less than 3e38 apart", got: "more")
        }
        return cloud
    }

    /// What the columns without names hold, by all their values.
    private func assumedColumns(_ findings: inout [CloudFinding]) -> PointColumns {
        var (normal, colour) = (nil as [Int]?, nil as [Int]?)
        var start = 3
        while start + 3 <= columns, rows > 0 {
            let three = [start, start + 1, start + 2]
            if normal == nil, holdsUnitVectors(three) {
                normal = three
                start += 3
            } else if colour == nil, holdsBytes(three) || holdsColours(three) {
                colour = three
                start += 3
            } else {
                start += 1
            }
        }
        if columns > 3 {
            let names =
                ["x y z"]
                + (0..<columns).compactMap { column in
                    normal?.first == column ? "nx ny nz" : colour?.first == column ? "red green blue" : nil
                }
            findings.append(.columnsAssumed(names.joined(separator: " ")))
        }
        return PointColumns(position: [0, 1, 2], normal: normal, colour: colour)
    }

    private func all(_ holds: (Int) -> Bool) -> Bool { (0..<rows).allSatisfy { holds($0 * columns) } }

    /// Unit vectors, or zeros where a normal is not known; zeros alone are anything.
    private func holdsUnitVectors(_ three: [Int]) -> Bool {
        var some = false
        return all { row in
            let square = three.reduce(0) { $0 + values[row + $1] * values[row + $1] }
            if square != 0 { some = true }
            return square == 0 || abs(square - 1) < 0.05
        } && some
    }

    /// Whole numbers from 0 to 255, some of them above 1.
    private func holdsBytes(_ three: [Int]) -> Bool {
        var largest = 0.0
        return all { row in
            three.allSatisfy { column in
                let value = values[row + column]
                largest = max(largest, value)
                return value >= 0 && value <= 255 && value == value.rounded()
            }
        } && (largest > 1 || largest == 0)
    }

    /// Numbers from 0 to 1.
    private func holdsColours(_ three: [Int]) -> Bool {
        all { row in three.allSatisfy { values[row + $0] >= 0 && values[row + $0] <= 1 } }
    }
}
