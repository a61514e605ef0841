// The nonlinearities that a matrix product can end with.

import CDNNL

#if canImport(Glibc)
    import Glibc
#endif

/// A nonlinearity fused into a matrix product.
public enum Activation: String, Sendable, Codable {
    /// No nonlinearity.
    case none
    /// max(x, 0)
    case relu
    /// x·Φ(x) with the exact Gaussian distribution function, by erf
    case gelu
    /// x·Φ(x) by Hendrycks and Gimpel's approximation, ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
    case geluTanh = "gelu_tanh"
    /// x·sigmoid(x), also called swish
    case silu

    /// The plain function, for reference and for single values.
    public func callAsFunction(_ x: Float) -> Float {
        switch self {
        case .none: x
        case .relu: max(x, 0)
        case .gelu: 0.5 * x * (1 + erff(x * Float(0.5).squareRoot()))
        case .geluTanh: 0.5 * x * (1 + tanhf(0.797_884_56 * (x + 0.044_715 * x * x * x)))
        case .silu: x / (1 + expf(-x))
        }
    }

    var code: sonoform_activation {
        switch self {
        case .none: sonoform_activation_none
        case .relu: sonoform_activation_relu
        case .gelu: sonoform_activation_gelu
        case .geluTanh: sonoform_activation_gelu_tanh
        case .silu: sonoform_activation_silu
        }
    }
}
