// A component on disk: config.json beside model.safetensors, whole or in shards.

import FoundationEssentials
public import SystemPackage
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The folder of one component, as transformers and diffusers lay it out.
public struct ComponentFolder: Sendable {
    /// The folder's path.
    public let path: FilePath
    /// The folder of the pipeline that the component belongs to; nil for a component by itself.
    public let pipeline: FilePath?
    /// What stands in the place of the folder's files.
    private let contents: Contents?

    private struct Contents: Sendable {
        let configuration: [UInt8]
        let tensors: any TensorSource
    }

    /// The folder at `path`; nothing is read yet.
    public init(_ path: FilePath) { (self.path, pipeline, contents) = (path, nil, nil) }

    /// A component that lies on disk in another form, as a single file say; errors name `path`.
    ///
    /// - Parameters:
    ///   - configuration: what its config.json would be.
    ///   - tensors: its tensors, under the names that the architecture has in transformers.
    public init(_ path: FilePath, configuration: [UInt8], tensors: any TensorSource) {
        (self.path, pipeline) = (path, nil)
        contents = Contents(configuration: configuration, tensors: tensors)
    }

    /// As ``init(_:)-(FilePath)``, for a path that is text.
    public init(_ path: String) { self.init(FilePath(path)) }

    /// The folder of that name in a pipeline's folder; nothing is read yet.
    public init(_ name: String, inPipeline pipeline: FilePath) {
        (path, self.pipeline, contents) = (pipeline.appending(name), pipeline, nil)
    }

    /// The path of "config.json".
    public var configurationPath: FilePath { contents == nil ? path.appending("config.json") : path }

    /// The path of "model.safetensors".
    public var weightsPath: FilePath { contents == nil ? path.appending("model.safetensors") : path }

    /// The path of the index of a checkpoint in shards.
    private var indexPath: FilePath { path.appending("model.safetensors.index.json") }

    /// Where a file lies that a component may bring along and else shares with its pipeline, as preprocessor_config.json:
    /// in the component's folder if it is there, else in the pipeline's, where it must be; nil where neither is.
    public func sharedFile(_ name: String) -> FilePath? {
        ownFile(name) ?? pipeline?.appending(name)
    }

    /// The path of a file in the component's folder that it need not have, as vocab.json; nil where it is not there.
    public func ownFile(_ name: String) -> FilePath? {
        let own = path.appending(name)
        return isThere(own) ? own : nil
    }

    /// Whether there is something at a path.
    package func isThere(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) == 0 } }

    /// Decodes "config.json"; throws `TensorFileError` with the key that is missing or wrong.
    public func configuration<Configuration: Decodable>(
        _ type: Configuration.Type = Configuration.self
    ) throws(TensorFileError) -> Configuration {
        guard let contents else { return try decodeJSON(at: configurationPath) }
        return try decodeJSON(from: contents.configuration, path: path)
    }

    /// Opens "model.safetensors", or the shards that "model.safetensors.index.json" names where only that is there.
    public func tensors() throws(TensorFileError) -> any TensorSource {
        if let contents { return contents.tensors }
        if !isThere(weightsPath), isThere(indexPath) { return try ShardedSafeTensors(index: indexPath) }
        return try SafeTensorsFile(path: weightsPath)
    }

    /// The tensors as layers see them; see ``tensors()``.
    public func weights(precision: Precision = .native) throws(TensorFileError) -> WeightScope {
        WeightScope(try tensors(), precision: precision)
    }

    /// Throws unless a value of "config.json" lies in a range that the architecture can have.
    public func require(
        _ name: String, _ value: Int, in range: ClosedRange<Int>
    ) throws(TensorFileError) {
        try require(
            range.contains(value), "\(name) from \(range.lowerBound) to \(range.upperBound)", got: "\(value)")
    }

    /// Throws unless a condition on "config.json" holds.
    public func require(
        _ condition: Bool, _ expected: @autoclosure () -> String, got: @autoclosure () -> String
    ) throws(TensorFileError) {
        let require = Requirement { TensorFileError(path: configurationPath, expected: $0, got: $1) }
        try require(condition, expected(), got: got())
    }
}

/// Decodes a JSON file of at most 64 MB; throws `TensorFileError` with the key that is missing or wrong.
public func decodeJSON<Value: Decodable>(
    _ type: Value.Type = Value.self, at path: FilePath
) throws(TensorFileError) -> Value {
    try decodeJSON(type, from: try readWhole(path, expected: "a JSON file", limit: 64_000_000), path: path)
}

/// Decodes JSON from memory; `path` is what errors call it.
public func decodeJSON<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8], path: FilePath
) throws(TensorFileError) -> Value {
    do {
        return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch let error as DecodingError {
        let (expected, got) = explain(error)
        throw TensorFileError(path: path, expected: expected, got: got)
    } catch {
        throw TensorFileError(path: path, expected: "a JSON file", got: "\(error)")
    }
}

private func explain(_ error: DecodingError) -> (expected: String, got: String) {
    func key(_ context: DecodingError.Context, _ last: String? = nil) -> String {
        "\"" + (context.codingPath.map(\.stringValue) + (last.map { [$0] } ?? [])).joined(separator: ".") + "\""
    }
    return switch error {
    case .keyNotFound(let missing, let context): ("a key \(key(context, missing.stringValue))", "none")
    case .typeMismatch(let type, let context): ("\(key(context)) to be \(type)", "another type")
    case .valueNotFound(let type, let context): ("\(key(context)) to be \(type)", "null")
    case .dataCorrupted(let context) where context.codingPath.isEmpty: ("valid JSON", context.debugDescription)
    case .dataCorrupted(let context): ("a valid \(key(context))", context.debugDescription)
    @unknown default: ("a readable JSON file", "\(error)")
    }
}
