// A head for connectionist temporal classification, of checkpoints that name their classes in a vocab.json.

import Layers
import Tensors

/// An affine map from hidden states to the classes' probabilities: `[T, W] -> [T, P]`.
struct CTCHead: Sendable {
    private let map: Linear
    private let classes: Int

    /// Loads "weight" and "bias".
    init(_ weights: WeightScope, width: Int, classes: Int) throws(TensorFileError) {
        map = try Linear(weights, inputs: width, outputs: classes)
        self.classes = classes
    }

    func callAsFunction(_ hidden: Tensor) -> Tensor {
        var posteriors = map(hidden)
        posteriors.values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: classes) {
                softmax(values.baseAddress! + start, count: classes)
            }
        }
        return posteriors
    }
}

extension CTCConfiguration {
    /// The classes as transformers' `Wav2Vec2CTCTokenizer` names them: vocab.json, an object from names to indices,
    /// whose `[PAD]` is CTC's blank and whose "|" stands between words.
    ///
    /// nil where there is no such file, or no "|" in it: then there are probabilities, but nothing that words could be
    /// made of. Throws `TensorFileError` for indices that are none of a class.
    init?(vocabularyIn folder: ComponentFolder, classes: Int, blank: Int) throws(TensorFileError) {
        guard let path = folder.ownFile("vocab.json") else { return nil }
        let indices = try decodeJSON([String: Int].self, at: path)
        var names = (0..<classes).map { "<\($0)>" }
        for (name, index) in indices.sorted(by: { $0.value < $1.value }) {
            guard names.indices.contains(index) else {
                throw TensorFileError(path: path, expected: "indices below \(classes)", got: "\(index)")
            }
            names[index] = name
        }
        guard let wordBoundary = indices["|"] else { return nil }
        self.init(phones: names, blank: blank, wordBoundary: wordBoundary)
    }
}
