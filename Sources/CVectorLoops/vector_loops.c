// Each loop works on sixteen numbers at a time, which the compiler splits as the processor's registers want, and ends with
// what is left one by one. Sums have their sixteen accumulators written out, since a compiler may not reorder additions.

#include "vector_loops.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define FOR_EACH_PROCESSOR
#endif
// What is inlined into a function is compiled as that function is; being inlined, it passes no vectors by any convention.
#pragma clang diagnostic ignored "-Wpsabi"
#define INLINED static inline __attribute__((always_inline))

#define LANES 16
typedef float vector __attribute__((vector_size(4 * LANES)));
typedef int32_t whole __attribute__((vector_size(4 * LANES)));
typedef uint32_t bits __attribute__((vector_size(4 * LANES)));
typedef uint16_t halves __attribute__((vector_size(2 * LANES)));
typedef int8_t bytes __attribute__((vector_size(LANES)));

INLINED vector load(const float *source) {
    vector v;
    memcpy(&v, source, sizeof v);
    return v;
}

INLINED void store(vector v, float *destination) { memcpy(destination, &v, sizeof v); }

// Halves are put together until one number is left: sixteen operations in a row would each wait for the one before.
#define SWAPPED(v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#define REDUCED(v, operation)                                                                                          \
    ({                                                                                                                 \
        vector reduced = (v);                                                                                          \
        reduced = operation(reduced, SWAPPED(reduced, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));          \
        reduced = operation(reduced, SWAPPED(reduced, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));          \
        reduced = operation(reduced, SWAPPED(reduced, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));          \
        reduced = operation(reduced, SWAPPED(reduced, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));          \
        reduced[0];                                                                                                    \
    })
INLINED vector sum_of(vector a, vector b) { return a + b; }
INLINED vector larger_of(vector a, vector b) { return __builtin_elementwise_max(a, b); }
INLINED float sum_of_lanes(vector v) { return REDUCED(v, sum_of); }

// eˣ within 2 units in the last place for −87 < x < 88; smaller x give 0.
//
// x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ by Cephes' polynomial of degree 5, 2ⁿ by writing n into the exponent. Adding
// 1.5·2²³ rounds to a whole number and leaves it in the low bits.
INLINED vector exponential(vector x) {
    vector bounded = __builtin_elementwise_min(larger_of(x, (vector){} - 87.f), (vector){} + 88.f);
    vector shifted = bounded * 1.44269504f + 12582912.f;
    vector n = shifted - 12582912.f;
    // ln 2 in two parts, so that the difference stays exact.
    vector r = bounded - n * 0.693359375f + n * 2.1219444e-4f;
    vector p = r * 1.9875692e-4f + 1.3981999e-3f;
    p = p * r + 8.333452e-3f;
    p = p * r + 4.1665796e-2f;
    p = p * r + 0.16666665f;
    p = p * r + 0.5f;
    vector fraction = p * r * r + r + 1.f;
    whole exponent = ((whole)shifted - 0x4b400000 + 127) << 23;
    vector result = fraction * (vector)exponent;
    return (vector)((whole)result & (x >= -87.f));
}

INLINED float exponential_of(float x) { return exponential((vector){} + x)[0]; }

INLINED uint16_t rounded(float value) {
    uint32_t pattern;
    memcpy(&pattern, &value, sizeof pattern);
    return (uint16_t)((pattern + 0x7fff + ((pattern >> 16) & 1)) >> 16);
}

INLINED halves rounded_lanes(vector value) {
    bits pattern = (bits)value;
    return __builtin_convertvector((pattern + 0x7fff + ((pattern >> 16) & 1)) >> 16, halves);
}

INLINED void round_scaled(const float *source, size_t count, float factor, int scales, uint16_t *destination) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) {
        vector value = load(source + index);
        if (scales) value *= factor;
        halves half = rounded_lanes(value);
        memcpy(destination + index, &half, sizeof half);
    }
    for (; index < count; index++) destination[index] = rounded(scales ? source[index] * factor : source[index]);
}

FOR_EACH_PROCESSOR void sonoform_round_to_bfloat16(const float *source, size_t count, uint16_t *destination) {
    round_scaled(source, count, 1, 0, destination);
}

FOR_EACH_PROCESSOR void sonoform_scale_to_bfloat16(
        const float *source, size_t count, float factor, uint16_t *destination) {
    round_scaled(source, count, factor, 1, destination);
}

FOR_EACH_PROCESSOR void sonoform_add(const float *terms, size_t count, float *sums) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) store(load(sums + index) + load(terms + index), sums + index);
    for (; index < count; index++) sums[index] += terms[index];
}

FOR_EACH_PROCESSOR void sonoform_add_scaled(const float *terms, float factor, size_t count, float *sums) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES)
        store(load(sums + index) + factor * load(terms + index), sums + index);
    for (; index < count; index++) sums[index] += factor * terms[index];
}

INLINED float dot(const float *a, const float *b, size_t count) {
    // Two chains of additions: one alone would wait for itself.
    vector even = {}, odd = {};
    size_t index = 0;
    for (; index + 2 * LANES <= count; index += 2 * LANES) {
        even += load(a + index) * load(b + index);
        odd += load(a + index + LANES) * load(b + index + LANES);
    }
    for (; index + LANES <= count; index += LANES) even += load(a + index) * load(b + index);
    float sum = sum_of_lanes(even + odd);
    for (; index < count; index++) sum += a[index] * b[index];
    return sum;
}

FOR_EACH_PROCESSOR float sonoform_dot(const float *a, const float *b, size_t count) { return dot(a, b, count); }

INLINED float maximum(const float *values, size_t count) {
    vector maxima = (vector){} - INFINITY;
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) maxima = larger_of(maxima, load(values + index));
    float largest = REDUCED(maxima, larger_of);
    for (; index < count; index++) largest = values[index] > largest ? values[index] : largest;
    return largest;
}

FOR_EACH_PROCESSOR void sonoform_softmax(float *values, size_t count) {
    float largest = maximum(values, count);
    size_t index;
    vector sums = {};
    for (index = 0; index + LANES <= count; index += LANES) {
        vector e = exponential(load(values + index) - largest);
        store(e, values + index);
        sums += e;
    }
    float sum = sum_of_lanes(sums);
    for (; index < count; index++) {
        values[index] = exponential_of(values[index] - largest);
        sum += values[index];
    }

    float factor = 1 / sum;
    for (index = 0; index + LANES <= count; index += LANES) store(load(values + index) * factor, values + index);
    for (; index < count; index++) values[index] *= factor;
}

FOR_EACH_PROCESSOR float sonoform_exponentials_to_bfloat16(
        const float *values, size_t visible, size_t count, uint16_t *destination) {
    float largest = maximum(values, visible);
    vector sums = {};
    size_t index = 0;
    for (; index + LANES <= visible; index += LANES) {
        vector e = exponential(load(values + index) - largest);
        halves half = rounded_lanes(e);
        memcpy(destination + index, &half, sizeof half);
        sums += e;
    }
    float sum = sum_of_lanes(sums);
    for (; index < visible; index++) {
        float e = exponential_of(values[index] - largest);
        destination[index] = rounded(e);
        sum += e;
    }
    memset(destination + visible, 0, (count - visible) * sizeof *destination);
    return sum;
}

FOR_EACH_PROCESSOR void sonoform_scale(const float *values, float factor, size_t count, float *result) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) store(load(values + index) * factor, result + index);
    for (; index < count; index++) result[index] = values[index] * factor;
}

FOR_EACH_PROCESSOR void sonoform_normalize(
        const float *row, size_t count, float epsilon, const float *weight, const float *bias, float *result) {
    vector sums = {};
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) sums += load(row + index);
    float sum = sum_of_lanes(sums);
    for (; index < count; index++) sum += row[index];
    float mean = sum / (float)count;

    vector squares = {};
    for (index = 0; index + LANES <= count; index += LANES) {
        vector difference = load(row + index) - mean;
        squares += difference * difference;
    }
    float square = sum_of_lanes(squares);
    for (; index < count; index++) square += (row[index] - mean) * (row[index] - mean);
    float factor = 1 / sqrtf(square / (float)count + epsilon);

    for (index = 0; index + LANES <= count; index += LANES) {
        vector value = (load(row + index) - mean) * factor;
        if (weight) value *= load(weight + index);
        if (bias) value += load(bias + index);
        store(value, result + index);
    }
    for (; index < count; index++)
        result[index] = (row[index] - mean) * factor * (weight ? weight[index] : 1) + (bias ? bias[index] : 0);
}

FOR_EACH_PROCESSOR void sonoform_normalize_by_root_mean_square(
        const float *row, size_t count, float epsilon, const float *weight, float *result) {
    float factor = 1 / sqrtf(dot(row, row, count) / (float)count + epsilon);
    size_t index = 0;
    for (; index + LANES <= count; index += LANES)
        store(load(row + index) * factor * load(weight + index), result + index);
    for (; index < count; index++) result[index] = row[index] * factor * weight[index];
}

FOR_EACH_PROCESSOR void sonoform_weighted_relu(
        const float *a, const float *b, float weight, size_t count, int sets, float *result) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) {
        vector positive = weight * larger_of(load(a + index) + load(b + index), (vector){});
        store(sets ? positive : load(result + index) + positive, result + index);
    }
    for (; index < count; index++) {
        float sum = a[index] + b[index];
        float positive = weight * (sum > 0 ? sum : 0);
        result[index] = sets ? positive : result[index] + positive;
    }
}

FOR_EACH_PROCESSOR float sonoform_quantize(const float *row, size_t count, int8_t *numbers) {
    vector maxima = {};
    size_t index = 0;
    for (; index + LANES <= count; index += LANES)
        maxima = larger_of(maxima, __builtin_elementwise_abs(load(row + index)));
    float largest = REDUCED(maxima, larger_of);
    for (; index < count; index++) largest = fabsf(row[index]) > largest ? fabsf(row[index]) : largest;
    if (!(largest > 0 && largest <= 3.4e38f)) {
        memset(numbers, 0, count);
        return 0;
    }
    // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits.
    float factor = 127 / largest;
    for (index = 0; index + LANES <= count; index += LANES) {
        whole rounded = (whole)(load(row + index) * factor + 12582912.f) - 0x4b400000;
        bytes narrow = __builtin_convertvector(rounded, bytes);
        memcpy(numbers + index, &narrow, sizeof narrow);
    }
    for (; index < count; index++) numbers[index] = (int8_t)lrintf(row[index] * factor);
    return largest / 127;
}

// ½·x·(1 + erf(x/√2)), the error function within 1.5e-7 by Abramowitz and Stegun's 7.1.26.
INLINED vector gelu(vector x) {
    vector magnitude = __builtin_elementwise_abs(x) * 0.70710678f;
    vector t = 1.f / (1.f + 0.3275911f * magnitude);
    vector p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    vector tail = p * t * exponential(-magnitude * magnitude);  // 1 − erf|x/√2|
    vector below = 0.5f * x * tail, above = x - 0.5f * x * tail;
    whole negative = x < 0.f;
    return (vector)(((whole)below & negative) | ((whole)above & ~negative));
}

INLINED vector activated(vector x, sonoform_loop_activation activation) {
    switch (activation) {
    case sonoform_loop_relu: return larger_of(x, (vector){});
    case sonoform_loop_gelu: return gelu(x);
    // ½·(1 + tanh u) is 1/(1 + e⁻²ᵘ).
    case sonoform_loop_gelu_tanh: return x / (1.f + exponential(-1.5957691f * (x + 0.044715f * x * x * x)));
    case sonoform_loop_silu: return x / (1.f + exponential(-x));
    default: return x;
    }
}

FOR_EACH_PROCESSOR void sonoform_rescale(
        float *values, size_t count, float scale, const float *scales, const float *bias,
        sonoform_loop_activation activation) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) {
        vector x = load(values + index) * (load(scales + index) * scale);
        if (bias) x += load(bias + index);
        store(activated(x, activation), values + index);
    }
    for (; index < count; index++) {
        float x = values[index] * (scales[index] * scale) + (bias ? bias[index] : 0);
        values[index] = activated((vector){} + x, activation)[0];
    }
}

FOR_EACH_PROCESSOR void sonoform_gate(
        const float *gate, const float *up, size_t count, sonoform_loop_activation activation, float *result) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES)
        store(activated(load(gate + index), activation) * load(up + index), result + index);
    for (; index < count; index++)
        result[index] = activated((vector){} + gate[index], activation)[0] * up[index];
}

// tanh u is 1 − 2/(e²ᵘ + 1); what that loses of small numbers is far below a float of the cap's size.
INLINED vector pressed(vector x, float cap) { return cap - 2 * cap / (exponential(x * (2 / cap)) + 1.f); }

FOR_EACH_PROCESSOR void sonoform_press(float *values, size_t count, float cap) {
    size_t index = 0;
    for (; index + LANES <= count; index += LANES) store(pressed(load(values + index), cap), values + index);
    for (; index < count; index++) values[index] = pressed((vector){} + values[index], cap)[0];
}
