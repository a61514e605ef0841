// Checkpoints by scope, and the layers that load from them.

import GoldenFiles
import Layers
import Tensors
import Testing

@Suite("A weight scope")
struct WeightScopeTests {
    @Test("names tensors by the scopes above them")
    func prefixes() throws {
        let scope = try checkpoint(["layers.0.attn.weight": scattered(2, 3), "layers.1.bias": scattered(4)])
        let weight = try scope["layers", 0]["attn"].tensor("weight", shape: [2, 3])
        #expect(weight == scattered(2, 3))
        #expect(scope["layers", 1].has("bias") && !scope["layers", 0].has("bias"))
    }

    @Test("refuses a checkpoint with tensors that no layer asked for")
    func unused() throws {
        let scope = try checkpoint(["a": scattered(1), "b.c": scattered(1), "b.d": scattered(1)])
        _ = try scope.vector("a", count: 1)
        let all = #expect(throws: TensorFileError.self) { try scope.requireAllUsed() }
        #expect(all?.got == "\"b.c\" and 1 more")
        _ = try scope["b"].vector("c", count: 1)
        let rest = #expect(throws: TensorFileError.self) { try scope["b"].requireAllUsed() }
        #expect(rest?.got == "\"b.d\"")
        scope["b"].ignore("d")
        try scope.requireAllUsed()
    }

    @Test("says which shape was expected and which was got")
    func wrongShape() throws {
        let scope = try checkpoint(["fc.weight": scattered(2, 3), "fc.bias": scattered(3)])
        let error = #expect(throws: TensorFileError.self) { try Linear(scope["fc"], inputs: 3, outputs: 2) }
        #expect(error?.expected == "\"fc.bias\" of shape [2]" && error?.got == "shape [3]")
    }
}

@Suite("A linear layer")
struct LinearTests {
    @Test("multiplies, shifts and applies its activation", arguments: [Precision.f32, .bf16])
    func loaded(precision: Precision) throws {
        let (weight, bias, x) = (scattered(6, 10, seed: 1), scattered(6, seed: 2), scattered(3, 10, seed: 3))
        let scope = try checkpoint(["weight": weight, "bias": bias], precision: precision)
        let layer = try Linear(scope, inputs: 10, outputs: 6, activation: .gelu)
        try scope.requireAllUsed()
        let exact = referenceProduct(x, weights: weight, bias: bias.values, activation: .gelu)
        #expect(layer(x).largestDifference(from: exact).difference < (precision == .f32 ? 1e-5 : 0.05))
    }

    @Test("stacks maps of one input side by side, with biases or without")
    func stacked() throws {
        let scope = try checkpoint([
            "q.weight": scattered(4, 5, seed: 1), "q.bias": scattered(4, seed: 2), "k.weight": scattered(3, 5, seed: 3),
        ])
        let stack = try Linear(stacking: [scope["q"], scope["k"]], inputs: 5, outputs: [4, 3], biases: [true, false])
        try scope.requireAllUsed()
        let x = scattered(2, 5, seed: 4)
        let q = try Linear(scope["q"], inputs: 5, outputs: 4)(x)
        let k = try Linear(scope["k"], inputs: 5, outputs: 3, bias: false)(x)
        #expect(stack(x).columns(0..<4).largestDifference(from: q).difference < 1e-6)
        #expect(stack(x).columns(4..<7).largestDifference(from: k).difference < 1e-6)
    }
}

@Suite("A feed-forward layer")
struct FeedForwardTests {
    @Test("gives what its two maps give one after the other", arguments: [Precision.f32, .bf16], [1, 7, 600])
    func chained(precision: Precision, rows: Int) throws {
        let scope = try checkpoint(
            [
                "up.weight": scattered(33, 10, seed: 1), "up.bias": scattered(33, seed: 2),
                "down.weight": scattered(5, 33, seed: 3), "down.bias": scattered(5, seed: 4),
            ], precision: precision)
        let layer = try FeedForward(
            up: scope["up"], down: scope["down"], inputs: 10, hidden: 33, outputs: 5, activation: .gelu)
        try scope.requireAllUsed()
        let up = try Linear(scope["up"], inputs: 10, outputs: 33, activation: .gelu)
        let down = try Linear(scope["down"], inputs: 33, outputs: 5)
        let x = scattered(rows, 10, seed: 5)
        #expect(layer(x).largestDifference(from: down(up(x))).difference < 1e-6)
        #expect(layer(x).shape == [rows, 5])
    }

    @Test("of no rows gives none", arguments: Precision.allCases)
    func empty(precision: Precision) throws {
        let scope = try checkpoint(
            ["weight": scattered(4, 4, seed: 1), "bias": scattered(4, seed: 2)], precision: precision)
        let layer = try FeedForward(up: scope, down: scope, inputs: 4, hidden: 4, outputs: 4, activation: .relu)
        #expect(layer(Tensor(zeros: 0, 4)).shape == [0, 4])
    }
}
