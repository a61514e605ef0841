// Reference tensors that other programs wrote, and how closely ours agree.

import FoundationEssentials
public import Tensors

/// The folder `Tests/Goldens` of this source tree.
public enum GoldenFiles {
    /// The root of this source tree: this file is Tests/GoldenFiles/GoldenFiles.swift in it.
    public static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// The path of a file or folder below `Tests/Goldens`.
    public static func path(_ name: String) -> String { root + "/Tests/Goldens/" + name }

    /// Decodes a JSON file.
    public static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(filePath: path)))
    }
}

/// One golden case: a component's folder with "cases.safetensors" (inputs and outputs) and "cases.json".
public struct Golden {
    /// The folder's path.
    public let folder: String
    private let tensors: SafeTensorsFile

    /// The case of that name below `Tests/Goldens`.
    public init(_ name: String) throws {
        folder = GoldenFiles.path(name)
        tensors = try SafeTensorsFile(path: folder + "/cases.safetensors")
    }

    /// A tensor of the case.
    public func tensor(_ name: String) throws -> Tensor { try tensors.tensor(name) }

    /// The numbers of the case.
    public func numbers<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try GoldenFiles.decode(Value.self, folder + "/cases.json")
    }
}

extension Tensor {
    /// The largest difference from a reference, as a share of the reference's largest value.
    public func relativeDifference(from reference: Tensor) -> Float {
        guard shape == reference.shape else { return .infinity }
        return largestDifference(from: reference).difference / max(reference.largestMagnitude, 1e-30)
    }
}
