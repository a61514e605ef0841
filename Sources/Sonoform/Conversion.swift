// What comes of a conversion.

public import PointClouds
public import Surfaces

/// A recording, a text or a scene, converted.
public struct Conversion: Sendable {
    /// One object of the cloud.
    public struct Object: Codable, Sendable, Equatable {
        /// Its description in the language's own order of words.
        public let description: String
        /// The middle of its bounding box, in the description language's units.
        public let center: [Float]
        /// Its size: 1 is a medium object.
        public let scale: Float
        /// How many of the points are its.
        public internal(set) var points: Int
        /// What holds of its surface; nil where none was asked for.
        public let surface: MeshCheck?
    }

    /// What was understood.
    public let scene: Scene
    /// The whole scene in the language's own order of words: "two red cube on top of table".
    public let description: String
    /// The objects in the order in which they were named, every copy by itself.
    public internal(set) var objects: [Object]
    /// What the objects' shapes were made of.
    public let signals: ModalitySignals
    /// The point cloud of the whole scene.
    public let cloud: PointCloud
    /// The surfaces, a mesh for each of `objects`; nil where none were asked for. The cloud's points lie on them.
    public let surface: MeshScene?
    /// How long each stage took.
    public var seconds: StageSeconds

    /// What was heard or read.
    public var heard: String { scene.heard }
    /// How well what was heard explains the sound, 0 being perfect; nil for a text.
    public var confidence: Float? { scene.confidence }

    init(
        scene: Scene, language: DescriptionLanguage, cloud: PointCloud, surface: MeshScene? = nil,
        signals: ModalitySignals, seconds: StageSeconds
    ) {
        (self.scene, self.cloud, self.signals, self.seconds) = (scene, cloud, signals, seconds)
        self.surface = surface
        description = language.description(of: scene)
        let boxes = cloud.boundsByObject
        var objects: [Object] = []
        for object in scene.objects {
            let description = language.description(of: object)
            for _ in 0..<object.copies {
                let box = objects.count < boxes.count ? boxes[objects.count] : nil
                let center = box.map { ($0.lower + $0.upper) / 2 } ?? .zero
                let check = surface.map { MeshCheck($0.objects[objects.count].mesh) }
                objects.append(
                    Object(
                        description: description, center: [center.x, center.y, center.z],
                        scale: object.signals?.scale ?? 1, points: box?.count ?? 0, surface: check))
            }
        }
        self.objects = objects
    }
}

extension PointCloud {
    /// Of every object, by its number, the box around its points and how many they are; nil for one without points.
    fileprivate var boundsByObject: [(lower: SIMD3<Float>, upper: SIMD3<Float>, count: Int)?] {
        var boxes = [(lower: SIMD3<Float>, upper: SIMD3<Float>, count: Int)?](repeating: nil, count: 256)
        for (position, object) in zip(positions, objects) {
            let box = boxes[Int(object)] ?? (position, position, 0)
            boxes[Int(object)] = (pointwiseMin(box.lower, position), pointwiseMax(box.upper, position), box.count + 1)
        }
        return boxes
    }
}
