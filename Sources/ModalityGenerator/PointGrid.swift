// Points sorted into cells, so that neighbours are found without looking at all.

/// A grid of cubic cells over points in space; only the cells that hold points take memory.
struct PointGrid {
    /// Indices of the points, cell after cell.
    private let order: [Int32]
    /// The cells' keys, ascending, and where each begins in `order`; one end more.
    private let keys: [UInt64]
    private let starts: [Int32]
    private let cells: [SIMD3<Int32>]

    /// Cells are `size` wide; points farther from the origin than 2²⁰ cells share the outermost ones.
    init(_ points: [SIMD3<Float>], size: Float) {
        let bound = SIMD3<Float>(repeating: 1_048_575)
        cells = points.map { point in
            let cell = (point / size).clamped(lowerBound: -bound, upperBound: bound).rounded(.down)
            return SIMD3<Int32>(truncatingIfNeeded: SIMD3<Int>(Int(cell.x), Int(cell.y), Int(cell.z)))
        }
        var pairs = cells.enumerated().map { (key: Self.key($1), index: Int32($0)) }
        pairs.sort { ($0.key, $0.index) < ($1.key, $1.index) }
        order = pairs.map(\.index)
        var (keys, starts): ([UInt64], [Int32]) = ([], [])
        for (place, pair) in pairs.enumerated() where keys.last != pair.key {
            keys.append(pair.key)
            starts.append(Int32(place))
        }
        starts.append(Int32(pairs.count))
        (self.keys, self.starts) = (keys, starts)
    }

    private static func key(_ cell: SIMD3<Int32>) -> UInt64 {
        let shifted = SIMD3<UInt64>(truncatingIfNeeded: cell &+ 1_048_576)
        return shifted.z << 42 | shifted.y << 21 | shifted.x
    }
}
