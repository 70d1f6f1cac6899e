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

// From 20 fractional bits to 8, times a gain of 13, plus an offset of 21: no step leaves 32 bits.
static inline uint8_t finish_sample(int sum, int32_t gain, int32_t offset) {
    return clamp8((((sum + (1 << 11)) >> 12) * gain + offset + (1 << 20)) >> 21);
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

static bool flatten_portable(const uint8_t *in, int channels, int width, const uint8_t background[3], uint8_t *out) {
    unsigned all = 255;
    int colors = channels - 1;
    for (int x = 0; x < width; x++, in += channels, out += colors) {
        unsigned alpha = in[colors];
        all &= alpha;
        for (int c = 0; c < colors; c++) out[c] = divide255(in[c] * alpha + background[c] * (255 - alpha));
    }
    return all != 255;
}

static bool flatten_premultiplied_portable(const uint8_t *in, int width, const uint8_t background[3], uint8_t *out) {
    unsigned all = 255;
    for (int x = 0; x < width; x++, in += 4, out += 3) {
        unsigned alpha = in[3];
        all &= alpha;
        for (int c = 0; c < 3; c++) out[c] = clamp8(in[c] + divide255(background[c] * (255 - alpha)));
    }
    return all != 255;
}

#if defined(__x86_64__)
#include <immintrin.h>

bool image_has_avx2(void) { return __builtin_cpu_supports("avx2"); }

__attribute__((target("avx"))) static void zero_upper_halves(void) { _mm256_zeroupper(); }

void image_release_vector_registers(void) {
    if (__builtin_cpu_supports("avx")) zero_upper_halves();
}

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

__attribute__((target("avx2"), always_inline)) static inline __m256i weigh(
    const int16_t *from, const int16_t *weights, int taps) {
    __m256i sums = _mm256_madd_epi16(
        _mm256_loadu_si256((const __m256i *)from), _mm256_loadu_si256((const __m256i *)weights));
    for (int tap = 16; tap < taps; tap += 16) {
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(
            _mm256_loadu_si256((const __m256i *)(from + tap)), _mm256_loadu_si256((const __m256i *)(weights + tap))));
    }
    return sums;
}

__attribute__((target("avx2"))) void image_filter_row_avx2(
    const int16_t *in, const int32_t *starts, const int16_t *weights, int taps, int count, int32_t gain,
    int32_t offset, uint8_t *out, int step) {
    const __m128i gains = _mm_set1_epi32(gain), offsets = _mm_set1_epi32(offset + (1 << 20));
    const __m128i half = _mm_set1_epi32(1 << 11);
    int i = 0;
    for (; i + 4 <= count; i += 4, weights += 4 * taps) {
        __m256i a = weigh(in + starts[i], weights, taps);
        __m256i b = weigh(in + starts[i + 1], weights + taps, taps);
        __m256i c = weigh(in + starts[i + 2], weights + 2 * taps, taps);
        __m256i d = weigh(in + starts[i + 3], weights + 3 * taps, taps);
        __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
        __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
        sums = _mm_mullo_epi32(_mm_srai_epi32(_mm_add_epi32(sums, half), 12), gains);
        sums = _mm_srai_epi32(_mm_add_epi32(sums, offsets), 21);
        sums = _mm_packus_epi16(_mm_packs_epi32(sums, sums), sums);
        uint32_t four = (uint32_t)_mm_cvtsi128_si32(sums);
        if (step == 1) {
            memcpy(out + i, &four, 4);
        } else {
            for (int k = 0; k < 4; k++) out[(size_t)(i + k) * (size_t)step] = (uint8_t)(four >> 8 * k);
        }
    }
    image_filter_row_portable(in, starts + i, weights, taps, count - i, gain, offset, out + (size_t)i * (size_t)step, step);
}

// Four pixels at a time; where all of them are opaque or all of them are transparent there is nothing to reckon.
__attribute__((target("avx2"))) static bool flatten_avx2(
    const uint8_t *in, int width, const uint8_t background[3], bool premultiplied, uint8_t *out) {
    const __m128i zero = _mm_setzero_si128(), half = _mm_set1_epi16(128), full = _mm_set1_epi16(255);
    const __m128i alphas = _mm_set1_epi32((int)0xff000000);
    const __m128i color = _mm_set1_epi32(background[0] | background[1] << 8 | background[2] << 16);
    const __m128i color16 = _mm_unpacklo_epi8(color, zero);
    const __m128i alpha_low = _mm_setr_epi8(3, -1, 3, -1, 3, -1, 3, -1, 7, -1, 7, -1, 7, -1, 7, -1);
    const __m128i alpha_high = _mm_setr_epi8(11, -1, 11, -1, 11, -1, 11, -1, 15, -1, 15, -1, 15, -1, 15, -1);
    const __m128i compact = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    bool transparent = false;
    int x = 0;
    // A store writes 4 bytes more than it has pixels for.
    for (; x + 6 <= width; x += 4, in += 16, out += 12) {
        __m128i pixels = _mm_loadu_si128((const __m128i *)in);
        if (_mm_testc_si128(pixels, alphas)) {
            _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(pixels, compact));
            continue;
        }
        transparent = true;
        if (_mm_testz_si128(pixels, alphas)) {
            if (premultiplied) pixels = _mm_adds_epu8(pixels, color);
            else pixels = color;
            _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(pixels, compact));
            continue;
        }
        __m128i low_alpha = _mm_shuffle_epi8(pixels, alpha_low), high_alpha = _mm_shuffle_epi8(pixels, alpha_high);
        __m128i low = _mm_mullo_epi16(color16, _mm_sub_epi16(full, low_alpha));
        __m128i high = _mm_mullo_epi16(color16, _mm_sub_epi16(full, high_alpha));
        if (!premultiplied) {
            low = _mm_add_epi16(low, _mm_mullo_epi16(_mm_unpacklo_epi8(pixels, zero), low_alpha));
            high = _mm_add_epi16(high, _mm_mullo_epi16(_mm_unpackhi_epi8(pixels, zero), high_alpha));
        }
        low = _mm_add_epi16(low, half);
        high = _mm_add_epi16(high, half);
        low = _mm_srli_epi16(_mm_add_epi16(low, _mm_srli_epi16(low, 8)), 8);
        high = _mm_srli_epi16(_mm_add_epi16(high, _mm_srli_epi16(high, 8)), 8);
        __m128i result = _mm_packus_epi16(low, high);
        if (premultiplied) result = _mm_adds_epu8(result, pixels);
        _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(result, compact));
    }
    bool rest = premultiplied ? flatten_premultiplied_portable(in, width - x, background, out)
                              : flatten_portable(in, 4, width - x, background, out);
    return transparent || rest;
}
#else
bool image_has_avx2(void) { return false; }

void image_release_vector_registers(void) {}

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
#if defined(__x86_64__)
    if (channels == 4 && image_has_avx2()) return flatten_avx2(in, width, background, false, out);
#endif
    return flatten_portable(in, channels, width, background, out);
}

bool image_flatten_premultiplied(const uint8_t *in, int width, const uint8_t background[3], uint8_t *out) {
#if defined(__x86_64__)
    if (image_has_avx2()) return flatten_avx2(in, width, background, true, out);
#endif
    return flatten_premultiplied_portable(in, width, background, out);
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
