// libjpeg tests each coefficient that a refinement passes, of all 63 in each block. Here a word for each block knows
// which of them are not zero: what a scan does not change is not looked at. Half of libjpeg's time, or less.
#include "scans.h"
#include "scan_bits.h"

#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// MARK: Scans

static const uint8_t natural_order[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

typedef struct {
    int count, components[4], dc_tables[4], ac_table;
    int first, last, high, low;
} scan_header;

typedef struct {
    const struct jpeg_decompress_struct *codec;
    const scan_blocks *blocks;
    bit_source source;
    JHUFF_TBL dc[4], ac[4];
    bool has_dc[4], has_ac[4];
    code_table codes[4];
    // For each block, a bit for each place in zigzag order whose coefficient is not zero; and for each component and
    // place the bit that was read last, -1 before the first.
    uint64_t *filled[4];
    int8_t reached[4][64];
    bool uses_bmi2;
    bool (*may_continue)(void *);
    void *context;
} scans;

// Where a scan of one component stands.
typedef struct {
    bit_source source;
    const code_table *codes;
    int first, last, low;
    unsigned run;
} position;

INLINE bool first_of_block(position *at, int16_t *block, uint64_t *filled) {
    if (at->run > 0) {
        at->run--;
        return true;
    }
    for (int k = at->first; k <= at->last; k++) {
        need(&at->source, 32);
        int both = symbol(&at->source, at->codes);
        if (both < 0) return false;
        int zeros = both >> 4, bits = both & 15;
        if (bits) {
            k += zeros;
            if (k > at->last) return false;
            int16_t value = (int16_t)((unsigned)take_signed(&at->source, bits) << at->low);
            block[natural_order[k]] = value;
            *filled |= (uint64_t)(value != 0) << k;
        } else if (zeros == 15) {
            k += 15;
        } else {
            at->run = (1u << zeros) + (unsigned)take(&at->source, zeros) - 1;
            break;
        }
    }
    return true;
}

// The n-th of a set's bits alone, or none.
INLINE uint64_t nth_portable(uint64_t set, int n) {
    for (; n > 0; n--) set &= set - 1;
    return set & -set;
}

INLINE void correct_one(int16_t *at, int bit, bool applies) {
    int value = *at, step = value < 0 ? -bit : bit;
    *at = (int16_t)(value + (step & -(int)(applies & !(value & bit))));
}

// One bit for each coefficient that is not zero already, of those at `places`.
INLINE void correct_portable(bit_source *source, int16_t *block, uint64_t places, int bit) {
    for (; places; places &= places - 1) {
        need(source, 1);
        correct_one(block + natural_order[__builtin_ctzll(places)], bit, source->bits >> 63);
        skip(source, 1);
    }
}

#if defined(__x86_64__)
#define BMI2 __attribute__((target("bmi,bmi2,popcnt")))

__attribute__((always_inline)) BMI2 static inline uint64_t nth_bmi2(uint64_t set, int n) {
    return _pdep_u64(1ull << n, set);
}

__attribute__((always_inline)) BMI2 static inline void correct_bmi2(
    bit_source *source, int16_t *block, uint64_t places, int bit) {
    int count = __builtin_popcountll(places);
    if (count > 56) {
        correct_portable(source, block, places, bit);
        return;
    }
    need(source, count);
    uint64_t ones = _pdep_u64(__builtin_bitreverse64(source->bits), places);
    skip(source, count);
    for (; ones; ones &= ones - 1) correct_one(block + natural_order[__builtin_ctzll(ones)], bit, true);
}
#endif

// The loop over a block's codes, for each way of handling words.
#define REFINE_BLOCK(name, attributes, nth, correct) \
    __attribute__((always_inline)) attributes static inline bool name( \
        position *at, int16_t *block, uint64_t *filled) { \
        const uint64_t band = ~0ull >> (63 - at->last); \
        const int bit = 1 << at->low; \
        int k = at->first; \
        while (at->run == 0 && k <= at->last) { \
            need(&at->source, 32); \
            int both = symbol(&at->source, at->codes); \
            if (both < 0) return false; \
            int zeros = both >> 4, value = 0; \
            if (both & 15) { \
                if ((both & 15) != 1) return false; \
                value = take(&at->source, 1) ? bit : -bit; \
            } else if (zeros != 15) { \
                at->run = (1u << zeros) + (unsigned)take(&at->source, zeros); \
                break; \
            } \
            const uint64_t rest = band & ~0ull << k; \
            const uint64_t place = nth(rest & ~*filled, zeros); \
            if (!place) return false; \
            correct(&at->source, block, rest & *filled & (place - 1), bit); \
            k = __builtin_ctzll(place); \
            if (value) { \
                block[natural_order[k]] = (int16_t)value; \
                *filled |= place; \
            } \
            k++; \
        } \
        if (at->run > 0) { \
            at->run--; \
            if (k <= at->last) correct(&at->source, block, band & ~0ull << k & *filled, bit); \
        } \
        return true; \
    }

// All rows of a scan of one component.
#define READ_AC(name, attributes, block_reader) \
    attributes static scans_result name(scans *s, const scan_header *scan) { \
        int c = scan->components[0]; \
        const jpeg_component_info *component = s->codec->comp_info + c; \
        const scan_blocks *blocks = s->blocks + c; \
        position at = { \
            .source = s->source, .codes = s->codes, .first = scan->first, .last = scan->last, .low = scan->low}; \
        for (JDIMENSION y = 0; y < component->height_in_blocks; y++) { \
            JBLOCKROW row = blocks->rows[y]; \
            uint64_t *filled = s->filled[c] + (size_t)y * blocks->width; \
            for (JDIMENSION x = 0; x < component->width_in_blocks; x++) { \
                if (!block_reader(&at, row[x], filled + x)) return SCANS_LEFT; \
            } \
            if (ran_over(&at.source)) return SCANS_LEFT; \
            if (s->may_continue && !s->may_continue(s->context)) return SCANS_STOPPED; \
        } \
        s->source = at.source; \
        return SCANS_READ; \
    }

REFINE_BLOCK(refine_block_portable, , nth_portable, correct_portable)
READ_AC(read_first_ac, , first_of_block)
READ_AC(refine_ac_portable, , refine_block_portable)
#if defined(__x86_64__)
REFINE_BLOCK(refine_block_bmi2, BMI2, nth_bmi2, correct_bmi2)
READ_AC(refine_ac_bmi2, BMI2, refine_block_bmi2)
#endif

static scans_result read_ac(scans *s, const scan_header *scan) {
    if (scan->high == 0) return read_first_ac(s, scan);
#if defined(__x86_64__)
    if (s->uses_bmi2) return refine_ac_bmi2(s, scan);
#endif
    return refine_ac_portable(s, scan);
}

INLINE bool dc_of_block(scans *s, const scan_header *scan, int index, int *level, int16_t *block) {
    need(&s->source, 32);
    if (scan->high > 0) {
        if (take(&s->source, 1)) block[0] |= (int16_t)(1 << scan->low);
        return true;
    }
    int bits = symbol(&s->source, s->codes + index);
    if (bits < 0) return false;
    if (bits) *level += take_signed(&s->source, bits);
    // Far beyond what a picture has, and far from an overflow.
    if (*level < -(1 << 20) || *level > 1 << 20) return false;
    block[0] = (int16_t)((unsigned)*level << scan->low);
    return true;
}

static scans_result read_dc(scans *s, const scan_header *scan) {
    const struct jpeg_decompress_struct *codec = s->codec;
    const bool interleaved = scan->count > 1;
    const jpeg_component_info *only = codec->comp_info + scan->components[0];
    const JDIMENSION unit_width = (JDIMENSION)codec->max_h_samp_factor * 8;
    const JDIMENSION unit_height = (JDIMENSION)codec->max_v_samp_factor * 8;
    const JDIMENSION columns = interleaved ? (codec->image_width + unit_width - 1) / unit_width : only->width_in_blocks;
    const JDIMENSION rows = interleaved ? (codec->image_height + unit_height - 1) / unit_height : only->height_in_blocks;
    int levels[4] = {0};
    for (JDIMENSION y = 0; y < rows; y++) {
        for (JDIMENSION x = 0; x < columns; x++) {
            for (int i = 0; i < scan->count; i++) {
                const jpeg_component_info *component = codec->comp_info + scan->components[i];
                JDIMENSION wide = interleaved ? (JDIMENSION)component->h_samp_factor : 1;
                JDIMENSION high = interleaved ? (JDIMENSION)component->v_samp_factor : 1;
                for (JDIMENSION v = 0; v < high; v++) {
                    JBLOCKROW row = s->blocks[scan->components[i]].rows[y * high + v];
                    for (JDIMENSION h = 0; h < wide; h++) {
                        if (!dc_of_block(s, scan, i, levels + i, row[x * wide + h])) return SCANS_LEFT;
                    }
                }
            }
        }
        if (ran_over(&s->source)) return SCANS_LEFT;
        if (s->may_continue && !s->may_continue(s->context)) return SCANS_STOPPED;
    }
    return SCANS_READ;
}

// Whether the scan comes next for each of its components, its blocks are there, and its codes are defined.
static bool prepare(scans *s, const scan_header *scan) {
    if (scan->count < 1 || scan->count > 4 || scan->low > 13 || scan->last > 63) return false;
    if (scan->high != 0 && scan->low != scan->high - 1) return false;
    bool is_dc = scan->first == 0;
    if (is_dc ? scan->last != 0 : scan->count != 1 || scan->last < scan->first) return false;
    int units = 0;
    for (int i = 0; i < scan->count; i++) {
        int c = scan->components[i];
        units += s->codec->comp_info[c].h_samp_factor * s->codec->comp_info[c].v_samp_factor;
        if (scan->count > 1 && units > D_MAX_BLOCKS_IN_MCU) return false;
        if (!is_dc && s->reached[c][0] < 0) return false;
        for (int k = scan->first; k <= scan->last; k++) {
            if (s->reached[c][k] != (scan->high == 0 ? -1 : scan->high)) return false;
            s->reached[c][k] = (int8_t)scan->low;
        }
        int table = is_dc ? scan->dc_tables[i] : scan->ac_table;
        if (is_dc && scan->high > 0) continue;
        if (table > 3 || !(is_dc ? s->has_dc : s->has_ac)[table]) return false;
        if (!build(s->codes + i, (is_dc ? s->dc : s->ac) + table, is_dc)) return false;
    }
    return true;
}

static scans_result read_scan(scans *s, const scan_header *scan) {
    if (!prepare(s, scan)) return SCANS_LEFT;
    bit_source *source = &s->source;
    source->bits = 0;
    source->count = source->padding = 0;
    scans_result result = scan->first == 0 ? read_dc(s, scan) : read_ac(s, scan);
    if (result != SCANS_READ) return result;
    // A whole byte that is left is one that nobody asked for.
    refill_with_care(source);
    return ran_over(source) || source->count - source->padding >= 8 ? SCANS_LEFT : SCANS_READ;
}

// MARK: Markers

static bool read_tables(scans *s, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        if (count < 17) return false;
        int class = bytes[0] >> 4, index = bytes[0] & 15;
        if (class > 1 || index > 3) return false;
        JHUFF_TBL *table = (class == 0 ? s->dc : s->ac) + index;
        size_t total = 0;
        for (int length = 1; length <= 16; length++) total += table->bits[length] = bytes[length];
        if (total > 256 || total > count - 17) return false;
        memset(table->huffval, 0, sizeof table->huffval);
        memcpy(table->huffval, bytes + 17, total);
        (class == 0 ? s->has_dc : s->has_ac)[index] = true;
        bytes += 17 + total;
        count -= 17 + total;
    }
    return true;
}

static bool read_header(const scans *s, const uint8_t *bytes, size_t count, scan_header *scan) {
    if (count < 1 || bytes[0] < 1 || bytes[0] > 4 || count != 4 + 2 * (size_t)bytes[0]) return false;
    scan->count = bytes[0];
    for (int i = 0; i < scan->count; i++) {
        int c = 0;
        while (c < s->codec->num_components && s->codec->comp_info[c].component_id != bytes[1 + 2 * i]) c++;
        if (c == s->codec->num_components) return false;
        // In the frame's order, and none twice: of several with one name libjpeg takes this one only then.
        if (i > 0 && c <= scan->components[i - 1]) return false;
        scan->components[i] = c;
        scan->dc_tables[i] = bytes[2 + 2 * i] >> 4;
        scan->ac_table = bytes[2 + 2 * i] & 15;
    }
    const uint8_t *rest = bytes + 1 + 2 * scan->count;
    scan->first = rest[0];
    scan->last = rest[1];
    scan->high = rest[2] >> 4;
    scan->low = rest[2] & 15;
    return true;
}

// The next marker's code and its segment, or 0.
static int next_segment(bit_source *source, const uint8_t **bytes, size_t *count) {
    const uint8_t *at = source->next, *end = source->end;
    if (at == end || *at != 0xff) return 0;
    while (at < end && *at == 0xff) at++;
    if (at == end) return 0;
    int marker = *at++;
    *count = 0;
    if (marker != 0xd9) {
        if (end - at < 2) return 0;
        size_t length = (size_t)at[0] << 8 | at[1];
        if (length < 2 || length > (size_t)(end - at)) return 0;
        *bytes = at + 2;
        *count = length - 2;
        at += length;
    }
    source->next = at;
    return marker;
}

static scans_result read_all(scans *s, int max_scans) {
    const struct jpeg_decompress_struct *codec = s->codec;
    if (codec->arith_code || codec->restart_interval != 0) return SCANS_LEFT;
    // libjpeg takes quantisation from the first scan's header, for the components that are in it.
    if (codec->comps_in_scan != codec->num_components) return SCANS_LEFT;
    scan_header scan = {
        .count = codec->comps_in_scan, .first = codec->Ss, .last = codec->Se, .high = codec->Ah, .low = codec->Al};
    for (int i = 0; i < scan.count; i++) {
        scan.components[i] = codec->cur_comp_info[i]->component_index;
        scan.dc_tables[i] = codec->cur_comp_info[i]->dc_tbl_no;
        scan.ac_table = codec->cur_comp_info[i]->ac_tbl_no;
    }
    for (int count = 1; count <= max_scans; count++) {
        scans_result result = read_scan(s, &scan);
        if (result != SCANS_READ) return result;
        const uint8_t *bytes = NULL;
        size_t length = 0;
        int marker;
        while ((marker = next_segment(&s->source, &bytes, &length)) != 0xda) {
            if (marker == 0xd9) return SCANS_READ;
            // Of JFIF's and Adobe's libjpeg draws conclusions.
            bool is_comment = marker == 0xfe || (marker > 0xe0 && marker <= 0xef && marker != 0xee);
            if (marker == 0xc4 ? !read_tables(s, bytes, length) : !is_comment) return SCANS_LEFT;
        }
        if (!read_header(s, bytes, length, &scan)) return SCANS_LEFT;
    }
    return SCANS_LEFT;
}

scans_result scans_read(
    const struct jpeg_decompress_struct *codec, const scan_blocks *blocks, const uint8_t *bytes, size_t count,
    int max_scans, bool is_portable, bool (*may_continue)(void *), void *context) {
    if (codec->num_components < 1 || codec->num_components > 4) return SCANS_LEFT;
    scans *s = calloc(1, sizeof *s);
    if (!s) return SCANS_LEFT;
    s->codec = codec;
    s->blocks = blocks;
    s->source = (bit_source){.next = bytes, .end = bytes + count};
#if defined(__x86_64__)
    s->uses_bmi2 = !is_portable && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("popcnt");
#else
    (void)is_portable;
#endif
    s->may_continue = may_continue;
    s->context = context;
    memset(s->reached, -1, sizeof s->reached);
    for (int i = 0; i < 4; i++) {
        if ((s->has_dc[i] = codec->dc_huff_tbl_ptrs[i])) s->dc[i] = *codec->dc_huff_tbl_ptrs[i];
        if ((s->has_ac[i] = codec->ac_huff_tbl_ptrs[i])) s->ac[i] = *codec->ac_huff_tbl_ptrs[i];
    }
    bool has_memory = true;
    for (int c = 0; c < codec->num_components && has_memory; c++) {
        s->filled[c] = calloc((size_t)blocks[c].width * blocks[c].height, sizeof(uint64_t));
        has_memory = s->filled[c];
    }
    scans_result result = has_memory ? read_all(s, max_scans) : SCANS_LEFT;
    for (int c = 0; c < 4; c++) free(s->filled[c]);
    free(s);
    return result;
}
