// Which columns of a table of points are what, by the names that tools give them.

/// The columns of positions, normals, colours and objects.
struct PointColumns {
    /// How colours are stored.
    enum Colour {
        /// Red, green and blue by themselves.
        case channels([Int])
        /// All in the bits of one number, 0xRRGGBB under perhaps alpha, as PCL has them.
        case packed(Int)
        /// The constant parts of spherical harmonics, as Gaussian splats have them.
        case harmonics([Int])
    }

    let position: [Int]
    var normal: [Int]?
    var colour: Colour?
    var object: Int?

    /// By the columns' names, whatever their case; nil is a column that holds no number. Nil without positions.
    init?(names: [String?]) {
        let small = names.map { $0?.lowercased() }
        func index(_ name: String) -> Int? { names.firstIndex(of: name) ?? small.firstIndex(of: name) }
        func indices(_ wanted: [String]) -> [Int]? {
            let found = wanted.compactMap(index)
            return found.count == wanted.count ? found : nil
        }
        guard let position = indices(["x", "y", "z"]) else { return nil }
        self.position = position
        normal =
            indices(["nx", "ny", "nz"]) ?? indices(["normal_x", "normal_y", "normal_z"])
            ?? indices(["scalar_nx", "scalar_ny", "scalar_nz"])
        object = index("object") ?? index("scalar_object")
        // CloudCompare writes "scalar_" before what it does not know; VCG's tools write "diffuse_".
        for prefix in ["", "diffuse_", "scalar_", "color_", "colour_"] {
            for channels in [["red", "green", "blue"], ["r", "g", "b"]] where colour == nil {
                colour = indices(channels.map { prefix + $0 }).map(Colour.channels)
            }
        }
        if colour == nil { colour = (index("rgba") ?? index("rgb")).map(Colour.packed) }
        if colour == nil { colour = indices(["f_dc_0", "f_dc_1", "f_dc_2"]).map(Colour.harmonics) }
    }

    /// By place.
    init(position: [Int], normal: [Int]? = nil, colour: [Int]? = nil) {
        (self.position, self.normal, self.colour) = (position, normal, colour.map(Colour.channels))
    }

    /// Every column that is read.
    var read: Set<Int> {
        var read = Set(position + (normal ?? []) + [object].compactMap(\.self))
        switch colour {
        case .channels(let columns), .harmonics(let columns): read.formUnion(columns)
        case .packed(let column): read.insert(column)
        case nil: break
        }
        return read
    }

    /// The colour of a row as it is stored; those of packed numbers and of harmonics already from 0 to 255.
    func storedColour(_ values: [Double], bits: Bool) -> SIMD3<Float>? {
        switch colour {
        case nil: return nil
        case .channels(let columns):
            return SIMD3(Float(values[columns[0]]), Float(values[columns[1]]), Float(values[columns[2]]))
        case .packed(let column):
            let number = packedBits(values[column], bits: bits)
            return SIMD3(Float(number >> 16 & 255), Float(number >> 8 & 255), Float(number & 255))
        case .harmonics(let columns):
            // Kerbl et al. 2023: the constant spherical harmonic is 1 / (2 sqrt(pi)).
            func level(_ column: Int) -> Float { 255 * (0.5 + 0.282_094_79 * Float(values[column])) }
            let colour = SIMD3(level(columns[0]), level(columns[1]), level(columns[2]))
            return colour.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 255)).isNumber ? colour : nil
        }
    }

    /// The bits of a packed colour: those of the integer, or those of the float that text shows in decimals.
    private func packedBits(_ value: Double, bits: Bool) -> UInt32 {
        if let whole = Int64(exactly: value), !bits || whole != 0 { return UInt32(truncatingIfNeeded: whole) }
        return bits ? Float(value).bitPattern : 0
    }
}

extension SIMD3<Float> {
    /// Whether all three are finite.
    var isNumber: Bool { x.isFinite && y.isFinite && z.isFinite }
}
