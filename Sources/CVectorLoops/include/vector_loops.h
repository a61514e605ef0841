// The loops over activations between two matrix products, in the widest vectors that the processor has.
//
// Swift compiles for the least processor of an architecture and has no way to compile a function for several; C has. Each
// function is compiled three times on x86-64 (SSE2, AVX2 with FMA, AVX-512), and the best that the processor has is taken
// when the program is loaded. Results differ in their last bits from one to the other, as oneDNN's do.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
    sonoform_loop_none = 0,
    sonoform_loop_relu = 1,
    sonoform_loop_gelu = 2,  // by erf
    sonoform_loop_gelu_tanh = 3,
    sonoform_loop_silu = 4,
} sonoform_loop_activation;

/// Rounds floats to brain floats, ties to even; a NaN of the usual pattern stays one.
void sonoform_round_to_bfloat16(const float *source, size_t count, uint16_t *destination);

/// The same with every number multiplied by `factor` first.
void sonoform_scale_to_bfloat16(const float *source, size_t count, float factor, uint16_t *destination);

/// sums += terms
void sonoform_add(const float *terms, size_t count, float *sums);

/// sums += factor * terms
void sonoform_add_scaled(const float *terms, float factor, size_t count, float *sums);

/// Σ a·b
float sonoform_dot(const float *a, const float *b, size_t count);

/// Softmax in place: eˣ⁻ᵐᵃˣ divided by their sum.
void sonoform_softmax(float *values, size_t count);

/// eˣ⁻ᵐᵃˣ of the first `visible` numbers as brain floats, and zeros for the rest; returns the sum.
float sonoform_exponentials_to_bfloat16(const float *values, size_t visible, size_t count, uint16_t *destination);

/// result = factor · values
void sonoform_scale(const float *values, float factor, size_t count, float *result);

/// (x − mean) / √(variance + epsilon) of one row, times `weight` and plus `bias` where they are not null.
void sonoform_normalize(
        const float *row, size_t count, float epsilon, const float *weight, const float *bias, float *result);

/// x / √(mean of squares + epsilon) · weight of one row.
void sonoform_normalize_by_root_mean_square(
        const float *row, size_t count, float epsilon, const float *weight, float *result);

/// act(gate) · up
void sonoform_gate(
        const float *gate, const float *up, size_t count, sonoform_loop_activation activation, float *result);

/// x to cap · tanh(x / cap), in place.
void sonoform_press(float *values, size_t count, float cap);

/// weight · max(0, a + b), which is added to `result` or, with `sets`, written to it.
void sonoform_weighted_relu(const float *a, const float *b, float weight, size_t count, int sets, float *result);

/// Rounds a row to whole numbers of -127...127 times a scale, which is returned; zeros and 0 for a row of zeros or with an
/// infinity in it.
float sonoform_quantize(const float *row, size_t count, int8_t *numbers);

/// values = act(values · scale · scales + bias); no bias where it is null.
void sonoform_rescale(
        float *values, size_t count, float scale, const float *scales, const float *bias,
        sonoform_loop_activation activation);
