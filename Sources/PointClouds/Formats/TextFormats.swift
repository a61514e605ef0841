// Clouds as text: PLY, XYZ and OBJ. Numbers are the shortest that read back as the same float or double.

extension PointCloud {
    /// Gives a head and then rows, some thousand at a time.
    func encodeText<Failure: Error>(
        head: String, row: (Int) -> String, into take: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var bytes = Array(head.utf8)
        for i in 0..<count {
            bytes += row(i).utf8
            if bytes.count > 1 << 18 {
                try take(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try take(bytes)
    }

    /// `x y z nx ny nz red green blue object`
    func plyTextRow(_ i: Int) -> String {
        "\(placeText(i)) \(numbers(normals?[i] ?? .zero)) \(colourText(writtenColour(i))) \(objects[i])\n"
    }

    /// `x y z nx ny nz red green blue`
    func xyzRow(_ i: Int) -> String {
        "\(placeText(i)) \(numbers(normals?[i] ?? .zero)) \(colourText(writtenColour(i)))\n"
    }

    /// How an OBJ file begins.
    static let objHead = "# Points by Sonoform: v x y z red green blue, z up\n"

    /// An OBJ file: an object's vertices with colours, their normals, and the points that use them.
    func encodeOBJ<Failure: Error>(into take: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        try take(Array(Self.objHead.utf8))
        var written = 0
        for (object, points) in pointsByObject {
            try take(Array("o object_\(object)\n".utf8))
            for i in stride(from: 0, to: points.count, by: 4_096) {
                let some = points[i..<min(points.count, i + 4_096)]
                var text = ""
                for row in objRows(Array(some), after: written) { text += row }
                written += some.count
                try take(Array(text.utf8))
            }
        }
    }

    /// The rows of points of one object, of which so many stand before in the file.
    func objRows(_ points: [Int], after written: Int) -> [String] {
        var rows: [String] = []
        for point in points {
            let colour = SIMD3<Float>(writtenColour(point)) / 255
            rows.append("v \(placeText(point)) \(numbers(colour))\n")
        }
        if let normals { for point in points { rows.append("vn \(numbers(normals[point]))\n") } }
        // Vertices count from 1; without elements that use them some programs show none.
        for number in 0..<points.count { rows.append("p \(written + 1 + number)\n") }
        return rows
    }
}

extension PointCloud {
    /// A point's place, with the origin added back.
    private func placeText(_ i: Int) -> String {
        guard origin != .zero else { return numbers(positions[i]) }
        let place = place(i)
        return "\(place.x) \(place.y) \(place.z)"
    }
}

private func numbers(_ vector: SIMD3<Float>) -> String { "\(vector.x) \(vector.y) \(vector.z)" }

private func colourText(_ colour: SIMD3<UInt8>) -> String { "\(colour.x) \(colour.y) \(colour.z)" }
