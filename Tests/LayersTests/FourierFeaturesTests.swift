// Fourier features against the definition, in doubles.

import Tensors
import Testing

@testable import Layers

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Fourier features")
struct FourierFeaturesTests {
    @Test("of π·x agree with doubles far and near")
    func phases() {
        for x in stride(from: Float(-40), through: 40, by: 0.0371) {
            let (sine, cosine) = sineAndCosineOfPi(SIMD4(repeating: x))
            #expect(abs(Double(sine[0]) - sin(Double.pi * Double(x))) < 2e-7)
            #expect(abs(Double(cosine[3]) - cos(Double.pi * Double(x))) < 2e-7)
        }
    }

    @Test("stand in the order of the reference")
    func order() {
        let features = fourierFeatures([SIMD3(0.1, -0.2, 0.8)], centre: SIMD3(0, 0, 0.5)).values.map(Double.init)
        #expect(features.count == 33)
        let point = [0.1, -0.2, 0.3]
        for axis in 0..<3 {
            #expect(abs(features[axis] - point[axis]) < 1e-6)
            for octave in 0..<5 {
                let angle = Double.pi * Double(1 << octave) * point[axis]
                #expect(abs(features[3 + 6 * octave + axis] - sin(angle)) < 3e-6)
                #expect(abs(features[6 + 6 * octave + axis] - cos(angle)) < 3e-6)
            }
        }
        #expect(fourierFeatures(of: 0.3).values.count == 11)
        #expect(abs(Double(fourierFeatures(of: 0.3).values[4]) - cos(2 * Double.pi * 0.3)) < 1e-6)
    }
}
