// The modality generator "latent_set_flow": condition tokens or latents in, a coloured point cloud out.

public import Layers
public import PointClouds
public import Surfaces
public import Tensors

/// A rectified flow over a shape's latents, and a field that reads surface points from them.
///
/// The reference is `Training/sonoform_training/generator` (flow.py, field.py, readout.py).
public struct LatentSetFlow: ShapeGenerator {
    /// The configuration that was loaded.
    public let configuration: LatentSetFlowConfiguration
    private let flow: FlowTransformer
    let field: Field

    /// Points are read out in groups of at most this many, so that memory does not grow with their number. Each group
    /// covers the whole surface evenly.
    static let groupPoints = 32_768

    /// Loads config.json and model.safetensors of the folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        configuration = try folder.configuration()
        try configuration.check(folder)
        let weights = try folder.weights(precision: precision)
        flow = try FlowTransformer(weights["flow"], configuration.flow)
        field = try Field(weights["field"], configuration.field)
        try weights.requireAllUsed()
    }

    /// K, the number of condition tokens of an object.
    public var conditionCount: Int { configuration.flow.conditions }

    /// C, the width of a condition token.
    public var conditionWidth: Int { configuration.flow.conditionWidth }

    /// [L, 3 + F], the shape of an object's latents.
    public var latentShape: [Int]? { [configuration.flow.latents, configuration.flow.channels] }

    /// Condition tokens `[K, C]` of one object -> exactly `points` points with normals and colours, in the object's
    /// canonical frame (z up, standing on z = 0, a medium object's longest side 1 before any stretch).
    ///
    /// - Parameters:
    ///   - seed: Determines the noise, and with it every byte of the result for a given number of threads.
    ///   - steps: Euler steps of the flow; nil for the model's default.
    ///   - guidance: How strongly the conditions are followed; 1 is plain, nil the model's default.
    ///   - stretch: Factors along x, y and z; the points are even on the stretched surface.
    public func generate(
        conditions: Tensor, points: Int, seed: UInt64, steps: Int?, guidance: Float?, stretch: SIMD3<Float>
    ) -> PointCloud {
        generate(
            latents: made(conditions: conditions, seed: seed, steps: steps, guidance: guidance), points: points,
            seed: seed, stretch: stretch)
    }

    /// The same from latents `[L, 3 + F]` that something else than the flow made.
    public func generate(latents: Tensor, points: Int, seed: UInt64, stretch: SIMD3<Float>) -> PointCloud {
        precondition(points >= 0)
        precondition(latents.shape == latentShape, "latents \(latents.shape)")
        var normals = SeededNormals(seed: seed)
        // The flow's noise comes first: a seed's points begin at the same places whatever made the latents.
        _ = normals.tensor(configuration.flow.latents, configuration.flow.channels)
        let surface = surfacePoints(
            latents: Self.bounded(latents), count: points, normals: &normals, stretch: stretch)
        return PointCloud(positions: surface.positions, normals: surface.normals, unitColours: surface.colours)
    }

    /// The latents that the flow makes.
    public func latents(conditions: Tensor, seed: UInt64, steps: Int?, guidance: Float?) -> Tensor? {
        made(conditions: conditions, seed: seed, steps: steps, guidance: guidance)
    }

    private func made(conditions: Tensor, seed: UInt64, steps: Int?, guidance: Float?) -> Tensor {
        var normals = SeededNormals(seed: seed)
        let noise = normals.tensor(configuration.flow.latents, configuration.flow.channels)
        return latents(noise: noise, conditions: conditions, steps: steps, guidance: guidance)
    }

    /// The field of latents `[L, 3 + F]`.
    public func field(latents: Tensor) -> (any ClosestPointField)? {
        precondition(latents.shape == latentShape, "latents \(latents.shape)")
        return self.field.shape(Self.bounded(latents))
    }

    /// Surface points of given latents `[L, 3 + F]`, in groups.
    func surfacePoints(
        latents: Tensor, count: Int, normals: inout SeededNormals, groupPoints: Int = Self.groupPoints,
        stretch: SIMD3<Float> = SIMD3(repeating: 1)
    ) -> SurfacePoints {
        let shape = field.shape(latents)
        let groups = (count + groupPoints - 1) / groupPoints
        var surface = SurfacePoints()
        for group in 0..<groups {
            let part = count * (group + 1) / groups - count * group / groups
            let noise = normals.tensor(configuration.readout.candidates(for: part), 3)
            surface.append(
                shape.surfacePoints(
                    count: part, noise: noise, options: configuration.readout, stretch: stretch))
        }
        return surface
    }

    /// Latents `[L, 3 + F]` by the flow, from normal noise of that shape under conditions `[K, C]`.
    func latents(noise: Tensor, conditions: Tensor, steps: Int? = nil, guidance: Float? = nil) -> Tensor {
        precondition(
            conditions.shape == [configuration.flow.conditions, configuration.flow.conditionWidth],
            "conditions \(conditions.shape)")
        return Self.bounded(
            flow.sample(
                noise: noise, conditions: conditions, steps: steps ?? configuration.sampling.steps,
                guidance: guidance ?? configuration.sampling.guidance))
    }

    /// Latents as they are, but for what broken weights make: it must not lead to points that no grid holds.
    private static func bounded(_ latents: Tensor) -> Tensor {
        var bounded = latents
        for index in bounded.values.indices {
            let value = bounded.values[index]
            bounded.values[index] = value.isFinite ? min(50, max(-50, value)) : 0
        }
        return bounded
    }

    /// Surface points of given latents `[L, 3 + F]` and candidate noise `[M, 3]`.
    func surfacePoints(latents: Tensor, noise: Tensor, count: Int) -> SurfacePoints {
        field.shape(latents).surfacePoints(count: count, noise: noise, options: configuration.readout)
    }
}
