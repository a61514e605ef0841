// Where transformers' checkpoints of Whisper keep the encoder.

import Layers
import Tensors

extension WeightScope {
    /// The encoder's weights in any of the layouts that transformers writes for Whisper.
    ///
    /// `WhisperForConditionalGeneration` has them below "model.encoder", `WhisperModel` below "encoder", and
    /// `WhisperEncoder` without a prefix. A whole model's decoder and output layer are not read, and marked as known;
    /// any other weight is still refused.
    var whisperEncoder: WeightScope {
        for parents in [["model"], []] {
            let whole = parents.reduce(self) { scope, parent in scope[parent] }
            guard whole["encoder", "conv1"].has("weight") else { continue }
            whole["decoder"].ignoreAll()
            ignore("proj_out.weight")
            return whole["encoder"]
        }
        return self
    }
}
