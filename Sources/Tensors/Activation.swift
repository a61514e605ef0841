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
    /// x·sigmoid(x), also called swish
    case silu

    /// The plain function, for reference and for single values.
    public func callAsFunction(_ x: Float) -> Float {
        switch self {
        case .none: x
        case .relu: max(x, 0)
        case .gelu: 0.5 * x * (1 + erff(x * Float(0.5).squareRoot()))
        case .silu: x / (1 + expf(-x))
        }
    }

    var code: sonoform_activation {
        switch self {
        case .none: sonoform_activation_none
        case .relu: sonoform_activation_relu
        case .gelu: sonoform_activation_gelu
        case .silu: sonoform_activation_silu
        }
    }
}
