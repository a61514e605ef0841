// A checkpoint in several safetensors files, which an index tells apart.

public import SystemPackage
public import Tensors

/// The files that a `model.safetensors.index.json` names, as one checkpoint (transformers' `save_pretrained`).
///
/// Strict: every file lies beside the index and holds the tensors that the index says and no others, so that none is
/// missing and none is there twice.
public struct ShardedSafeTensors: TensorSource {
    /// The index's path.
    public let path: FilePath
    private let shards: [SafeTensorsFile]
    private let places: [String: Int]

    private struct Index: Decodable {
        let files: [String: String]

        enum CodingKeys: String, CodingKey {
            case files = "weight_map"
        }
    }

    /// Opens and checks the index and all its files; throws `TensorFileError`.
    public init(index path: FilePath) throws(TensorFileError) {
        let files = try decodeJSON(Index.self, at: path).files
        guard !files.isEmpty else {
            throw TensorFileError(path: path, expected: "a weight_map of at least one tensor", got: "an empty one")
        }
        self.path = path
        var (shards, places): ([SafeTensorsFile], [String: Int]) = ([], [:])
        for (file, tensors) in Dictionary(grouping: files.keys, by: { files[$0]! }).sorted(by: { $0.key < $1.key }) {
            guard let name = FilePath.Component(file), name.kind == .regular else {
                throw TensorFileError(path: path, expected: "a weight_map of files beside it", got: "\"\(file)\"")
            }
            let shard = try SafeTensorsFile(path: path.removingLastComponent().appending(name))
            for tensor in tensors {
                guard shard.shape(of: tensor) != nil else {
                    throw TensorFileError(
                        path: shard.path, expected: "a tensor \"\(tensor)\", as the index says",
                        got: "none of that name")
                }
                places[tensor] = shards.count
            }
            if let other = shard.names.first(where: { files[$0] != file }) {
                throw TensorFileError(
                    path: shard.path, expected: "only tensors that the index has in this file", got: "\"\(other)\"")
            }
            shards.append(shard)
        }
        (self.shards, self.places) = (shards, places)
    }

    private func shard(of name: String) -> SafeTensorsFile? { places[name].map { shards[$0] } }

    private func existingShard(of name: String) throws(TensorFileError) -> SafeTensorsFile {
        guard let shard = shard(of: name) else {
            throw TensorFileError(path: path, expected: "a tensor \"\(name)\"", got: "none of that name")
        }
        return shard
    }

    /// The files' paths.
    public var files: [FilePath] { shards.map(\.path) }

    /// The names of all tensors, sorted.
    public var names: [String] { places.keys.sorted() }

    /// The declared shape of a tensor, nil where none has that name.
    public func shape(of name: String) -> [Int]? { shard(of: name)?.shape(of: name) }

    /// The declared type of a tensor, nil where none has that name.
    public func type(of name: String) -> String? { shard(of: name)?.type(of: name) }

    /// The tensor of that name as floats; throws `TensorFileError`.
    public func tensor(_ name: String, shape: [Int]?) throws(TensorFileError) -> Tensor {
        try existingShard(of: name).tensor(name, shape: shape)
    }

    /// The matrix of that name; throws `TensorFileError`.
    public func weights(_ name: String, outputs: Int, inputs: Int) throws(TensorFileError) -> StoredWeights {
        try existingShard(of: name).weights(name, outputs: outputs, inputs: inputs)
    }
}
