// oneDNN's matrix product behind one small interface that is the same for 2.6 (descriptors are structs) and 3.x
// (descriptors are opaque). A `sonoform_matmul` computes  dst[rows, outputs] = act(src[rows, inputs] · Wᵀ + bias)
// for one number of rows, W being [outputs, inputs] and packed by oneDNN into the layout that it likes best.
#pragma once
#include <dnnl.h>
#include <string.h>

typedef enum {
    sonoform_activation_none = 0,
    sonoform_activation_relu = 1,
    sonoform_activation_gelu = 2,  // exact, by erf
    sonoform_activation_silu = 3,
    sonoform_activation_gelu_tanh = 4,
} sonoform_activation;

typedef enum { sonoform_float32 = 0, sonoform_bfloat16 = 1, sonoform_int8 = 2 } sonoform_type;

// How a product's second operand lies in memory: as oneDNN likes it best, for weights that are packed once, or as plain
// rows of [inputs, outputs] or of [outputs, inputs].
typedef enum {
    sonoform_layout_packed = 0,
    sonoform_layout_rows = 1,
    sonoform_layout_transposed_rows = 2,
} sonoform_layout;

typedef struct {
    dnnl_engine_t engine;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    dnnl_dim_t inputs, outputs;
} sonoform_matmul;

static inline dnnl_data_type_t sonoform_dnnl_type(sonoform_type type) {
    return type == sonoform_bfloat16 ? dnnl_bf16 : type == sonoform_int8 ? dnnl_s8 : dnnl_f32;
}

// The memory descriptors of the two API generations, as values that are released with sonoform_md_free.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t sonoform_md;
typedef const_dnnl_memory_desc_t sonoform_md_ref;
static inline void sonoform_md_free(sonoform_md *md) { dnnl_memory_desc_destroy(*md); }
static inline sonoform_md_ref sonoform_md_borrow(const sonoform_md *md) { return *md; }
static inline dnnl_status_t sonoform_md_strided(
        sonoform_md *md, int count, const dnnl_dim_t *dims, dnnl_data_type_t type, const dnnl_dim_t *strides) {
    return dnnl_memory_desc_create_with_strides(md, count, dims, type, strides);
}
static inline dnnl_status_t sonoform_md_any(sonoform_md *md, int count, const dnnl_dim_t *dims, dnnl_data_type_t type) {
    return dnnl_memory_desc_create_with_tag(md, count, dims, type, dnnl_format_tag_any);
}
#else
typedef dnnl_memory_desc_t sonoform_md;
typedef const dnnl_memory_desc_t *sonoform_md_ref;
static inline void sonoform_md_free(sonoform_md *md) { (void)md; }
static inline sonoform_md_ref sonoform_md_borrow(const sonoform_md *md) { return md; }
static inline dnnl_status_t sonoform_md_strided(
        sonoform_md *md, int count, const dnnl_dim_t *dims, dnnl_data_type_t type, const dnnl_dim_t *strides) {
    return dnnl_memory_desc_init_by_strides(md, count, dims, type, strides);
}
static inline dnnl_status_t sonoform_md_any(sonoform_md *md, int count, const dnnl_dim_t *dims, dnnl_data_type_t type) {
    return dnnl_memory_desc_init_by_tag(md, count, dims, type, dnnl_format_tag_any);
}
#endif

// Whether bf16 products run natively here (AVX-512 BF16 or AMX); elsewhere they are emulated, slower than f32.
static inline int sonoform_cpu_has_bfloat16(void) {
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

// The number of threads of products called from this thread; 1 where they are not OpenMP's.
extern int omp_get_max_threads(void) __attribute__((weak));
static inline int sonoform_threads(void) { return omp_get_max_threads ? omp_get_max_threads() : 1; }

static inline dnnl_status_t sonoform_engine_create(dnnl_engine_t *engine) {
    return dnnl_engine_create(engine, dnnl_cpu, 0);
}

static inline void sonoform_matmul_destroy(sonoform_matmul *matmul) {
    if (matmul->primitive) dnnl_primitive_destroy(matmul->primitive);
    if (matmul->description) dnnl_primitive_desc_destroy(matmul->description);
    memset(matmul, 0, sizeof *matmul);
}

static inline dnnl_status_t sonoform_append_activation(dnnl_post_ops_t operations, sonoform_activation activation) {
    dnnl_alg_kind_t kind = activation == sonoform_activation_relu ? dnnl_eltwise_relu
            : activation == sonoform_activation_gelu             ? dnnl_eltwise_gelu_erf
            : activation == sonoform_activation_gelu_tanh        ? dnnl_eltwise_gelu_tanh
                                                                 : dnnl_eltwise_swish;
    float alpha = activation == sonoform_activation_silu ? 1.f : 0.f;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_eltwise(operations, kind, alpha, 0.f);
#else
    return dnnl_post_ops_append_eltwise(operations, 1.f, kind, alpha, 0.f);
#endif
}

// Prepares a product. The caller destroys it, also after a failure.
static inline dnnl_status_t sonoform_matmul_create(
        sonoform_matmul *matmul, dnnl_engine_t engine, dnnl_dim_t rows, dnnl_dim_t inputs, dnnl_dim_t outputs,
        sonoform_type source_type, sonoform_type weights_type, sonoform_layout weights_layout,
        sonoform_type destination_type, int has_bias, sonoform_activation activation) {
    memset(matmul, 0, sizeof *matmul);
    matmul->engine = engine;
    matmul->inputs = inputs;
    matmul->outputs = outputs;
    dnnl_dim_t source_dims[2] = {rows, inputs}, source_strides[2] = {inputs, 1};
    dnnl_dim_t weights_dims[2] = {inputs, outputs}, weights_strides[2] = {outputs, 1};
    if (weights_layout == sonoform_layout_transposed_rows) {
        weights_strides[0] = 1;
        weights_strides[1] = inputs;
    }
    dnnl_dim_t bias_dims[2] = {1, outputs}, destination_dims[2] = {rows, outputs};
    dnnl_dim_t destination_strides[2] = {outputs, 1};
    sonoform_md source, weights, bias, destination;
    dnnl_status_t status = sonoform_md_strided(&source, 2, source_dims, sonoform_dnnl_type(source_type), source_strides);
    if (status) return status;
    status = weights_layout == sonoform_layout_packed
            ? sonoform_md_any(&weights, 2, weights_dims, sonoform_dnnl_type(weights_type))
            : sonoform_md_strided(&weights, 2, weights_dims, sonoform_dnnl_type(weights_type), weights_strides);
    if (status) return status;
    status = sonoform_md_strided(&bias, 2, bias_dims, dnnl_f32, destination_strides);
    if (status) return status;
    status = sonoform_md_strided(
            &destination, 2, destination_dims, sonoform_dnnl_type(destination_type), destination_strides);
    if (status) return status;

    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t operations = NULL;
    status = dnnl_primitive_attr_create(&attributes);
    // The scratchpad is the caller's, so that one primitive may run in several threads at once.
    if (!status) status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (!status && activation != sonoform_activation_none) {
        status = dnnl_post_ops_create(&operations);
        if (!status) status = sonoform_append_activation(operations, activation);
        if (!status) status = dnnl_primitive_attr_set_post_ops(attributes, operations);
    }
    if (!status) {
#if DNNL_VERSION_MAJOR >= 3
        status = dnnl_matmul_primitive_desc_create(
                &matmul->description, engine, source, weights, has_bias ? bias : NULL, destination, attributes);
#else
        dnnl_matmul_desc_t operation;
        status = dnnl_matmul_desc_init(&operation, &source, &weights, has_bias ? &bias : NULL, &destination);
        if (!status) status = dnnl_primitive_desc_create(&matmul->description, &operation, attributes, engine, NULL);
#endif
    }
    if (!status) status = dnnl_primitive_create(&matmul->primitive, matmul->description);
    if (operations) dnnl_post_ops_destroy(operations);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    sonoform_md_free(&source);
    sonoform_md_free(&weights);
    sonoform_md_free(&bias);
    sonoform_md_free(&destination);
    return status;
}

static inline size_t sonoform_matmul_weights_bytes(const sonoform_matmul *matmul) {
    return dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(matmul->description, dnnl_query_weights_md, 0));
}

static inline size_t sonoform_matmul_scratchpad_bytes(const sonoform_matmul *matmul) {
    return dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(matmul->description, dnnl_query_scratchpad_md, 0));
}

// Whether two products of the same matrix want its weights in the same layout.
static inline int sonoform_matmul_same_weights(const sonoform_matmul *a, const sonoform_matmul *b) {
    return dnnl_memory_desc_equal(
            dnnl_primitive_desc_query_md(a->description, dnnl_query_weights_md, 0),
            dnnl_primitive_desc_query_md(b->description, dnnl_query_weights_md, 0));
}

// The name of oneDNN's implementation ("brg:avx512_core_bf16"), for reports.
static inline const char *sonoform_matmul_implementation(const sonoform_matmul *matmul) {
    const char *name = "";
    dnnl_primitive_desc_query(matmul->description, dnnl_query_impl_info_str, 0, (void *)&name);
    return name;
}

static inline dnnl_status_t sonoform_reorder(
        dnnl_engine_t engine, sonoform_md_ref from, const void *source, sonoform_md_ref to, void *destination) {
    dnnl_primitive_desc_t description = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_memory_t from_memory = NULL, to_memory = NULL;
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(&description, from, engine, to, engine, NULL);
    if (!status) status = dnnl_primitive_create(&primitive, description);
    if (!status) status = dnnl_memory_create(&from_memory, from, engine, (void *)source);
    if (!status) status = dnnl_memory_create(&to_memory, to, engine, destination);
    if (!status) status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
    if (!status) {
        dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, from_memory}, {DNNL_ARG_TO, to_memory}};
        status = dnnl_primitive_execute(primitive, stream, 2, arguments);
    }
    if (!status) status = dnnl_stream_wait(stream);
    if (stream) dnnl_stream_destroy(stream);
    if (to_memory) dnnl_memory_destroy(to_memory);
    if (from_memory) dnnl_memory_destroy(from_memory);
    if (primitive) dnnl_primitive_destroy(primitive);
    if (description) dnnl_primitive_desc_destroy(description);
    return status;
}

// Packs plain row-major weights [outputs, inputs] of the given type into the layout and type of `matmul`.
static inline dnnl_status_t sonoform_matmul_pack(
        const sonoform_matmul *matmul, const void *weights, sonoform_type type, void *packed) {
    dnnl_dim_t dims[2] = {matmul->inputs, matmul->outputs}, strides[2] = {1, matmul->inputs};
    sonoform_md plain;
    dnnl_status_t status = sonoform_md_strided(&plain, 2, dims, sonoform_dnnl_type(type), strides);
    if (status) return status;
    status = sonoform_reorder(matmul->engine, sonoform_md_borrow(&plain), weights,
            dnnl_primitive_desc_query_md(matmul->description, dnnl_query_weights_md, 0), packed);
    sonoform_md_free(&plain);
    return status;
}

// Repacks weights from the layout of one product of the matrix to that of another.
static inline dnnl_status_t sonoform_matmul_repack(
        const sonoform_matmul *from, const void *source, const sonoform_matmul *to, void *destination) {
    return sonoform_reorder(from->engine, dnnl_primitive_desc_query_md(from->description, dnnl_query_weights_md, 0),
            source, dnnl_primitive_desc_query_md(to->description, dnnl_query_weights_md, 0), destination);
}

static inline dnnl_status_t sonoform_matmul_execute(
        const sonoform_matmul *matmul, const void *source, const void *packed, const void *bias, void *destination,
        void *scratchpad) {
    const_dnnl_primitive_desc_t description = matmul->description;
    dnnl_memory_t memory[5] = {NULL, NULL, NULL, NULL, NULL};
    const dnnl_query_t queries[5] = {
            dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md, dnnl_query_scratchpad_md, dnnl_query_weights_md};
    const int indices[5] = {0, 0, 0, 0, 1};
    const int names[5] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD, DNNL_ARG_BIAS};
    void *const pointers[5] = {(void *)source, (void *)packed, destination, scratchpad, (void *)bias};
    dnnl_exec_arg_t arguments[5];
    int count = bias ? 5 : 4;
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = dnnl_stream_create(&stream, matmul->engine, dnnl_stream_default_flags);
    for (int i = 0; i < count && !status; i++) {
        status = dnnl_memory_create(
                &memory[i], dnnl_primitive_desc_query_md(description, queries[i], indices[i]), matmul->engine, pointers[i]);
        arguments[i].arg = names[i];
        arguments[i].memory = memory[i];
    }
    if (!status) status = dnnl_primitive_execute(matmul->primitive, stream, count, arguments);
    if (!status) status = dnnl_stream_wait(stream);
    for (int i = 0; i < count; i++)
        if (memory[i]) dnnl_memory_destroy(memory[i]);
    if (stream) dnnl_stream_destroy(stream);
    return status;
}

// oneDNN's threads are OpenMP's, whose library it brings along; the count is that of the calling thread.
extern void omp_set_num_threads(int) __attribute__((weak));
static inline void sonoform_set_threads(int count) {
    if (omp_set_num_threads) omp_set_num_threads(count);
}
