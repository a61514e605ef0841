// Weights as checkpoints store them.

import GoldenFiles
import Testing

@testable import Tensors

@Suite("Stored weights")
struct StoredWeightsTests {
    @Test("are turned in either number format")
    func transposed() {
        let plain = StoredWeights.f32(scattered(5, 3, seed: 1)).roundedToBFloat16()
        let turned = plain.transposed()
        #expect(turned.outputs == 3 && turned.inputs == 5)
        #expect(turned.tensor == plain.tensor.transposed())
        #expect(StoredWeights.f32(plain.tensor).transposed().tensor == plain.tensor.transposed())
    }
}
