// One oneDNN product for one number of rows.

import CDNNL

/// A prepared product `[rows, inputs] · [inputs, outputs]`; may run in several threads at once.
final class MatrixProduct: @unchecked Sendable {
    // Unchecked: the C handle is not changed after `init`, and every call brings its own scratchpad.
    private var handle: sonoform_matmul
    /// What decides whether threads share it, in multiplications; reading a weight takes as long as some of them.
    private let work: Int
    private static let multiplicationsPerByte = 32
    let weightsBytes: Int
    let scratchpadBytes: Int

    /// The engine of this process' processor; oneDNN allows one engine to serve all threads.
    private static nonisolated(unsafe) let engine: dnnl_engine_t = {
        var engine: dnnl_engine_t?
        let status = sonoform_engine_create(&engine)
        // Layers of one shape share a kernel by oneDNN's own cache. Its 1,024 places would fill with the kernels of
        // recordings of all lengths, tens of megabytes that nobody asks for again.
        _ = dnnl_set_primitive_cache_capacity(64)
        guard status == dnnl_success, let engine else { preconditionFailure("oneDNN has no CPU engine: \(status)") }
        return engine
    }()

    /// Whether oneDNN multiplies in bf16 on this processor; before AVX-512 it does not.
    static let hasBFloat16: Bool = {
        var product = sonoform_matmul()
        let status = sonoform_matmul_create(
            &product, engine, 16, 16, 16, Precision.bf16.code, Precision.bf16.code, sonoform_layout_packed,
            Precision.f32.code, 0, Activation.none.code)
        guard status == dnnl_success else { return false }
        sonoform_matmul_destroy(&product)
        return true
    }()

    /// How the second operand lies in memory.
    enum Layout {
        /// As oneDNN likes it best: ``pack(_:of:)`` makes it.
        case packed
        /// `[inputs, outputs]`, row after row.
        case rows
        /// `[outputs, inputs]`, row after row.
        case transposedRows

        fileprivate var code: sonoform_layout {
            switch self {
            case .packed: sonoform_layout_packed
            case .rows: sonoform_layout_rows
            case .transposedRows: sonoform_layout_transposed_rows
            }
        }
    }

    init(
        rows: Int, inputs: Int, outputs: Int, precision: Precision, layout: Layout = .packed, destination: Precision,
        hasBias: Bool = false, activation: Activation = .none
    ) {
        let multiplications = rows * inputs * outputs
        work = max(multiplications, inputs * outputs * precision.bytes * Self.multiplicationsPerByte)
        var made = sonoform_matmul()
        // oneDNN fixes the number of threads here.
        let status = withThreads(for: work) {
            sonoform_matmul_create(
                &made, Self.engine, dnnl_dim_t(rows), dnnl_dim_t(inputs), dnnl_dim_t(outputs), precision.code,
                precision.code, layout.code, destination.code, hasBias ? 1 : 0, activation.code)
        }
        handle = made
        precondition(status == dnnl_success, "oneDNN cannot multiply [\(rows), \(inputs)] by [\(inputs), \(outputs)]")
        weightsBytes = sonoform_matmul_weights_bytes(&handle)
        scratchpadBytes = sonoform_matmul_scratchpad_bytes(&handle)
    }

    deinit { sonoform_matmul_destroy(&handle) }

    func sharesLayout(with other: MatrixProduct) -> Bool {
        sonoform_matmul_same_weights(&handle, &other.handle) != 0
    }

    func pack(_ weights: UnsafeRawPointer, of precision: Precision) -> AlignedBytes {
        let packed = AlignedBytes(count: weightsBytes)
        let status = withThreads(for: weightsBytes) {
            sonoform_matmul_pack(&handle, weights, precision.code, packed.pointer)
        }
        precondition(status == dnnl_success, "oneDNN cannot pack weights: \(status)")
        return packed
    }

    func repack(_ packed: AlignedBytes, of other: MatrixProduct) -> AlignedBytes {
        let repacked = AlignedBytes(count: weightsBytes)
        let status = withThreads(for: weightsBytes) {
            sonoform_matmul_repack(&other.handle, packed.pointer, &handle, repacked.pointer)
        }
        precondition(status == dnnl_success, "oneDNN cannot repack weights: \(status)")
        return repacked
    }

    func execute(
        _ source: UnsafeRawPointer, weights: UnsafeRawPointer, bias: UnsafePointer<Float>? = nil,
        into destination: UnsafeMutableRawPointer
    ) {
        let run = { (scratchpad: UnsafeMutableRawPointer?) in
            let status = withThreads(for: self.work) {
                sonoform_matmul_execute(&self.handle, source, weights, bias, destination, scratchpad)
            }
            precondition(status == dnnl_success, "oneDNN failed to multiply: \(status)")
        }
        if scratchpadBytes == 0 {
            run(nil)
        } else {
            withUnsafeTemporaryAllocation(byteCount: scratchpadBytes, alignment: 64) { run($0.baseAddress) }
        }
    }

    /// oneDNN's name of the kernel.
    var implementation: String { String(cString: sonoform_matmul_implementation(&handle)) }
}
