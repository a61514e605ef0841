// The modality generator, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import PointClouds
public import Surfaces
public import Tensors

/// Makes one object's cloud, from condition tokens or from codes that the language model wrote.
///
/// Clouds stand in the object's canonical frame: z up, standing on z = 0, a medium object's longest side 1 before any
/// stretch. Every point has a normal and a colour.
public protocol ShapeGenerator: Sendable {
    /// K, the number of condition tokens of an object.
    var conditionCount: Int { get }
    /// C, the width of a condition token.
    var conditionWidth: Int { get }
    /// [L, 3 + F], the shape of an object's latents; nil for a generator without any, which reads no codes.
    var latentShape: [Int]? { get }

    /// Condition tokens `[K, C]` of one object -> exactly `points` points.
    ///
    /// - Parameters:
    ///   - seed: Determines the noise, and with it every byte of the result for a given number of threads.
    ///   - steps: The sampler's steps; nil for the model's default.
    ///   - guidance: How strongly the conditions are followed; 1 is plain, nil the model's default.
    ///   - stretch: Factors along x, y and z; the points are even on the stretched surface.
    func generate(
        conditions: Tensor, points: Int, seed: UInt64, steps: Int?, guidance: Float?, stretch: SIMD3<Float>
    ) -> PointCloud

    /// The latents `[L, 3 + F]` that ``generate(conditions:points:seed:steps:guidance:stretch:)`` makes of conditions
    /// and a seed; nil where it makes none. What is made of them with the same seed is the same.
    func latents(conditions: Tensor, seed: UInt64, steps: Int?, guidance: Float?) -> Tensor?

    /// Latents of the shape `latentShape` -> exactly `points` points; only asked for where there is such a shape.
    func generate(latents: Tensor, points: Int, seed: UInt64, stretch: SIMD3<Float>) -> PointCloud

    /// The field, without a stretch, whose surface the points of latents lie on; nil for a generator that has none, of
    /// whose shapes no surface can be made.
    func field(latents: Tensor) -> (any ClosestPointField)?
}

extension ShapeGenerator {
    /// No latents.
    public func latents(conditions: Tensor, seed: UInt64, steps: Int?, guidance: Float?) -> Tensor? { nil }

    /// No field.
    public func field(latents: Tensor) -> (any ClosestPointField)? { nil }
}

extension ShapeGenerator {
    /// The cloud of conditions `[K, C]`, by the model's defaults where nothing is said.
    public func generate(
        conditions: Tensor, points: Int, seed: UInt64, steps: Int? = nil, guidance: Float? = nil
    ) -> PointCloud {
        generate(
            conditions: conditions, points: points, seed: seed, steps: steps, guidance: guidance,
            stretch: SIMD3(repeating: 1))
    }

    /// The cloud of latents without a stretch.
    public func generate(latents: Tensor, points: Int, seed: UInt64) -> PointCloud {
        generate(latents: latents, points: points, seed: seed, stretch: SIMD3(repeating: 1))
    }
}

extension VariantTable<any ShapeGenerator> {
    /// The generators that this package knows.
    public static var shapeGenerators: VariantTable {
        VariantTable(
            role: "modality generator",
            [
                "latent_set_flow": LatentSetFlow.init(_:precision:)
            ])
    }
}
