// The bits of a JPEG's scan, and the codes that they spell.
#ifndef SCAN_BITS_H
#define SCAN_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>

#define QUICK_BITS 10
#define INLINE __attribute__((always_inline)) static inline

// MARK: Bits

// The next `count` bits at the upper end. Behind the data come zeros, `padding` of them.
typedef struct {
    const uint8_t *next, *end;
    uint64_t bits;
    int count, padding;
} bit_source;

__attribute__((noinline)) static void refill_with_care(bit_source *source) {
    while (source->count <= 56) {
        uint64_t byte = 0;
        if (source->end - source->next >= 2 && (source->next[0] != 0xff || source->next[1] == 0)) {
            byte = source->next[0];
            source->next += byte == 0xff ? 2 : 1;
        } else {
            source->padding += 8;
        }
        source->bits |= byte << (56 - source->count);
        source->count += 8;
    }
}

// At least 56 bits afterwards. What is below `count` of the bits are those that come next, or zeros.
INLINE void refill(bit_source *source) {
    if (source->end - source->next >= 8) {
        uint64_t word;
        memcpy(&word, source->next, 8);
        word = __builtin_bswap64(word);
        uint64_t inverse = ~word;
        bool has_ff = (inverse - 0x0101010101010101u) & word & 0x8080808080808080u;
        if (!has_ff) {
            int bytes = (63 - source->count) >> 3;
            source->bits |= word >> source->count;
            source->next += bytes;
            source->count += bytes * 8;
            return;
        }
    }
    // A copy, so that the source itself can live in registers.
    bit_source copy = *source;
    refill_with_care(&copy);
    *source = copy;
}

INLINE void need(bit_source *source, int count) {
    if (source->count < count) refill(source);
}

INLINE void skip(bit_source *source, int count) {
    source->bits <<= count;
    source->count -= count;
}

INLINE int take(bit_source *source, int count) {
    int value = (int)(source->bits >> 1 >> (63 - count));
    skip(source, count);
    return value;
}

INLINE int take_signed(bit_source *source, int count) {
    int value = take(source, count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
}

static bool ran_over(const bit_source *source) { return source->count < source->padding; }

// MARK: Codes

typedef struct {
    // Length and symbol of each code that is not longer; 0 for the others.
    uint16_t quick[1 << QUICK_BITS];
    // For each length: one more than the last code, and what leads from a code to its symbol.
    int32_t end[17], offset[17];
    uint8_t symbols[256];
} code_table;

static bool build(code_table *table, const JHUFF_TBL *definition, bool is_dc) {
    memset(table, 0, sizeof *table);
    memcpy(table->symbols, definition->huffval, 256);
    int32_t code = 0, index = 0;
    for (int length = 1; length <= 16; length++) {
        int32_t count = definition->bits[length];
        // No code is all ones.
        if (index + count > 256 || code + count >= 1 << length) return false;
        table->offset[length] = index - code;
        for (int32_t i = 0; i < count; i++, code++, index++) {
            if (is_dc && table->symbols[index] > 15) return false;
            if (length > QUICK_BITS) continue;
            int spare = QUICK_BITS - length;
            uint16_t entry = (uint16_t)(length << 8 | table->symbols[index]);
            for (int k = 0; k < 1 << spare; k++) table->quick[code << spare | k] = entry;
        }
        table->end[length] = count ? code : 0;
        code <<= 1;
    }
    return true;
}

// Of at least 16 bits. -1 for bits that are no code.
INLINE int symbol(bit_source *source, const code_table *table) {
    int entry = table->quick[source->bits >> (64 - QUICK_BITS)];
    if (entry) {
        skip(source, entry >> 8);
        return entry & 255;
    }
    for (int length = QUICK_BITS + 1; length <= 16; length++) {
        int32_t code = (int32_t)(source->bits >> (64 - length));
        if (code >= table->end[length]) continue;
        skip(source, length);
        return table->symbols[(code + table->offset[length]) & 255];
    }
    return -1;
}

#endif
