// In which number format the matrix products run.

import CDNNL

/// The number format of the matrix products; everything between them is `Float`.
public enum Precision: String, Sendable, CaseIterable {
    /// 32-bit floats.
    case f32
    /// Brain floats with 32-bit sums: about four times as fast where the processor has them.
    case bf16
    /// Whole numbers of 8 bits with 32-bit sums: weights with a scale for every output, inputs with one for every row. Half
    /// the memory of bf16, and what decoders gain by it; values differ by about a hundredth.
    case int8

    /// bf16 where this processor multiplies brain floats natively (AVX-512 BF16 or AMX), f32 elsewhere.
    public static let native: Precision = sonoform_cpu_has_bfloat16() != 0 ? .bf16 : .f32

    /// This precision where it is of floats, else the best of those: for coordinates and colours, which want more than 8 bits.
    public var ofFloats: Precision { self == .int8 ? .native : self }

    var code: sonoform_type {
        switch self {
        case .f32: sonoform_float32
        case .bf16: sonoform_bfloat16
        case .int8: sonoform_int8
        }
    }

    var bytes: Int {
        switch self {
        case .f32: 4
        case .bf16: 2
        case .int8: 1
        }
    }
}
