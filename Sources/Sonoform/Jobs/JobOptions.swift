// How an input becomes files: what `convert` and `batch` are asked for.

public import AudioFeatures
public import PointClouds

/// The options of a conversion job; a batch keeps them in its report, so that a later run knows what was made how.
public struct JobOptions: Codable, Sendable, Equatable {
    /// How clouds are made.
    public var conversion = ConversionOptions()
    /// Which channels of recordings are heard.
    public var channel = ChannelChoice.mix
    /// Who decodes what this package does not.
    public var decoder = AudioDecoder.builtIn
    /// The silence that ends an utterance.
    public var pauseSeconds = UtteranceSplitting().pauseSeconds
    /// Whether a recording's utterances become one scene.
    public var joins = false
    /// The format of the clouds' files.
    public var format = CloudFormat.ply
    /// The format of the surfaces' files, where surfaces are made; nil for GLB.
    public var surfaceFormat: MeshFormat?
    /// Whether a picture of every cloud is drawn.
    public var picture = false
    /// Whether every scene is written, too, as JSON.
    public var sceneJSON = false

    /// What is refused of recordings; no part of what a report keeps, because nothing that was made depends on it.
    public var limits = AudioLimits()

    enum CodingKeys: String, CodingKey {
        case conversion, channel, decoder, format, picture
        case pauseSeconds = "pause_seconds"
        case joins = "join"
        case sceneJSON = "scene_json"
        case surfaceFormat = "surface_format"
    }

    /// The defaults of `convert`.
    public init() {}

    /// What the files end in that clouds or surfaces are written to.
    public var fileExtension: String {
        conversion.surface == nil ? format.fileExtension : (surfaceFormat ?? .glb).fileExtension
    }

    /// Whether the cloud's points are written as they are made.
    var streamsPoints: Bool {
        conversion.surface == nil && conversion.points > Pipeline.mostPointsInMemory && CloudFileWriter.takes(format)
    }

    /// How conversions are made: of a cloud that is written as it is made, fewer points stand for all; what is to be printed
    /// gets level feet.
    var made: ConversionOptions {
        var options = conversion
        options.surface?.levelsFeet = surfaceFormat?.isPrinted ?? false
        if streamsPoints { options.points = Pipeline.previewPoints }
        return options
    }

    var reading: ReadingOptions { ReadingOptions(channel: channel, limits: limits, decoder: decoder) }

    var splitting: UtteranceSplitting { UtteranceSplitting(pauseSeconds: pauseSeconds) }
}
