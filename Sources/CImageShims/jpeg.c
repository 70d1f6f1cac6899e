// libjpeg, row by row, with its errors as return values.
#define _DEFAULT_SOURCE
#include "CImageShims.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <jpeglib.h>
#include <jerror.h>

// Hostile files repeat thousands of scans over a large picture; cameras and encoders write about ten.
#define MAX_SCANS 100

// The coefficients of one plane, which a progressive picture needs whole.
typedef struct {
    JBLOCKARRAY rows;
    JDIMENSION count;
    void *memory;
    size_t bytes;
} coefficients;

struct jpeg_reader {
    struct jpeg_decompress_struct codec;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    image_may_continue may_continue;
    void *context;
    bool created, started, raw, stopped, ended_early, has_message;
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
    array->memory = mmap(NULL, array->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (array->memory == MAP_FAILED) ERREXIT1(common, JERR_OUT_OF_MEMORY, 0);
    reader->coefficients_count++;
#if defined(MADV_HUGEPAGE)
    madvise(array->memory, array->bytes, MADV_HUGEPAGE);
#endif
    array->rows = malloc(sizeof(JBLOCKROW) * height);
    if (!array->rows) ERREXIT1(common, JERR_OUT_OF_MEMORY, 0);
    array->count = height;
    for (JDIMENSION row = 0; row < height; row++) {
        array->rows[row] = (JBLOCKROW)((char *)array->memory + row * row_bytes);
    }
    return (jvirt_barray_ptr)array;
}

static JBLOCKARRAY access_coefficients(
    j_common_ptr common, jvirt_barray_ptr pointer, JDIMENSION start, JDIMENSION count, boolean writable) {
    (void)writable;
    coefficients *array = (coefficients *)pointer;
    if (start > array->count || count > array->count - start) ERREXIT(common, JERR_BAD_VIRTUAL_ACCESS);
    return array->rows + start;
}

jpeg_reader *jpeg_reader_create(const uint8_t *bytes, size_t count, image_may_continue may_continue, void *context) {
    jpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->may_continue = may_continue;
    reader->context = context;
    reader->codec.err = jpeg_std_error(&reader->errors);
    reader->codec.client_data = reader;
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->errors.output_message = ignore_output;
    if (setjmp(reader->escape)) {
        jpeg_reader_destroy(reader);
        return NULL;
    }
    jpeg_create_decompress(&reader->codec);
    reader->created = true;
    reader->codec.mem->request_virt_barray = request_coefficients;
    reader->codec.mem->access_virt_barray = access_coefficients;
    reader->progress.progress_monitor = on_progress;
    reader->codec.progress = &reader->progress;
    jpeg_mem_src(&reader->codec, bytes, (unsigned long)count);
    return reader;
}

void jpeg_reader_destroy(jpeg_reader *reader) {
    if (!reader) return;
    if (reader->created) {
        if (!setjmp(reader->escape)) jpeg_destroy_decompress(&reader->codec);
    }
    for (int index = 0; index < reader->coefficients_count; index++) {
        free(reader->coefficients[index].rows);
        munmap(reader->coefficients[index].memory, reader->coefficients[index].bytes);
    }
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

// libjpeg scales chroma up to luma while it decodes. Called once all its parts are set up and before any of them has
// taken the component's scale for its own: the one moment at which a component can be given a scale of its own.
static void scale_chroma_then_realize(j_common_ptr common) {
    jpeg_reader *reader = common->client_data;
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
    reader->realize_virtual_arrays(common);
}

static bool allocate(jpeg_reader *reader, int plane, int rows, size_t row_bytes) {
    reader->rows[plane] = malloc(sizeof(JSAMPROW) * (size_t)rows);
    reader->storage[plane] = calloc((size_t)rows, row_bytes);
    if (!reader->rows[plane] || !reader->storage[plane]) return false;
    for (int row = 0; row < rows; row++) reader->rows[plane][row] = reader->storage[plane] + (size_t)row * row_bytes;
    return true;
}

bool jpeg_reader_start(jpeg_reader *reader, jpeg_reader_output output, int luma_eighths, int chroma_eighths) {
    if (setjmp(reader->escape)) return false;
    struct jpeg_decompress_struct *codec = &reader->codec;
    codec->scale_num = (unsigned)luma_eighths;
    codec->scale_denom = 8;
    codec->dct_method = JDCT_ISLOW;
    codec->do_block_smoothing = FALSE;
    reader->raw = output == JPEG_READER_PLANES;
    if (reader->raw) {
        codec->raw_data_out = TRUE;
        codec->out_color_space = codec->jpeg_color_space;
        reader->chroma_eighths = chroma_eighths;
        reader->realize_virtual_arrays = codec->mem->realize_virt_arrays;
        codec->mem->realize_virt_arrays = scale_chroma_then_realize;
    } else {
        codec->out_color_space = output == JPEG_READER_RGB ? JCS_RGB : JCS_CMYK;
    }
    if (!jpeg_start_decompress(codec)) return false;
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

bool jpeg_reader_next(jpeg_reader *reader) {
    if (setjmp(reader->escape)) return false;
    struct jpeg_decompress_struct *codec = &reader->codec;
    if (!reader->raw) return jpeg_read_scanlines(codec, reader->rows[0], 1) == 1;
    JSAMPARRAY planes[4] = {reader->rows[0], reader->rows[1], reader->rows[2], reader->rows[3]};
    JDIMENSION lines = (JDIMENSION)(codec->max_v_samp_factor * codec->min_DCT_scaled_size);
    return jpeg_read_raw_data(codec, planes, lines) != 0;
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
