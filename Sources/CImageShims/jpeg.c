// libjpeg, row by row, with its errors as return values.
#define _DEFAULT_SOURCE
#define JPEG_INTERNALS
#include "CImageShims.h"
#include "baseline.h"
#include "scans.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <jpeglib.h>
#include <jerror.h>

// Hostile files repeat thousands of scans over a large picture; cameras and encoders write about ten.
#define MAX_SCANS 100

// From here on coefficients are mapped and given back; below, the process keeps their memory for the next picture.
#define MAPPED_BYTES ((size_t)8 << 20)

// The coefficients of one plane, which a progressive picture needs whole.
typedef struct {
    scan_blocks blocks;
    void *memory;
    size_t bytes;
} coefficients;

struct jpeg_reader {
    struct jpeg_decompress_struct codec;
    const uint8_t *bytes;
    size_t bytes_count;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    image_may_continue may_continue;
    void *context;
    bool created, started, raw, stopped, ended_early, has_message;
    jpeg_reader_scans scans;
    // All scans are read: what libjpeg still believes to decode goes to the scratch row.
    bool has_all_scans;
    JBLOCKROW scratch[MAX_SAMP_FACTOR];
    baseline *baseline;
    // It met something odd, and libjpeg began anew.
    bool is_baseline_odd, is_read_anew;
    long batches;
    jpeg_reader_output output;
    int luma_eighths;
    char message[JMSG_LENGTH_MAX];
    int chroma_eighths;
    void (*realize_virtual_arrays)(j_common_ptr);
    coefficients coefficients[4];
    int coefficients_count;
    int plane_count;
    jpeg_reader_plane planes[4];
    JSAMPROW *rows[4];
    uint8_t *storage[4];
};

static void note(jpeg_reader *reader) {
    if (reader->has_message) return;
    reader->has_message = true;
    int code = reader->errors.msg_code;
    reader->ended_early = code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JERR_INPUT_EOF ||
        code == JERR_INPUT_EMPTY;
    reader->errors.format_message((j_common_ptr)&reader->codec, reader->message);
}

static void on_error(j_common_ptr codec) {
    jpeg_reader *reader = codec->client_data;
    note(reader);
    longjmp(reader->escape, 1);
}

static void on_message(j_common_ptr codec, int level) {
    if (level >= 0) return;
    jpeg_reader *reader = codec->client_data;
    if (reader->has_all_scans && reader->errors.msg_code == JWRN_HIT_MARKER) return;
    note(reader);
    reader->errors.num_warnings++;
}

static void ignore_output(j_common_ptr codec) { (void)codec; }

static void on_progress(j_common_ptr codec) {
    jpeg_reader *reader = codec->client_data;
    if (codec->is_decompressor && reader->codec.input_scan_number > MAX_SCANS) {
        if (!reader->has_message) snprintf(reader->message, sizeof reader->message, "more than %d scans", MAX_SCANS);
        reader->has_message = true;
        longjmp(reader->escape, 1);
    }
    if (reader->may_continue && !reader->may_continue(reader->context)) {
        reader->stopped = true;
        longjmp(reader->escape, 1);
    }
}

// libjpeg's own arrays come by the page: a sixth of a large progressive picture's time went into faults. In huge pages,
// zero from the start, they cost next to nothing.
static void *zeroed_memory(size_t bytes) {
    void *memory = NULL;
    if (bytes < MAPPED_BYTES) {
        if (posix_memalign(&memory, 64, bytes)) return NULL;
        return memset(memory, 0, bytes);
    }
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
#if defined(MADV_HUGEPAGE)
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

static jvirt_barray_ptr request_coefficients(
    j_common_ptr common, int pool, boolean zero, JDIMENSION width, JDIMENSION height, JDIMENSION access) {
    (void)pool;
    (void)zero;
    (void)access;
    jpeg_reader *reader = common->client_data;
    if (reader->coefficients_count == 4) ERREXIT(common, JERR_BAD_POOL_ID);
    coefficients *array = reader->coefficients + reader->coefficients_count;
    size_t row_bytes = (size_t)width * sizeof(JBLOCK);
    array->bytes = row_bytes * height;
    array->memory = zeroed_memory(array->bytes);
    if (!array->memory) ERREXIT1(common, JERR_OUT_OF_MEMORY, 0);
    reader->coefficients_count++;
    JBLOCKARRAY rows = malloc(sizeof(JBLOCKROW) * height);
    if (!rows) ERREXIT1(common, JERR_OUT_OF_MEMORY, 0);
    for (JDIMENSION row = 0; row < height; row++) rows[row] = (JBLOCKROW)((char *)array->memory + row * row_bytes);
    array->blocks = (scan_blocks){rows, width, height};
    return (jvirt_barray_ptr)array;
}

static JBLOCKARRAY access_coefficients(
    j_common_ptr common, jvirt_barray_ptr pointer, JDIMENSION start, JDIMENSION count, boolean writable) {
    jpeg_reader *reader = common->client_data;
    coefficients *array = (coefficients *)pointer;
    JDIMENSION height = array->blocks.height;
    if (start > height || count > height - start) ERREXIT(common, JERR_BAD_VIRTUAL_ACCESS);
    if (reader->has_all_scans && writable) {
        if (count > MAX_SAMP_FACTOR) ERREXIT(common, JERR_BAD_VIRTUAL_ACCESS);
        return reader->scratch;
    }
    return array->blocks.rows + start;
}

static void free_coefficients(coefficients *array) {
    free(array->blocks.rows);
    if (array->bytes < MAPPED_BYTES) free(array->memory);
    else munmap(array->memory, array->bytes);
}

// What was mapped is given back, and comes again as zeros where it is written to: a file that was cut short must not
// cost the memory of the whole picture.
static void clear_coefficients(coefficients *array) {
    if (array->bytes >= MAPPED_BYTES && madvise(array->memory, array->bytes, MADV_DONTNEED) == 0) return;
    memset(array->memory, 0, array->bytes);
}

// Reads a progressive picture's scans in libjpeg's stead, and shows it an image that ends there. What is odd about the
// data stays libjpeg's to say: it then finds everything as it was.
static void read_scans(jpeg_reader *reader) {
    struct jpeg_decompress_struct *codec = &reader->codec;
    static const JOCTET end[2] = {0xff, JPEG_EOI};
    scan_blocks blocks[4] = {0};
    JDIMENSION widest = 0;
    if (reader->coefficients_count != codec->num_components) return;
    for (int c = 0; c < codec->num_components; c++) {
        blocks[c] = reader->coefficients[c].blocks;
        if (blocks[c].width > widest) widest = blocks[c].width;
    }
    JBLOCKROW row = calloc(widest, sizeof(JBLOCK));
    if (!row) ERREXIT1(codec, JERR_OUT_OF_MEMORY, 0);
    for (int k = 0; k < MAX_SAMP_FACTOR; k++) reader->scratch[k] = row;
    scans_result result = scans_read(
        codec, blocks, codec->src->next_input_byte, codec->src->bytes_in_buffer, MAX_SCANS,
        reader->scans == JPEG_SCANS_PORTABLE, reader->may_continue, reader->context);
    if (result == SCANS_STOPPED) {
        reader->stopped = true;
        longjmp(reader->escape, 1);
    }
    if (result == SCANS_LEFT) {
        for (int c = 0; c < codec->num_components; c++) clear_coefficients(reader->coefficients + c);
        return;
    }
    reader->has_all_scans = true;
    codec->src->next_input_byte = end;
    codec->src->bytes_in_buffer = sizeof end;
}

// In the stead of libjpeg's own function, for each MCU.
static boolean decode_mcu(j_decompress_ptr codec, JBLOCKROW *blocks) {
    jpeg_reader *reader = codec->client_data;
    if (!baseline_read(reader->baseline, blocks)) {
        reader->is_baseline_odd = true;
        longjmp(reader->escape, 1);
    }
    const uint8_t *end = baseline_end(reader->baseline);
    if (end) {
        codec->src->bytes_in_buffer -= (size_t)(end - codec->src->next_input_byte);
        codec->src->next_input_byte = end;
    }
    return TRUE;
}

static void create_codec(jpeg_reader *reader) {
    jpeg_create_decompress(&reader->codec);
    reader->created = true;
    reader->codec.mem->request_virt_barray = request_coefficients;
    reader->codec.mem->access_virt_barray = access_coefficients;
    reader->codec.progress = &reader->progress;
    jpeg_mem_src(&reader->codec, reader->bytes, (unsigned long)reader->bytes_count);
}

jpeg_reader *jpeg_reader_create(const uint8_t *bytes, size_t count, image_may_continue may_continue, void *context) {
    jpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->bytes = bytes;
    reader->bytes_count = count;
    reader->may_continue = may_continue;
    reader->context = context;
    reader->progress.progress_monitor = on_progress;
    reader->codec.err = jpeg_std_error(&reader->errors);
    reader->codec.client_data = reader;
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->errors.output_message = ignore_output;
    if (setjmp(reader->escape)) {
        jpeg_reader_destroy(reader);
        return NULL;
    }
    create_codec(reader);
    return reader;
}

void jpeg_reader_destroy(jpeg_reader *reader) {
    if (!reader) return;
    if (reader->created) {
        if (!setjmp(reader->escape)) jpeg_destroy_decompress(&reader->codec);
    }
    for (int index = 0; index < reader->coefficients_count; index++) {
        free_coefficients(reader->coefficients + index);
    }
    free(reader->scratch[0]);
    baseline_destroy(reader->baseline);
    for (int plane = 0; plane < 4; plane++) {
        free(reader->rows[plane]);
        free(reader->storage[plane]);
    }
    free(reader);
}

bool jpeg_reader_read_header(jpeg_reader *reader) {
    if (setjmp(reader->escape)) return false;
    return jpeg_read_header(&reader->codec, TRUE) == JPEG_HEADER_OK;
}

// libjpeg scales chroma up to luma while it decodes.
static void scale_chroma(jpeg_reader *reader) {
    struct jpeg_decompress_struct *codec = &reader->codec;
    for (int c = 1; c < codec->num_components; c++) {
        jpeg_component_info *component = codec->comp_info + c;
        if (reader->chroma_eighths >= component->DCT_scaled_size) continue;
        component->DCT_scaled_size = reader->chroma_eighths;
        component->downsampled_width = (JDIMENSION)(((long)codec->image_width * component->h_samp_factor *
            reader->chroma_eighths + codec->max_h_samp_factor * 8L - 1) / (codec->max_h_samp_factor * 8L));
        component->downsampled_height = (JDIMENSION)(((long)codec->image_height * component->v_samp_factor *
            reader->chroma_eighths + codec->max_v_samp_factor * 8L - 1) / (codec->max_v_samp_factor * 8L));
    }
}

// Called once all of libjpeg's parts are set up, before any of them has taken a component's scale for its own and
// before the first scan's data is read: the one moment for either.
static void prepare_then_realize(j_common_ptr common) {
    jpeg_reader *reader = common->client_data;
    if (reader->raw) scale_chroma(reader);
    reader->realize_virtual_arrays(common);
    if (reader->codec.progressive_mode && reader->scans != JPEG_SCANS_LIBJPEG) read_scans(reader);
}

void jpeg_reader_choose_scans(jpeg_reader *reader, jpeg_reader_scans scans) { reader->scans = scans; }

bool jpeg_reader_has_read_scans(const jpeg_reader *reader) {
    return reader->has_all_scans || (reader->baseline && !reader->is_baseline_odd);
}

static bool allocate(jpeg_reader *reader, int plane, int rows, size_t row_bytes) {
    reader->rows[plane] = malloc(sizeof(JSAMPROW) * (size_t)rows);
    reader->storage[plane] = calloc((size_t)rows, row_bytes);
    if (!reader->rows[plane] || !reader->storage[plane]) return false;
    for (int row = 0; row < rows; row++) reader->rows[plane][row] = reader->storage[plane] + (size_t)row * row_bytes;
    return true;
}

// May jump.
static bool start_codec(jpeg_reader *reader) {
    struct jpeg_decompress_struct *codec = &reader->codec;
    codec->scale_num = (unsigned)reader->luma_eighths;
    codec->scale_denom = 8;
    codec->dct_method = JDCT_ISLOW;
    codec->do_block_smoothing = FALSE;
    if (reader->raw) {
        codec->raw_data_out = TRUE;
        codec->out_color_space = codec->jpeg_color_space;
    } else {
        codec->out_color_space = reader->output == JPEG_READER_RGB ? JCS_RGB : JCS_CMYK;
    }
    reader->realize_virtual_arrays = codec->mem->realize_virt_arrays;
    codec->mem->realize_virt_arrays = prepare_then_realize;
    return jpeg_start_decompress(codec);
}

bool jpeg_reader_start(jpeg_reader *reader, jpeg_reader_output output, int luma_eighths, int chroma_eighths) {
    if (setjmp(reader->escape)) return false;
    struct jpeg_decompress_struct *codec = &reader->codec;
    reader->output = output;
    reader->raw = output == JPEG_READER_PLANES;
    reader->luma_eighths = luma_eighths;
    reader->chroma_eighths = chroma_eighths;
    if (!start_codec(reader)) return false;
    if (reader->scans != JPEG_SCANS_LIBJPEG) reader->baseline = baseline_create(codec);
    if (reader->baseline) codec->entropy->decode_mcu = decode_mcu;
    if (reader->raw) {
        reader->plane_count = codec->num_components;
        for (int plane = 0; plane < reader->plane_count; plane++) {
            jpeg_component_info *component = codec->comp_info + plane;
            int rows = component->v_samp_factor * component->DCT_scaled_size;
            // A padding block to the right of the last MCU is written too.
            size_t width = ((size_t)component->width_in_blocks + (size_t)component->h_samp_factor) *
                (size_t)component->DCT_scaled_size + 64;
            reader->planes[plane] = (jpeg_reader_plane){
                (int)component->downsampled_width, (int)component->downsampled_height, rows};
            if (!allocate(reader, plane, rows, width)) return false;
        }
    } else {
        reader->plane_count = 1;
        reader->planes[0] = (jpeg_reader_plane){(int)codec->output_width, (int)codec->output_height, 1};
        if (!allocate(reader, 0, 1, (size_t)codec->output_width * (size_t)codec->output_components + 64)) return false;
    }
    reader->started = true;
    return true;
}

int jpeg_reader_plane_count(const jpeg_reader *reader) { return reader->plane_count; }

jpeg_reader_plane jpeg_reader_plane_at(const jpeg_reader *reader, int plane) { return reader->planes[plane]; }

// May jump.
static bool read_batch(jpeg_reader *reader) {
    struct jpeg_decompress_struct *codec = &reader->codec;
    if (!reader->raw) return jpeg_read_scanlines(codec, reader->rows[0], 1) == 1;
    JSAMPARRAY planes[4] = {reader->rows[0], reader->rows[1], reader->rows[2], reader->rows[3]};
    JDIMENSION lines = (JDIMENSION)(codec->max_v_samp_factor * codec->min_DCT_scaled_size);
    return jpeg_read_raw_data(codec, planes, lines) != 0;
}

// From the first byte to the batch that could not be read, by libjpeg alone: the rows before it were flawless, and come
// again as they were.
static bool read_anew(jpeg_reader *reader) {
    if (setjmp(reader->escape)) return false;
    reader->is_read_anew = true;
    jpeg_destroy_decompress(&reader->codec);
    reader->created = false;
    reader->has_message = false;
    reader->errors.num_warnings = 0;
    create_codec(reader);
    if (jpeg_read_header(&reader->codec, TRUE) != JPEG_HEADER_OK || !start_codec(reader)) return false;
    for (long batch = 0; batch < reader->batches; batch++) {
        if (!read_batch(reader)) return false;
    }
    return read_batch(reader);
}

bool jpeg_reader_next(jpeg_reader *reader) {
    bool is_read;
    if (setjmp(reader->escape)) {
        if (!reader->is_baseline_odd || reader->is_read_anew) return false;
        is_read = read_anew(reader);
    } else {
        is_read = read_batch(reader);
    }
    if (is_read) reader->batches++;
    return is_read;
}

bool jpeg_reader_at_end(const jpeg_reader *reader) {
    return reader->codec.output_scanline >= reader->codec.output_height;
}

const uint8_t *jpeg_reader_row(const jpeg_reader *reader, int plane, int row) { return reader->rows[plane][row]; }

bool jpeg_reader_finish(jpeg_reader *reader) {
    if (setjmp(reader->escape)) return false;
    return jpeg_finish_decompress(&reader->codec);
}

long jpeg_reader_warnings(const jpeg_reader *reader) { return reader->errors.num_warnings; }
const char *jpeg_reader_message(const jpeg_reader *reader) { return reader->message; }
bool jpeg_reader_ended_early(const jpeg_reader *reader) { return reader->ended_early; }
bool jpeg_reader_was_stopped(const jpeg_reader *reader) { return reader->stopped; }

bool jpeg_reader_is_inverted_cmyk(const jpeg_reader *reader) { return reader->codec.saw_Adobe_marker; }
