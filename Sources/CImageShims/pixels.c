// The loops over pixels: Lanczos sums, alpha, turning. Every variant of a loop gives the same bits.
#include "CImageShims.h"

#include <string.h>

static inline uint8_t clamp8(int value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }
static inline int16_t clamp16(int value) { return (int16_t)(value < -32768 ? -32768 : value > 32767 ? 32767 : value); }
// v / 255, rounded, for v up to 255 * 255.
static inline uint8_t divide255(unsigned value) { return (uint8_t)((value + 128 + ((value + 128) >> 8)) >> 8); }

void image_blend_rows_portable(const uint8_t *const *rows, const int16_t *weights, int taps, int count, int16_t *out) {
    for (int from = 0; from < count; from += 32) {
        int sums[32];
        for (int i = 0; i < 32; i++) sums[i] = 1 << 7;
        for (int tap = 0; tap < taps; tap++) {
            const uint8_t *row = rows[tap] + from;
            int weight = weights[tap];
            for (int i = 0; i < 32; i++) sums[i] += row[i] * weight;
        }
        for (int i = 0; i < 32; i++) out[from + i] = clamp16(sums[i] >> 8);
    }
}

static inline uint8_t finish_sample(int sum, int32_t gain, int32_t offset) {
    return clamp8((int)((((int64_t)sum * gain) >> 20) + offset + 32768) >> 16);
}

void image_filter_row_portable(
    const int16_t *in, const int32_t *starts, const int16_t *weights, int taps, int count, int32_t gain,
    int32_t offset, uint8_t *out, int step) {
    for (int i = 0; i < count; i++) {
        const int16_t *from = in + starts[i], *weight = weights + (size_t)i * (size_t)taps;
        int sum = 0;
        for (int tap = 0; tap < taps; tap++) sum += from[tap] * weight[tap];
        out[(size_t)i * (size_t)step] = finish_sample(sum, gain, offset);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

bool image_has_avx2(void) { return __builtin_cpu_supports("avx2"); }

__attribute__((target("avx2"))) void image_blend_rows_avx2(
    const uint8_t *const *rows, const int16_t *weights, int taps, int count, int16_t *out) {
    const __m256i zero = _mm256_setzero_si256(), half = _mm256_set1_epi32(1 << 7);
    for (int x = 0; x < count; x += 32) {
        __m256i a = half, b = half, c = half, d = half;
        for (int tap = 0; tap < taps; tap += 2) {
            __m256i weight = _mm256_set1_epi32(
                (int)((uint32_t)(uint16_t)weights[tap] | (uint32_t)(uint16_t)weights[tap + 1] << 16));
            __m256i upper = _mm256_loadu_si256((const __m256i *)(rows[tap] + x));
            __m256i lower = _mm256_loadu_si256((const __m256i *)(rows[tap + 1] + x));
            // Samples of the two rows side by side; each half of a register holds 0-7 and 16-23, or 8-15 and 24-31.
            __m256i first = _mm256_unpacklo_epi8(upper, lower), second = _mm256_unpackhi_epi8(upper, lower);
            a = _mm256_add_epi32(a, _mm256_madd_epi16(_mm256_unpacklo_epi8(first, zero), weight));
            b = _mm256_add_epi32(b, _mm256_madd_epi16(_mm256_unpackhi_epi8(first, zero), weight));
            c = _mm256_add_epi32(c, _mm256_madd_epi16(_mm256_unpacklo_epi8(second, zero), weight));
            d = _mm256_add_epi32(d, _mm256_madd_epi16(_mm256_unpackhi_epi8(second, zero), weight));
        }
        __m256i low = _mm256_packs_epi32(_mm256_srai_epi32(a, 8), _mm256_srai_epi32(b, 8));
        __m256i high = _mm256_packs_epi32(_mm256_srai_epi32(c, 8), _mm256_srai_epi32(d, 8));
        _mm256_storeu_si256((__m256i *)(out + x), _mm256_permute2x128_si256(low, high, 0x20));
        _mm256_storeu_si256((__m256i *)(out + x + 16), _mm256_permute2x128_si256(low, high, 0x31));
    }
}

__attribute__((target("avx2"))) void image_filter_row_avx2(
    const int16_t *in, const int32_t *starts, const int16_t *weights, int taps, int count, int32_t gain,
    int32_t offset, uint8_t *out, int step) {
    for (int i = 0; i < count; i++, weights += taps) {
        const int16_t *from = in + starts[i];
        __m256i sums = _mm256_madd_epi16(
            _mm256_loadu_si256((const __m256i *)from), _mm256_loadu_si256((const __m256i *)weights));
        for (int tap = 16; tap < taps; tap += 16) {
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(
                _mm256_loadu_si256((const __m256i *)(from + tap)), _mm256_loadu_si256((const __m256i *)(weights + tap))));
        }
        __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
        out[(size_t)i * (size_t)step] = finish_sample(_mm_cvtsi128_si32(four), gain, offset);
    }
}
#else
bool image_has_avx2(void) { return false; }

void image_blend_rows_avx2(const uint8_t *const *rows, const int16_t *weights, int taps, int count, int16_t *out) {
    image_blend_rows_portable(rows, weights, taps, count, out);
}

void image_filter_row_avx2(
    const int16_t *in, const int32_t *starts, const int16_t *weights, int taps, int count, int32_t gain,
    int32_t offset, uint8_t *out, int step) {
    image_filter_row_portable(in, starts, weights, taps, count, gain, offset, out, step);
}
#endif

void image_split_channels(const int16_t *in, int channels, int width, int16_t *out, int stride) {
    for (int c = 0; c < channels; c++) {
        int16_t *plane = out + (size_t)c * (size_t)stride;
        for (int x = 0; x < width; x++) plane[x] = in[x * channels + c];
    }
}

void image_map(const uint8_t *in, const uint8_t *table, int count, uint8_t *out) {
    for (int i = 0; i < count; i++) out[i] = table[in[i]];
}

bool image_flatten(const uint8_t *in, int channels, int width, const uint8_t background[3], uint8_t *out) {
    unsigned all = 255;
    int colors = channels - 1;
    for (int x = 0; x < width; x++, in += channels, out += colors) {
        unsigned alpha = in[colors];
        all &= alpha;
        for (int c = 0; c < colors; c++) out[c] = divide255(in[c] * alpha + background[c] * (255 - alpha));
    }
    return all != 255;
}

bool image_flatten_premultiplied(const uint8_t *in, int width, const uint8_t background[3], uint8_t *out) {
    unsigned all = 255;
    for (int x = 0; x < width; x++, in += 4, out += 3) {
        unsigned alpha = in[3];
        all &= alpha;
        for (int c = 0; c < 3; c++) out[c] = clamp8(in[c] + divide255(background[c] * (255 - alpha)));
    }
    return all != 255;
}

bool image_premultiply(const uint8_t *in, int width, uint8_t *out) {
    unsigned all = 255;
    for (int x = 0; x < width; x++, in += 4, out += 4) {
        unsigned alpha = in[3];
        all &= alpha;
        for (int c = 0; c < 3; c++) out[c] = divide255(in[c] * alpha);
        out[3] = (uint8_t)alpha;
    }
    return all != 255;
}

void image_unpremultiply(uint8_t *pixels, size_t count) {
    for (size_t i = 0; i < count; i++, pixels += 4) {
        unsigned alpha = pixels[3];
        if (alpha == 255) continue;
        for (int c = 0; c < 3; c++) pixels[c] = alpha == 0 ? 0 : clamp8((int)((pixels[c] * 255u + alpha / 2) / alpha));
    }
}

void image_turn(
    const uint8_t *in, int width, int height, int stride, int bytes_per_pixel, int orientation, uint8_t *out) {
    bool sideways = orientation >= 5;
    bool mirrored_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool mirrored_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int out_width = sideways ? height : width, out_height = sideways ? width : height;
    for (int y = 0; y < out_height; y++) {
        for (int x = 0; x < out_width; x++) {
            int from_x = sideways ? y : x, from_y = sideways ? x : y;
            if (mirrored_x) from_x = width - 1 - from_x;
            if (mirrored_y) from_y = height - 1 - from_y;
            const uint8_t *pixel = in + (ptrdiff_t)from_y * stride + (ptrdiff_t)from_x * bytes_per_pixel;
            for (int b = 0; b < bytes_per_pixel; b++) *out++ = pixel[b];
        }
    }
}
