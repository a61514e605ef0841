// Features as array files.

import AtomicFiles
package import AudioFeatures
package import SystemPackage
import Tensors

extension FeatureMatrix {
    /// Writes the features as a safetensors file where the path ends so, else as .npy; `[frames, features]`, or the other
    /// way round where the reference of their kind has them so.
    package func write(laidOutAs configuration: FeatureConfiguration, to path: FilePath) throws {
        let tensor =
            configuration.hasFeaturesFirst
            ? Tensor(shape: [features, frames], values: transposedValues())
            : Tensor(shape: [frames, features], values: values)
        if path.lastComponent?.ending == "safetensors" {
            try SafeTensorsFile.write(["features": tensor], to: path)
        } else {
            try tensor.writeNPY(to: path)
        }
    }
}
