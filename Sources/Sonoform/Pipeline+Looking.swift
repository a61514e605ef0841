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
    /// - Parameter source: what errors call the cloud, its path for instance.
    public func understand(_ cloud: PointCloud, source: String = "cloud") throws(SonoformError) -> Scene {
        let describer = try describer.loaded(for: self)
        return try computing { () throws(SonoformError) in
            var scene = Scene([], confidence: 0)
            var clock = StageClock()
            for found in try describer(cloud, source: source) {
                var object = try object(of: found.block, beside: nil, source: source)
                guard object.copies == 1, object.unplaced == nil else {
                    throw SonoformError(
                        .notADescription, source: source, expected: "an object of the description language",
                        got: "a shape for which it has no words")
                }
                object.signals = clock.measure(\.language) { signals(of: found.block, describing: object) }
                scene.objects.append(object)
                scene.confidence = min(scene.confidence ?? 0, found.confidence)
            }
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
