// A loaded pipeline, and the whole way from a recording or a text to a point cloud.

import AtomicFiles
public import AudioFeatures
import InputProjector
import LanguageModel
import ModalityEncoder
import ModalityGenerator
import OutputProjector
import PointClouds
import Surfaces
public import SystemPackage
import Tensors

/// A loaded pipeline: the front end and the five components. One serves any number of threads.
///
/// Its two halves are ``understand(_:source:options:)``, which makes a ``Scene`` of what was said, and
/// ``render(_:options:)``, which makes a point cloud of a scene; `convert` is both.
public struct Pipeline: Sendable {
    /// The folder it was loaded from.
    public let directory: FilePath
    /// The name that its manifest gives.
    public var name: String { manifest.name }
    /// How many threads compute; nil for as many as the calling thread is set to. Clouds differ in their last bits
    /// from one number of threads to another.
    public var threads: Int?
    /// Who hears recordings in the place of the pipeline's own ears; nil for these. What it hears is read as a written
    /// description is.
    public var listener: (any Listener)?
    let manifest: PipelineManifest
    let language: DescriptionLanguage
    let variants: ComponentVariants
    let encoder: any SpeechEncoder
    let inputProjector: any SpeechProjector
    let decoder: ReplyDecoder
    let lexicon: Lexicon?
    let outputProjector: any SignalProjector
    let codeWriter: CodeWriter?
    let generator: any ShapeGenerator
    let describer: LazyDescriber
    let vocabulary = LazyVocabulary()

    /// Turns a recording into a point cloud.
    ///
    /// - Parameters:
    ///   - recording: mono samples at the rate of the pipeline's features.
    ///   - source: what errors call the recording, its path for instance.
    ///   - options: how the cloud is made.
    public func convert(
        _ recording: Recording, source: String = "recording", options: ConversionOptions = ConversionOptions()
    ) throws(SonoformError) -> Conversion {
        try check(options, source: source)
        var clock = StageClock()
        let scene = try understand(
            recording, source: source, options: options.understanding, clock: &clock)
        return try convert(scene, source: source, options: options, clock: clock)
    }

    /// Turns a written description into a point cloud, by the same language model.
    public func convert(
        text: String, options: ConversionOptions = ConversionOptions()
    ) throws(SonoformError) -> Conversion {
        let source = quoted(text)
        try check(options, source: source)
        var clock = StageClock()
        let scene = try understand(text: text, source: source, options: options.understanding, clock: &clock)
        return try convert(scene, source: source, options: options, clock: clock)
    }

    /// Renders a scene, and tells what came of it as of any other conversion.
    public func convert(
        _ scene: Scene, source: String = "scene", options: ConversionOptions = ConversionOptions()
    ) throws(SonoformError) -> Conversion {
        try convert(scene, source: source, options: options, clock: StageClock())
    }

    func convert(
        _ scene: Scene, source: String, options: ConversionOptions, clock: StageClock
    ) throws(SonoformError) -> Conversion {
        var clock = clock
        let scene = try completed(scene, source: source, options: options, clock: &clock)
        var surface: MeshScene?
        let cloud: PointCloud
        if let wanted = options.surface {
            let made = try surfaced(scene, source: source, options: options, surface: wanted, clock: &clock)
            cloud = clock.measure(\.generate) {
                PointCloud(sampling: made, points: options.points, seed: options.seed)
            }
            surface = made
        } else {
            cloud = try rendered(scene, source: source, options: options, clock: &clock)
        }
        return Conversion(
            scene: scene, language: language, cloud: cloud, surface: surface, signals: options.signals,
            seconds: clock.seconds)
    }

    /// The descriptions of a scene's objects in the language's own order of words, copies once.
    public func descriptions(of scene: Scene) -> [String] { scene.objects.map(language.description) }

    /// Runs `body` with the pipeline's own number of threads.
    func computing<Result>(
        _ body: () throws(SonoformError) -> Result
    ) throws(SonoformError) -> Result {
        guard let threads else { return try body() }
        return try withComputeThreads(threads, body)
    }
}

/// A text as errors name it, with nothing in it that a terminal obeys.
func quoted(_ text: String) -> String { "\"\(text.printable)\"" }
