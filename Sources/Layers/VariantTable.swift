// One table per component: from the variant's name in config.json to what loads it.

public import Tensors

/// The variants that one component of a pipeline can be, by the names that their config.json gives.
///
/// A table is a value: `adding(_:_:)` makes a longer one, which is passed to whoever loads pipelines. `Component` is the
/// protocol that all variants share, `any SpeechEncoder` for instance.
public struct VariantTable<Component>: Sendable {
    /// Loads a variant from its folder; throws `TensorFileError`.
    public typealias Loader = @Sendable (ComponentFolder, Precision) throws(TensorFileError) -> Component

    /// What the component is called in errors: "speech encoder".
    public let role: String
    private let loaders: [String: Loader]

    /// A table of the given lines.
    public init(role: String, _ loaders: [String: Loader]) {
        (self.role, self.loaders) = (role, loaders)
    }

    /// The table with one line more; a line of that name is replaced.
    public func adding(_ name: String, _ loader: @escaping Loader) -> VariantTable {
        VariantTable(role: role, loaders.merging([name: loader]) { _, new in new })
    }

    /// The variants' names, sorted.
    public var names: [String] { loaders.keys.sorted() }

    /// The name in a folder's config.json under which this table has a loader; throws `TensorFileError` where there is
    /// none.
    public func variant(in folder: ComponentFolder) throws(TensorFileError) -> String {
        let found = try folder.variantNames
        if let name = found.first(where: { loaders[$0] != nil }) { return name }
        throw TensorFileError(
            path: folder.configurationPath,
            expected:
                "\"type\", \"model_type\" or \"architectures\" of a known \(role) (\(names.joined(separator: ", ")))",
            got: found.isEmpty ? "none of them" : found.map { "\"\($0)\"" }.joined(separator: ", "))
    }

    /// Loads the variant that the folder's config.json names; throws `TensorFileError`.
    public func load(
        _ folder: ComponentFolder, precision: Precision = .native
    ) throws(TensorFileError) -> Component {
        guard let loader = loaders[try variant(in: folder)] else { preconditionFailure("a variant has a loader") }
        return try loader(folder, precision)
    }
}

extension ComponentFolder {
    /// The names that config.json gives the component's variant, the one that counts most first: this project's "type",
    /// transformers' "model_type", its "architectures".
    public var variantNames: [String] {
        get throws(TensorFileError) {
            let names = try configuration(VariantNames.self)
            return [names.type, names.modelType].compactMap(\.self) + (names.architectures ?? [])
        }
    }
}

private struct VariantNames: Decodable {
    let type: String?
    let modelType: String?
    let architectures: [String]?

    enum CodingKeys: String, CodingKey {
        case type, architectures
        case modelType = "model_type"
    }
}
