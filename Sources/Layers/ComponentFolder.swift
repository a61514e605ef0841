// A component on disk: config.json beside model.safetensors.

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

    /// The folder at `path`; nothing is read yet.
    public init(_ path: FilePath) { (self.path, pipeline) = (path, nil) }

    /// As ``init(_:)-(FilePath)``, for a path that is text.
    public init(_ path: String) { self.init(FilePath(path)) }

    /// The folder of that name in a pipeline's folder; nothing is read yet.
    public init(_ name: String, inPipeline pipeline: FilePath) {
        (path, self.pipeline) = (pipeline.appending(name), pipeline)
    }

    /// The path of "config.json".
    public var configurationPath: FilePath { path.appending("config.json") }

    /// The path of "model.safetensors".
    public var weightsPath: FilePath { path.appending("model.safetensors") }

    /// Where a file lies that a component may bring along and else shares with its pipeline, as preprocessor_config.json:
    /// in the component's folder if it is there, else in the pipeline's, where it must be; nil where neither is.
    public func sharedFile(_ name: String) -> FilePath? {
        let own = path.appending(name)
        let isThere = own.withPlatformString { access($0, F_OK) == 0 }
        return isThere ? own : pipeline?.appending(name)
    }

    /// Decodes "config.json"; throws `TensorFileError` with the key that is missing or wrong.
    public func configuration<Configuration: Decodable>(
        _ type: Configuration.Type = Configuration.self
    ) throws(TensorFileError) -> Configuration {
        try decodeJSON(at: configurationPath)
    }

    /// Opens "model.safetensors".
    public func weights(precision: Precision = .native) throws(TensorFileError) -> WeightScope {
        WeightScope(try SafeTensorsFile(path: weightsPath), precision: precision)
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
