// A cloud as the page's script wants it: small, and good to look at.

import PointClouds

/// Points of 11 bytes: x y z in 16 bits each between the box's corners, little endian; an octahedral normal
/// (Meyer et al. 2010) in two bytes; red, green, blue.
struct PackedCloud {
    let bytes: [UInt8]
    /// The box's width, depth and height, with spaces between.
    let size: String

    /// - Parameter limit: how many points are kept of a larger cloud, spread evenly over its order.
    init(_ cloud: PointCloud, limit: Int) {
        guard let (lower, upper) = cloud.bounds else {
            (bytes, size) = ([], "1 1 1")
            return
        }
        let extent = upper - lower
        size = "\(extent.x) \(extent.y) \(extent.z)"
        let count = min(cloud.count, max(1, limit))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 11)
        for k in 0..<count {
            let i = k * cloud.count / count
            for axis in 0..<3 {
                let part = extent[axis] > 0 ? (cloud.positions[i][axis] - lower[axis]) / extent[axis] : 0.5
                let value = UInt16((part * 65_535).rounded())
                bytes.append(UInt8(truncatingIfNeeded: value))
                bytes.append(UInt8(truncatingIfNeeded: value >> 8))
            }
            let normal = Self.octahedral(cloud.normals?[i] ?? [0, 0, 1])
            bytes += [normal.x, normal.y]
            let colour = cloud.colours?[i] ?? SIMD3(repeating: 200)
            bytes += [colour.x, colour.y, colour.z]
        }
        self.bytes = bytes
    }

    private static func octahedral(_ normal: SIMD3<Float>) -> SIMD2<UInt8> {
        let sum = abs(normal.x) + abs(normal.y) + abs(normal.z)
        guard sum > 0, sum.isFinite else { return octahedral([0, 0, 1]) }
        var (x, y) = (normal.x / sum, normal.y / sum)
        if normal.z < 0 { (x, y) = ((1 - abs(y)) * (x < 0 ? -1 : 1), (1 - abs(x)) * (y < 0 ? -1 : 1)) }
        return SIMD2(UInt8(((x + 1) * 127.5).rounded()), UInt8(((y + 1) * 127.5).rounded()))
    }
}
