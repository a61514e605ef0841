// What stands between the maps of a gated feed-forward layer, and caps on scores.

internal import CVectorLoops

/// act(gate)·up, element by element: SwiGLU's and GeGLU's middle (Shazeer 2020).
public func activate(
    _ activation: Activation, _ gate: UnsafePointer<Float>, times up: UnsafePointer<Float>, count: Int,
    into result: UnsafeMutablePointer<Float>
) {
    sonoform_gate(gate, up, count, activation.loop, result)
}

/// Presses numbers below a cap in place, x to c·tanh(x/c) (Gemma 2's scores and logits).
public func press(_ values: UnsafeMutablePointer<Float>, count: Int, below cap: Float) {
    sonoform_press(values, count, cap)
}

extension Activation {
    /// Its name among the vector loops.
    var loop: sonoform_loop_activation {
        switch self {
        case .none: sonoform_loop_none
        case .relu: sonoform_loop_relu
        case .gelu: sonoform_loop_gelu
        case .geluTanh: sonoform_loop_gelu_tanh
        case .silu: sonoform_loop_silu
        }
    }
}
