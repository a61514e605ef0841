// What a conversion is asked for, and what comes of it.

public import PointClouds

/// How a point cloud is to be made.
public struct ConversionOptions: Sendable, Equatable {
    /// How many points the cloud has, all objects together.
    public var points: Int
    /// What the shape's freedom is drawn from: the same seed gives the same cloud.
    public var seed: UInt64
    /// The steps of the generator's flow; nil for the model's own number.
    public var steps: Int?
    /// How strongly the description guides the flow: 1 is plain, nil the model's own strength.
    public var guidance: Float?
    /// What the objects' shapes are made of; discrete signals need a pipeline that can write them, and have neither
    /// steps nor guidance.
    public var signals: ModalitySignals

    /// The defaults: 4,096 points, seed 0, steps and guidance as the model was made for, continuous signals.
    public init(
        points: Int = 4_096, seed: UInt64 = 0, steps: Int? = nil, guidance: Float? = nil,
        signals: ModalitySignals = .continuous
    ) {
        (self.points, self.seed, self.steps, self.guidance) = (points, seed, steps, guidance)
        self.signals = signals
    }
}

/// A recording or a text, converted.
public struct Conversion: Sendable {
    /// One object of the scene.
    public struct Object: Codable, Sendable, Equatable {
        /// Its description in the language's own order of words.
        public let description: String
        /// The middle of its bounding box, in the description language's units.
        public internal(set) var center: [Float]
        /// Its size: 1 is a medium object.
        public let scale: Float
        /// How many of the points are its.
        public let points: Int
    }

    /// What was heard or read.
    public let heard: String
    /// The whole scene in the language's own order of words: "two red cube on top of table".
    public let description: String
    /// The objects in the order in which they were named, every copy by itself.
    public let objects: [Object]
    /// How well what was heard explains the sound, 0 being perfect; nil for a text.
    public let confidence: Float?
    /// What the objects' shapes were made of.
    public let signals: ModalitySignals
    /// The point cloud of the whole scene.
    public let cloud: PointCloud
    /// How long each stage took.
    public var seconds: StageSeconds
}

/// A recording or a text that could not be converted: which one, what was expected, what was got.
public struct ConversionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The recording's path, or the text in quotes.
    public let source: String
    /// What was expected.
    public let expected: String
    /// What was got.
    public let got: String

    /// One line.
    public var description: String { "\(source): expected \(expected), got \(got)" }
}
