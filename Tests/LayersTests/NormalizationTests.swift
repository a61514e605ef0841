// LayerNorm, RMSNorm and rotary embeddings against doubles.

import GoldenFiles
import Layers
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Normalisation")
struct NormalizationTests {
    @Test("by LayerNorm gives mean 0 and variance 1, then scales and shifts", arguments: [1, 5, 8, 67])
    func layerNorm(width: Int) throws {
        let x = scattered(3, width, seed: 2)
        let (weight, bias) = (scattered(width, seed: 3), scattered(width, seed: 4))
        let scope = try checkpoint(["weight": weight, "bias": bias])
        var plain: [Double] = []
        for row in 0..<3 {
            let values = x.row(row).map(Double.init)
            let mean = values.reduce(0, +) / Double(width)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            plain += values.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
        }
        let affine = plain.enumerated().map {
            $1 * Double(weight.values[$0 % width]) + Double(bias.values[$0 % width])
        }
        #expect(difference(LayerNorm()(x).values, plain) < 3e-6)
        #expect(difference(try LayerNorm(scope, width: width)(x).values, affine) < 3e-6)
    }

    @Test("by RMSNorm divides by the root of the mean square", arguments: [4, 9, 64])
    func rootMeanSquare(width: Int) throws {
        let (x, weight) = (scattered(2, 2 * width, seed: 5), scattered(width, seed: 6))
        let norm = try RMSNorm(try checkpoint(["weight": weight]), width: width, epsilon: 1e-6)
        var exact: [Double] = []
        for start in stride(from: 0, to: x.values.count, by: width) {
            let run = x.values[start..<start + width].map(Double.init)
            let factor = 1 / (run.reduce(0) { $0 + $1 * $1 } / Double(width) + 1e-6).squareRoot()
            exact += run.enumerated().map { $1 * factor * Double(weight.values[$0]) }
        }
        #expect(difference(norm(x).values, exact) < 3e-6)
        #expect(norm(x).shape == x.shape)
    }

    @Test("of nothing is nothing")
    func empty() throws {
        #expect(LayerNorm()(Tensor(zeros: 0, 8)).shape == [0, 8])
    }
}

@Suite("A rotary embedding")
struct RotaryEmbeddingTests {
    @Test("turns the pairs (i, i + D/2) by position × θ^(−2i/D)")
    func angles() {
        let rotary = RotaryEmbedding(headSize: 6, theta: 10_000)
        let x = scattered(3, 12, seed: 7)
        var turned = x
        rotary.rotate(&turned, positions: [0, 5, 1000])
        var exact = x.values.map(Double.init)
        for (row, position) in [0, 5, 1000].enumerated() {
            for head in 0..<2 {
                for index in 0..<3 {
                    let angle = Double(position) * pow(10_000, -2 * Double(index) / 6)
                    let place = row * 12 + head * 6 + index
                    let (a, b) = (Double(x.values[place]), Double(x.values[place + 3]))
                    exact[place] = a * cos(angle) - b * sin(angle)
                    exact[place + 3] = b * cos(angle) + a * sin(angle)
                }
            }
        }
        #expect(difference(turned.values, exact) < 1e-6)
        #expect(turned.row(0).elementsEqual(x.row(0)))
    }

    @Test("makes products depend on the distance of positions alone")
    func relative() {
        let rotary = RotaryEmbedding(headSize: 8, theta: 500)
        func product(_ first: Int, _ second: Int) -> Float {
            var (a, b) = (scattered(1, 8, seed: 1), scattered(1, 8, seed: 2))
            rotary.rotate(&a, positions: [first])
            rotary.rotate(&b, positions: [second])
            return zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(abs(product(3, 10) - product(40, 47)) < 1e-5)
    }
}
