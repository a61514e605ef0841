// In which number format the matrix products run.

import CDNNL

/// The number format of the matrix products; everything between them is `Float`.
public enum Precision: String, Sendable, CaseIterable {
    /// 32-bit floats.
    case f32
    /// Brain floats with 32-bit sums: about four times as fast where the processor has them.
    case bf16

    /// bf16 where this processor multiplies brain floats natively (AVX-512 BF16 or AMX), f32 elsewhere.
    public static let native: Precision = sonoform_cpu_has_bfloat16() != 0 ? .bf16 : .f32

    var code: sonoform_type { self == .bf16 ? sonoform_bfloat16 : sonoform_float32 }
    var bytes: Int { self == .bf16 ? 2 : 4 }
}
