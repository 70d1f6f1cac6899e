// PNG rows: the filters undone, and samples of every depth brought to 8 bits a channel.
#include "CImageShims.h"

#include <stdlib.h>
#include <string.h>

static uint8_t paeth(int left, int above, int corner) {
    int toward_left = abs(above - corner);
    int toward_above = abs(left - corner);
    int toward_corner = abs(left + above - 2 * corner);
    if (toward_left <= toward_above && toward_left <= toward_corner) return (uint8_t)left;
    return (uint8_t)(toward_above <= toward_corner ? above : corner);
}

static void unfilter_portable(int filter, uint8_t *row, const uint8_t *previous, size_t count, size_t step) {
    switch (filter) {
    case 1:
        for (size_t i = step; i < count; i++) row[i] = (uint8_t)(row[i] + row[i - step]);
        break;
    case 2:
        for (size_t i = 0; i < count; i++) row[i] = (uint8_t)(row[i] + previous[i]);
        break;
    case 3:
        for (size_t i = 0; i < count; i++) {
            int left = i < step ? 0 : row[i - step];
            row[i] = (uint8_t)(row[i] + ((left + previous[i]) >> 1));
        }
        break;
    case 4:
        for (size_t i = 0; i < count; i++) {
            int left = i < step ? 0 : row[i - step];
            int corner = i < step ? 0 : previous[i - step];
            row[i] = (uint8_t)(row[i] + paeth(left, previous[i], corner));
        }
        break;
    default:
        break;
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

// A pixel of 3, 4, 6 or 8 bytes is one step of the chain: what a pixel needs of its left neighbour stays in a register.
__attribute__((target("sse4.1"))) static inline __m128i load_pixel(const uint8_t *from) {
    return _mm_loadl_epi64((const __m128i *)from);
}

__attribute__((target("sse4.1"))) static inline void store_pixel(uint8_t *to, __m128i pixel, size_t step) {
    long long bits = _mm_cvtsi128_si64(pixel);
    switch (step) {
    case 4: memcpy(to, &bits, 4); break;
    case 8: memcpy(to, &bits, 8); break;
    case 3: memcpy(to, &bits, 2); to[2] = (uint8_t)(bits >> 16); break;
    default: memcpy(to, &bits, 6); break;
    }
}

__attribute__((target("sse4.1"), always_inline)) static inline void unfilter_chain(
    int filter, uint8_t *row, const uint8_t *previous, size_t count, size_t step) {
    const __m128i zero = _mm_setzero_si128();
    if (filter == 1) {
        __m128i left = zero;
        for (size_t i = 0; i + step <= count; i += step) {
            left = _mm_add_epi8(left, load_pixel(row + i));
            store_pixel(row + i, left, step);
        }
    } else if (filter == 3) {
        const __m128i one = _mm_set1_epi8(1);
        __m128i left = zero;
        for (size_t i = 0; i + step <= count; i += step) {
            __m128i above = load_pixel(previous + i);
            __m128i mean = _mm_avg_epu8(left, above);
            mean = _mm_sub_epi8(mean, _mm_and_si128(_mm_xor_si128(left, above), one));
            left = _mm_add_epi8(mean, load_pixel(row + i));
            store_pixel(row + i, left, step);
        }
    } else {
        // The same choice as `paeth`, with fewer steps that wait for the left neighbour: t = 3 * corner - left - above
        // lies below the smaller of both exactly when the larger is nearest, above the larger when the smaller is.
        __m128i left = zero, corner = zero;
        for (size_t i = 0; i + step <= count; i += step) {
            __m128i above = _mm_unpacklo_epi8(load_pixel(previous + i), zero);
            __m128i pixel = _mm_unpacklo_epi8(load_pixel(row + i), zero);
            __m128i rest = _mm_sub_epi16(_mm_add_epi16(corner, _mm_add_epi16(corner, corner)), above);
            __m128i test = _mm_sub_epi16(rest, left);
            __m128i small = _mm_min_epi16(left, above), large = _mm_max_epi16(left, above);
            __m128i guess = _mm_blendv_epi8(small, corner, _mm_cmpgt_epi16(large, test));
            guess = _mm_blendv_epi8(large, guess, _mm_cmpgt_epi16(test, small));
            left = _mm_add_epi8(pixel, guess);
            corner = above;
            store_pixel(row + i, _mm_packus_epi16(left, left), step);
        }
    }
}

__attribute__((target("sse4.1"))) static void unfilter_sse(
    int filter, uint8_t *row, const uint8_t *previous, size_t count, size_t step) {
    switch (step) {
    case 3: unfilter_chain(filter, row, previous, count, 3); break;
    case 4: unfilter_chain(filter, row, previous, count, 4); break;
    case 6: unfilter_chain(filter, row, previous, count, 6); break;
    default: unfilter_chain(filter, row, previous, count, 8); break;
    }
}

static void add_rows(uint8_t *row, const uint8_t *previous, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m128i sum = _mm_add_epi8(_mm_loadu_si128((const __m128i *)(row + i)),
            _mm_loadu_si128((const __m128i *)(previous + i)));
        _mm_storeu_si128((__m128i *)(row + i), sum);
    }
    for (; i < count; i++) row[i] = (uint8_t)(row[i] + previous[i]);
}
#endif

void png_unfilter(int filter, uint8_t *row, const uint8_t *previous, size_t count, int bytes_per_pixel) {
    if (filter == 0) return;
    size_t step = (size_t)bytes_per_pixel;
#if defined(__x86_64__)
    if (filter == 2) {
        add_rows(row, previous, count);
        return;
    }
    if ((step == 3 || step == 4 || step == 6 || step == 8) && __builtin_cpu_supports("sse4.1")) {
        unfilter_sse(filter, row, previous, count, step);
        return;
    }
#endif
    unfilter_portable(filter, row, previous, count, step);
}

static uint16_t sample16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

// v * 255 / 65535, rounded.
static uint8_t to8(unsigned value) { return (uint8_t)((value * 255u + 32895u) >> 16); }

static void expand_small(const png_samples *samples, const uint8_t *row, uint8_t *out, int width) {
    int depth = samples->depth, mask = (1 << depth) - 1, scale = 255 / mask;
    for (int x = 0; x < width; x++) {
        int bit = x * depth;
        int value = row[bit >> 3] >> (8 - depth - (bit & 7)) & mask;
        if (samples->has_transparent_color) {
            *out++ = (uint8_t)(value * scale);
            *out++ = value == samples->transparent_color[0] ? 0 : 255;
        } else {
            *out++ = (uint8_t)(value * scale);
        }
    }
}

static void expand_palette(const png_samples *samples, const uint8_t *row, uint8_t *out, int width) {
    int depth = samples->depth, mask = (1 << depth) - 1;
    bool alpha = samples->has_transparent_color;
    for (int x = 0; x < width; x++) {
        int bit = x * depth;
        const uint8_t *color = samples->palette[row[bit >> 3] >> (8 - depth - (bit & 7)) & mask];
        memcpy(out, color, alpha ? 4 : 3);
        out += alpha ? 4 : 3;
    }
}

void png_expand(const png_samples *samples, const uint8_t *row, uint8_t *out, int width) {
    int type = samples->color_type;
    if (type == 3) {
        expand_palette(samples, row, out, width);
        return;
    }
    if (samples->depth < 8) {
        expand_small(samples, row, out, width);
        return;
    }
    int channels = type == 0 ? 1 : type == 4 ? 2 : type == 2 ? 3 : 4;
    size_t count = (size_t)width * (size_t)channels;
    const uint16_t *color = samples->transparent_color;
    if (!samples->has_transparent_color) {
        if (samples->depth == 8) memcpy(out, row, count);
        else for (size_t i = 0; i < count; i++) out[i] = to8(sample16(row + 2 * i));
        return;
    }
    for (int x = 0; x < width; x++) {
        bool transparent = true;
        for (int c = 0; c < channels; c++) {
            unsigned value = samples->depth == 8 ? *row : sample16(row);
            transparent = transparent && value == color[c];
            *out++ = samples->depth == 8 ? (uint8_t)value : to8(value);
            row += samples->depth / 8;
        }
        *out++ = transparent ? 0 : 255;
    }
}
