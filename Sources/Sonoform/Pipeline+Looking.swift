// The way back: from a point cloud to a scene.

import LanguageModel
import ModalityEncoder
public import PointClouds
import Synchronization
import Tensors

extension Pipeline {
    /// What a point cloud shows: an object of the scene for every object of the cloud.
    ///
    /// The point encoder is loaded when the first cloud is looked at.
    ///
    /// Wherever the cloud is, and in a thousandth or a thousand of its unit too: points far from all others and a floor
    /// do not count. Of a cloud without colours none is said; ``Scene/assumptions`` has what was taken for granted. In a
    /// unit that nobody can tell (inches) a size would be guessed: such a cloud is refused where no unit is given.
    ///
    /// - Parameters:
    ///   - cloud: what is looked at.
    ///   - source: what errors call the cloud, its path for instance.
    ///   - unit: how many of the cloud's units are as long as a medium object; nil to find it by the objects' sizes.
    public func understand(
        _ cloud: PointCloud, source: String = "cloud", unit: Double? = nil
    ) throws(SonoformError) -> Scene {
        let describer = try describer.loaded(for: self)
        return try computing { () throws(SonoformError) in
            var scene = Scene([], confidence: 0)
            var clock = StageClock()
            let (found, assumptions) = try describer(cloud, source: source, unit: unit)
            for found in found {
                var object = try object(of: found.block, beside: nil, source: source)
                guard object.copies == 1, object.unplaced == nil else {
                    throw SonoformError(
                        .notADescription, source: source, expected: "an object of the description language",
                        got: "a shape for which it has no words")
                }
                if found.coloursAreKnown {
                    object.signals = clock.measure(\.language) { signals(of: found.block, describing: object) }
                }
                if !found.coloursAreKnown { object.dropColours() }
                scene.objects.append(object)
                scene.confidence = min(scene.confidence ?? 0, found.confidence)
            }
            if !assumptions.isEmpty { scene.assumptions = assumptions }
            return scene
        }
    }
}

/// What looks at clouds, loaded once it is needed: most pipelines only listen.
final class LazyDescriber: Sendable {
    private let precision: Precision
    private let describer = Mutex<ShapeDescriber?>(nil)

    init(precision: Precision) { self.precision = precision }

    func loaded(for pipeline: Pipeline) throws(SonoformError) -> ShapeDescriber {
        do {
            return try describer.withLock { describer throws(TensorFileError) in
                if let describer { return describer }
                let loaded = try ShapeDescriber(pipeline, precision: precision)
                describer = loaded
                return loaded
            }
        } catch {
            throw SonoformError(error)
        }
    }
}

extension Scene.Object {
    /// Leaves out the colours, and the parts of which nothing else was said.
    fileprivate mutating func dropColours() {
        colour = nil
        for index in parts.indices { parts[index].colour = nil }
        parts.removeAll { $0.count == nil }
    }
}
