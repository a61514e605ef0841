// Products of two activations, as attention needs them: nothing is packed.

import CDNNL

/// C = `scale` · A · B or, with `transposingB`, `scale` · A · Bᵀ in f32, on rows that may lie apart.
///
/// A is `[rows, inner]`, B `[inner, columns]` (or `[columns, inner]` transposed), C `[rows, columns]`; a stride is the
/// distance between the beginnings of two rows.
public func generalProduct(
    rows: Int, inner: Int, columns: Int, scale: Float = 1,
    _ a: UnsafePointer<Float>, stride aStride: Int,
    _ b: UnsafePointer<Float>, stride bStride: Int, transposingB: Bool,
    into c: UnsafeMutablePointer<Float>, stride cStride: Int
) {
    let plain = CChar(UInt8(ascii: "N"))
    let status = withThreads(for: rows * inner * columns) {
        dnnl_sgemm(
            plain, transposingB ? CChar(UInt8(ascii: "T")) : plain, dnnl_dim_t(rows), dnnl_dim_t(columns),
            dnnl_dim_t(inner), scale, a, dnnl_dim_t(aStride), b, dnnl_dim_t(bStride), 0, c, dnnl_dim_t(cStride))
    }
    precondition(status == dnnl_success, "oneDNN cannot multiply [\(rows), \(inner)] by [\(inner), \(columns)]")
}
