// What stands between the maps of a gated feed-forward layer, and caps on scores.

#if canImport(Glibc)
    import Glibc
#endif

/// act(gate)·up, element by element: SwiGLU's and GeGLU's middle (Shazeer 2020).
public func activate(
    _ activation: Activation, _ gate: UnsafePointer<Float>, times up: UnsafePointer<Float>, count: Int,
    into result: UnsafeMutablePointer<Float>
) {
    switch activation {
    case .silu: activate(gate, times: up, count: count, into: result, activation) { $0 / (1 + exponential(-$0)) }
    case .geluTanh:
        // ½·(1 + tanh u) is 1/(1 + e⁻²ᵘ).
        activate(gate, times: up, count: count, into: result, activation) { x in
            x / (1 + exponential(-1.595_769_1 * (x + 0.044_715 * x * x * x)))
        }
    case .relu:
        activate(gate, times: up, count: count, into: result, activation) { $0.replacing(with: 0, where: $0 .< 0) }
    case .none: activate(gate, times: up, count: count, into: result, activation) { $0 }
    case .gelu: for index in 0..<count { result[index] = activation(gate[index]) * up[index] }
    }
}

@inline(__always)
private func activate(
    _ gate: UnsafePointer<Float>, times up: UnsafePointer<Float>, count: Int, into result: UnsafeMutablePointer<Float>,
    _ plain: Activation, _ vector: (SIMD8<Float>) -> SIMD8<Float>
) {
    let (rawGate, rawUp, rawResult) = (UnsafeRawPointer(gate), UnsafeRawPointer(up), UnsafeMutableRawPointer(result))
    for index in 0..<count / 8 {
        let g = rawGate.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
        let u = rawUp.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
        rawResult.storeBytes(of: vector(g) * u, toByteOffset: index * 32, as: SIMD8<Float>.self)
    }
    for index in count / 8 * 8..<count { result[index] = plain(gate[index]) * up[index] }
}

/// Presses numbers below a cap in place, x to c·tanh(x/c) (Gemma 2's scores and logits).
public func press(_ values: UnsafeMutablePointer<Float>, count: Int, below cap: Float) {
    let raw = UnsafeMutableRawPointer(values)
    for index in 0..<count / 8 {
        let x = raw.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
        // tanh u is 1 - 2/(e²ᵘ + 1); what that loses of small numbers is far below a float of the cap's size.
        let pressed = cap - 2 * cap / (exponential(x * (2 / cap)) + 1)
        raw.storeBytes(of: pressed, toByteOffset: index * 32, as: SIMD8<Float>.self)
    }
    for index in count / 8 * 8..<count { values[index] = cap * tanhf(values[index] / cap) }
}
