// A k-d tree over points: the nearest ones without looking at all of them.

/// A static k-d tree over `[N]` points.
///
/// The tree is the order of the points: a range's middle element splits it along one axis, and short ranges are
/// searched through.
public struct NearestPoints: Sendable {
    private var points: [SIMD3<Float>]
    /// The index that a point had in the array given.
    private var indices: [Int]
    /// The splitting axis of the range whose middle is here.
    private var axes: [UInt8]

    private static let leafCount = 8

    /// Builds the tree in O(N log N).
    public init(_ positions: [SIMD3<Float>]) {
        points = positions
        indices = Array(positions.indices)
        axes = [UInt8](repeating: 0, count: positions.count)
        split()
    }

    /// The indices `[M]` of the points nearest to each query.
    ///
    /// Queries are asked in an order of their own, neighbours after each other, which finds the tree in the cache.
    func nearest(toEach queries: [SIMD3<Float>]) -> [Int] {
        precondition(!points.isEmpty, "no points have no nearest")
        let order = queries.count > 1 << 14 ? NearestPoints(queries).indices : Array(queries.indices)
        var found = [Int](repeating: 0, count: queries.count)
        points.withUnsafeBufferPointer { points in
            axes.withUnsafeBufferPointer { axes in
                // The answer of the query before is near the next one's: little is left to search.
                var last = 0
                for i in order {
                    let query = queries[i]
                    var best = Best(squared: .infinity, position: 0)
                    Self.consider(last, query, points, &best)
                    Self.search(0, points.count, query, points, axes, &best)
                    last = best.position
                    found[i] = indices[best.position]
                }
            }
        }
        return found
    }

    /// The point nearest to `query`: its index and its squared distance; nil without points.
    public func nearest(to query: SIMD3<Float>) -> (index: Int, squaredDistance: Float)? {
        guard !points.isEmpty else { return nil }
        var best = Best(squared: .infinity, position: 0)
        points.withUnsafeBufferPointer { points in
            axes.withUnsafeBufferPointer { axes in
                Self.search(0, points.count, query, points, axes, &best)
            }
        }
        return (indices[best.position], best.squared)
    }

    /// The `count` points nearest to `query`, nearest first; fewer when there are fewer.
    public func nearest(_ count: Int, to query: SIMD3<Float>) -> [(index: Int, squaredDistance: Float)] {
        precondition(count > 0)
        var found: [(index: Int, squaredDistance: Float)] = []
        found.reserveCapacity(count + 1)
        collect(0, points.count, query, count, &found)
        return found.map { (indices[$0.index], $0.squaredDistance) }
    }

    private struct Best {
        var squared: Float
        var position: Int
    }

    private static func search(
        _ start: Int, _ end: Int, _ query: SIMD3<Float>, _ points: UnsafeBufferPointer<SIMD3<Float>>,
        _ axes: UnsafeBufferPointer<UInt8>, _ best: inout Best
    ) {
        if end - start <= leafCount {
            for i in start..<end { consider(i, query, points, &best) }
            return
        }
        let middle = (start + end) / 2
        let axis = Int(axes[middle])
        let offset = query[axis] - points[middle][axis]
        consider(middle, query, points, &best)
        let (near, far) = offset < 0 ? ((start, middle), (middle + 1, end)) : ((middle + 1, end), (start, middle))
        search(near.0, near.1, query, points, axes, &best)
        if offset * offset < best.squared { search(far.0, far.1, query, points, axes, &best) }
    }

    @inline(__always)
    private static func consider(
        _ i: Int, _ query: SIMD3<Float>, _ points: UnsafeBufferPointer<SIMD3<Float>>, _ best: inout Best
    ) {
        let difference = points[i] - query
        let squared = (difference * difference).sum()
        if squared < best.squared { best = Best(squared: squared, position: i) }
    }

    private func collect(
        _ start: Int, _ end: Int, _ query: SIMD3<Float>, _ count: Int,
        _ found: inout [(index: Int, squaredDistance: Float)]
    ) {
        func consider(_ i: Int) {
            let difference = points[i] - query
            let squared = (difference * difference).sum()
            guard found.count < count || squared < found[found.count - 1].squaredDistance else { return }
            let place = found.firstIndex { squared < $0.squaredDistance } ?? found.count
            found.insert((i, squared), at: place)
            if found.count > count { found.removeLast() }
        }
        if end - start <= Self.leafCount {
            for i in start..<end { consider(i) }
            return
        }
        let middle = (start + end) / 2
        let axis = Int(axes[middle])
        let offset = query[axis] - points[middle][axis]
        consider(middle)
        let (near, far) = offset < 0 ? ((start, middle), (middle + 1, end)) : ((middle + 1, end), (start, middle))
        collect(near.0, near.1, query, count, &found)
        if found.count < count || offset * offset < found[found.count - 1].squaredDistance {
            collect(far.0, far.1, query, count, &found)
        }
    }

    private mutating func split() {
        points.withUnsafeMutableBufferPointer { points in
            indices.withUnsafeMutableBufferPointer { indices in
                axes.withUnsafeMutableBufferPointer { axes in
                    Self.split(0, points.count, points, indices, axes)
                }
            }
        }
    }

    private static func split(
        _ start: Int, _ end: Int, _ points: UnsafeMutableBufferPointer<SIMD3<Float>>,
        _ indices: UnsafeMutableBufferPointer<Int>, _ axes: UnsafeMutableBufferPointer<UInt8>
    ) {
        guard end - start > leafCount else { return }
        var (lower, upper) = (points[start], points[start])
        for i in start..<end {
            lower = pointwiseMin(lower, points[i])
            upper = pointwiseMax(upper, points[i])
        }
        let extent = upper - lower
        let axis = extent.x >= extent.y ? (extent.x >= extent.z ? 0 : 2) : (extent.y >= extent.z ? 1 : 2)
        let middle = (start + end) / 2
        select(middle, start, end, axis, points, indices)
        axes[middle] = UInt8(axis)
        split(start, middle, points, indices, axes)
        split(middle + 1, end, points, indices, axes)
    }

    /// Hoare's selection: afterwards what is left of `middle` is not larger along `axis`, what is right not smaller.
    private static func select(
        _ middle: Int, _ start: Int, _ end: Int, _ axis: Int, _ points: UnsafeMutableBufferPointer<SIMD3<Float>>,
        _ indices: UnsafeMutableBufferPointer<Int>
    ) {
        var (left, right) = (start, end - 1)
        while left < right {
            let pivot = points[(left + right) / 2][axis]
            var (i, j) = (left, right)
            while i <= j {
                while points[i][axis] < pivot { i += 1 }
                while points[j][axis] > pivot { j -= 1 }
                if i <= j {
                    points.swapAt(i, j)
                    indices.swapAt(i, j)
                    i += 1
                    j -= 1
                }
            }
            if middle <= j {
                right = j
            } else if middle >= i {
                left = i
            } else {
                return
            }
        }
    }
}
