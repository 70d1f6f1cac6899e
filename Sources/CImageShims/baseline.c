// libjpeg looks up a code, then takes the bits of its value. Here one look at the next bits tells both, for all but the
// rarest values.
#include "baseline.h"
#include "scan_bits.h"

#include <stdlib.h>

#define GLANCE_BITS 11
#define END_OF_BLOCK 128

// For each combination of the next bits that holds a code and its value whole: how many bits they take, how many places
// they lead on, and the value, in 8, 8 and 16 bits. 0 for the others.
typedef struct {
    code_table codes;
    uint32_t glance[1 << GLANCE_BITS];
} value_table;

// Zigzag order; where runs lead beyond it, and the ends of blocks, which lead beyond it always, at the last place.
static const uint8_t natural_order[64 + END_OF_BLOCK + 16] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    [64 ... 64 + END_OF_BLOCK + 15] = 63};

struct baseline {
    bit_source source;
    int blocks;
    uint8_t component[D_MAX_BLOCKS_IN_MCU];
    const value_table *dc[D_MAX_BLOCKS_IN_MCU], *ac[D_MAX_BLOCKS_IN_MCU];
    int levels[MAX_COMPS_IN_SCAN];
    uint64_t left;
    unsigned interval, until_restart, next_restart;
    const uint8_t *end;
    value_table tables[8];
};

static bool build_values(value_table *table, const JHUFF_TBL *definition, bool is_dc) {
    if (!build(&table->codes, definition, is_dc)) return false;
    for (int look = 0; look < 1 << GLANCE_BITS; look++) {
        table->glance[look] = 0;
        int entry = table->codes.quick[look >> (GLANCE_BITS - QUICK_BITS)];
        int length = entry >> 8, zeros = is_dc ? 0 : entry >> 4 & 15, bits = is_dc ? entry & 255 : entry & 15;
        int rest = GLANCE_BITS - length - bits;
        if (!entry || rest < 0) continue;
        int value = look >> rest & ((1 << bits) - 1), places = zeros + 1;
        if (bits && value < 1 << (bits - 1)) value -= (1 << bits) - 1;
        if (!bits && !is_dc) {
            if (zeros != 0 && zeros != 15) continue;
            places = zeros ? 16 : END_OF_BLOCK;
        }
        table->glance[look] = (uint32_t)value << 16 | (uint32_t)places << 8 | (uint32_t)(length + bits);
    }
    return true;
}

baseline *baseline_create(const struct jpeg_decompress_struct *codec) {
    if (codec->progressive_mode || codec->arith_code || codec->comps_in_scan != codec->num_components) return NULL;
    if (codec->blocks_in_MCU < 1 || codec->blocks_in_MCU > D_MAX_BLOCKS_IN_MCU) return NULL;
    baseline *reader = malloc(sizeof *reader);
    if (!reader) return NULL;
    memset(reader, 0, offsetof(baseline, tables));
    reader->source = (bit_source){
        .next = codec->src->next_input_byte, .end = codec->src->next_input_byte + codec->src->bytes_in_buffer};
    reader->blocks = codec->blocks_in_MCU;
    reader->left = (uint64_t)codec->MCUs_per_row * codec->MCU_rows_in_scan;
    reader->interval = reader->until_restart = codec->restart_interval;
    bool is_built[8] = {false};
    for (int block = 0; block < reader->blocks; block++) {
        int index = codec->MCU_membership[block];
        const jpeg_component_info *component = codec->cur_comp_info[index];
        reader->component[block] = (uint8_t)index;
        for (int is_dc = 0; is_dc < 2; is_dc++) {
            int number = is_dc ? component->dc_tbl_no : component->ac_tbl_no;
            const JHUFF_TBL *definition =
                number < 0 || number > 3 ? NULL : (is_dc ? codec->dc_huff_tbl_ptrs : codec->ac_huff_tbl_ptrs)[number];
            int place = 4 * is_dc + number;
            if (!definition || (!is_built[place] && !build_values(reader->tables + place, definition, is_dc))) {
                free(reader);
                return NULL;
            }
            is_built[place] = true;
            (is_dc ? reader->dc : reader->ac)[block] = reader->tables + place;
        }
    }
    return reader;
}

void baseline_destroy(baseline *reader) { free(reader); }

const uint8_t *baseline_end(const baseline *reader) { return reader->end; }

INLINE bool read_level(bit_source *source, const value_table *table, int *level) {
    need(source, 32);
    uint32_t seen = table->glance[source->bits >> (64 - GLANCE_BITS)];
    if (seen) {
        skip(source, (int)(seen & 255));
        *level += (int32_t)seen >> 16;
    } else {
        int bits = symbol(source, &table->codes);
        if (bits < 0) return false;
        if (bits) *level += take_signed(source, bits);
    }
    // Far beyond what a picture has, and far from an overflow.
    return *level >= -(1 << 20) && *level <= 1 << 20;
}

// A value that a glance does not tell.
INLINE bool read_rare(bit_source *source, const code_table *codes, int *k, JCOEF *block) {
    need(source, 32);
    int both = symbol(source, codes);
    if (both < 0) return false;
    int zeros = both >> 4, bits = both & 15;
    if (bits) {
        *k += zeros + 1;
        block[natural_order[*k - 1]] = (JCOEF)take_signed(source, bits);
        return true;
    }
    *k += zeros ? 16 : END_OF_BLOCK;
    return zeros == 0 || zeros == 15;
}

INLINE bool read_block(bit_source *source, const value_table *table, JCOEF *block) {
    int k = 1;
    while (true) {
        refill(source);
        // As many as there are bits for.
        for (int glances = 56 / GLANCE_BITS; glances > 0; glances--) {
            uint32_t seen = table->glance[source->bits >> (64 - GLANCE_BITS)];
            if (!seen) {
                if (!read_rare(source, &table->codes, &k, block)) return false;
                glances = 0;
            } else {
                skip(source, (int)(seen & 255));
                k += (int)(seen >> 8 & 255);
                // The last of many zeros is written too, where a zero is: nothing was read for this place yet.
                block[natural_order[k - 1]] = (JCOEF)(seen >> 16);
            }
            if (k >= 64) return k == 64 || k > END_OF_BLOCK;
        }
    }
}

// Whether nothing but the rest of a byte lies between the last bit that was read and a marker; the source is there then.
static bool is_at_marker(bit_source *source) {
    refill_with_care(source);
    return !ran_over(source) && source->count - source->padding < 8 && source->end - source->next >= 2
        && source->next[0] == 0xff && source->next[1] != 0;
}

static bool restart(baseline *reader) {
    bit_source *source = &reader->source;
    if (!is_at_marker(source) || source->next[1] != JPEG_RST0 + reader->next_restart) return false;
    *source = (bit_source){.next = source->next + 2, .end = source->end};
    memset(reader->levels, 0, sizeof reader->levels);
    reader->next_restart = (reader->next_restart + 1) & 7;
    reader->until_restart = reader->interval;
    return true;
}

bool baseline_read(baseline *reader, JBLOCKROW *blocks) {
    if (reader->left == 0) return false;
    if (reader->interval && reader->until_restart-- == 0) {
        if (!restart(reader)) return false;
        reader->until_restart--;
    }
    // A copy can live in registers.
    bit_source source = reader->source;
    for (int index = 0; index < reader->blocks; index++) {
        JCOEF *block = blocks[index][0];
        int *level = reader->levels + reader->component[index];
        if (!read_level(&source, reader->dc[index], level)) return false;
        block[0] = (JCOEF)*level;
        if (!read_block(&source, reader->ac[index], block)) return false;
    }
    if (ran_over(&source)) return false;
    reader->source = source;
    if (--reader->left == 0) {
        if (!is_at_marker(&reader->source)) return false;
        reader->end = reader->source.next;
    }
    return true;
}
