// Normals that point out of the shape, whatever the field said of single points.

public import PointClouds
public import Surfaces

extension PointCloud {
    /// The cloud with every normal turned to the side on which the field's distance is larger: out of the shape.
    ///
    /// - Parameters:
    ///   - field: the field on whose surface the points lie.
    ///   - stretch: the factors along the axes that the points have been multiplied by.
    public func withOutwardNormals(in field: any ClosestPointField, stretch: SIMD3<Float>) -> PointCloud {
        guard let normals else { return self }
        // Far enough for the field to tell the sides apart, and less than half of what is thin.
        let step: Float = 0.008
        var probes: [SIMD3<Float>] = []
        probes.reserveCapacity(2 * count)
        for (position, normal) in zip(positions, normals) {
            let across = normal * stretch
            let direction = across / max(1e-12, (across * across).sum().squareRoot())
            probes.append(position / stretch + step * direction)
            probes.append(position / stretch - step * direction)
        }
        let distances = field.samples(at: probes).distances
        let turned = normals.indices.map { index in
            distances[2 * index] < distances[2 * index + 1] ? -normals[index] : normals[index]
        }
        return PointCloud(positions: positions, normals: turned, colours: colours, objects: objects, origin: origin)
    }
}
