// Points on their way from a file to a cloud: positions in double precision, colours as they were stored.

/// Collects points, and makes a cloud of them once all are known: only then are the origin and the range of the colours.
struct PointGatherer {
    /// How stored colours become bytes.
    enum ColourRange {
        /// They are already from 0 to 255.
        case bytes
        /// Integers of a type; their largest value says which part of its range they use.
        case integers(full: Float, isSigned: Bool)
        /// Floats, from 0 to 1 as a rule.
        case floats
    }

    private var positions: [SIMD3<Double>] = []
    private var normals: [SIMD3<Float>] = []
    private var colours: [SIMD3<Float>] = []
    private var objects: [UInt8] = []
    private var leftOut = 0

    /// How many points there are.
    var count: Int { positions.count }

    mutating func reserve(_ count: Int) { positions.reserveCapacity(count) }

    /// Adds a point; one whose position is not finite is counted instead.
    mutating func append(
        _ position: SIMD3<Double>, normal: SIMD3<Float>? = nil, colour: SIMD3<Float>? = nil, object: UInt8 = 0
    ) {
        guard position.x.isFinite, position.y.isFinite, position.z.isFinite else {
            leftOut += 1
            return
        }
        positions.append(position)
        if let normal { normals.append(normal.isNumber ? normal : .zero) }
        if let colour { colours.append(colour) }
        if object != 0 || !objects.isEmpty {
            objects += [UInt8](repeating: 0, count: positions.count - 1 - objects.count) + [object]
        }
    }

    /// The cloud of all points, and what has to be said about it.
    ///
    /// Nil when the positions lie too far apart for the cloud's single precision.
    func cloud(colours range: ColourRange, _ findings: inout [CloudFinding]) -> PointCloud? {
        if leftOut > 0 { findings.append(.pointsLeftOut(leftOut)) }
        let origin = Self.origin(of: positions)
        let places = positions.map { SIMD3<Float>($0 - origin) }
        guard places.allSatisfy(\.isNumber) else { return nil }
        if origin != .zero { findings.append(.originKept(origin)) }
        if !normals.isEmpty, normals.count < count { findings.append(.normalsIncomplete) }
        if !colours.isEmpty, colours.count < count { findings.append(.coloursIncomplete) }
        return PointCloud(
            positions: places, normals: normals.count == count && count > 0 ? normals : nil,
            colours: colours.count == count && count > 0 ? bytes(range, &findings) : nil,
            objects: objects.isEmpty ? nil : objects, origin: origin)
    }

    /// Where a cloud's own coordinates begin: zero unless single precision would lose what matters beside its size.
    static func origin(of positions: [SIMD3<Double>]) -> SIMD3<Double> {
        guard let first = positions.first else { return .zero }
        var (lower, upper, lost) = (first, first, 0.0)
        for position in positions {
            lower = pointwiseMin(lower, position)
            upper = pointwiseMax(upper, position)
            let loss = position - SIMD3<Double>(SIMD3<Float>(position))
            lost = max(lost, max(abs(loss.x), abs(loss.y), abs(loss.z)))
        }
        let extent = (upper - lower).max()
        // A quarter of a millionth of the size: what a cloud loses that lies a few times its own size away from zero.
        guard lost > extent / Double(1 << 22) else { return .zero }
        let middle = lower / 2 + upper / 2
        guard extent > 0, extent.isFinite else { return middle }
        // A multiple of a power of two near the size: a round number, and subtracting it is exact.
        let step = extent.binade
        let origin = (middle / step).rounded(.toNearestOrAwayFromZero) * step
        return origin.x.isFinite && origin.y.isFinite && origin.z.isFinite ? origin : middle
    }

    private func bytes(_ range: ColourRange, _ findings: inout [CloudFinding]) -> [SIMD3<UInt8>]? {
        var (largest, smallest, odd) = (Float(0), Float(0), 0)
        for colour in colours {
            if colour.isNumber {
                largest = max(largest, colour.max())
                smallest = min(smallest, colour.min())
            } else {
                odd += 1
            }
        }
        if odd > 0 { findings.append(.coloursNotFinite(odd)) }
        var top: Float
        switch range {
        case .bytes: top = 255
        case .floats:
            top = largest <= 2 ? 1 : largest <= 255 ? 255 : 65_535
            if top > 1, largest <= 65_535 { findings.append(.colourRange(to: Double(top))) }
        case .integers(let full, let isSigned):
            // Bytes that were declared as signed ones have their upper half below zero.
            if full == 127, smallest < 0 { return colours.map { SIMD3(wrapped($0.x), wrapped($0.y), wrapped($0.z)) } }
            top = full
            if full > 255, largest <= 255 { top = 255 } else if full > 65_535, largest <= 65_535 { top = 65_535 }
            if isSigned || top != full { findings.append(.colourRange(to: Double(top))) }
        }
        guard largest <= top * 1.01 || top == 1 || range.isInteger else {
            findings.append(.coloursOfUnknownRange(largest: Double(largest)))
            return nil
        }
        let scale = 255 / top
        return colours.map { colour in
            guard colour.isNumber else { return .zero }
            let level = (colour * scale).rounded(.toNearestOrAwayFromZero)
                .clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 255))
            return SIMD3<UInt8>(UInt8(level.x), UInt8(level.y), UInt8(level.z))
        }
    }

    private func wrapped(_ value: Float) -> UInt8 {
        UInt8(truncatingIfNeeded: Int(min(max(value.isNaN ? 0 : value, -128), 255)))
    }
}

extension PointGatherer.ColourRange {
    fileprivate var isInteger: Bool {
        if case .integers = self { true } else { false }
    }
}
