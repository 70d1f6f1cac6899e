// What Swift cannot do itself: libjpeg and libpng, which report errors by setjmp, what libjpeg calls back, and loops for
// instruction sets that are chosen while running. No decisions here; nothing of these functions keeps a pointer that it was not given to keep.
#ifndef CIMAGESHIMS_H
#define CIMAGESHIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Asked between two pieces of work; false stops the decoder.
typedef bool (*image_may_continue)(void *context);

// MARK: JPEG

typedef struct jpeg_reader jpeg_reader;

typedef enum { JPEG_READER_PLANES, JPEG_READER_RGB, JPEG_READER_CMYK } jpeg_reader_output;

typedef struct {
    int samples_wide, samples_high;
    int rows_per_batch;
} jpeg_reader_plane;

/// The bytes must outlive the reader.
jpeg_reader *jpeg_reader_create(const uint8_t *bytes, size_t count, image_may_continue may_continue, void *context);
void jpeg_reader_destroy(jpeg_reader *reader);
bool jpeg_reader_read_header(jpeg_reader *reader);
/// Who reads a progressive picture's scans, chosen before the start. All of them give the same coefficients.
typedef enum { JPEG_SCANS_FASTEST, JPEG_SCANS_PORTABLE, JPEG_SCANS_LIBJPEG } jpeg_reader_scans;
void jpeg_reader_choose_scans(jpeg_reader *reader, jpeg_reader_scans scans);
/// Whether they, or a baseline picture's blocks, were read without libjpeg, which has the odd ones left to it.
bool jpeg_reader_has_read_scans(const jpeg_reader *reader);
/// `luma_eighths` and `chroma_eighths` are 1, 2, 4 or 8; a chroma scale of its own is for JPEG_READER_PLANES only.
bool jpeg_reader_start(jpeg_reader *reader, jpeg_reader_output output, int luma_eighths, int chroma_eighths);
int jpeg_reader_plane_count(const jpeg_reader *reader);
jpeg_reader_plane jpeg_reader_plane_at(const jpeg_reader *reader, int plane);
/// Decodes the next rows: of each plane up to its `rows_per_batch`, or one interleaved row. False is an error.
bool jpeg_reader_next(jpeg_reader *reader);
bool jpeg_reader_at_end(const jpeg_reader *reader);
const uint8_t *jpeg_reader_row(const jpeg_reader *reader, int plane, int row);
bool jpeg_reader_finish(jpeg_reader *reader);
long jpeg_reader_warnings(const jpeg_reader *reader);
/// The first warning or error, and whether it says that the data ended early.
const char *jpeg_reader_message(const jpeg_reader *reader);
bool jpeg_reader_ended_early(const jpeg_reader *reader);
bool jpeg_reader_was_stopped(const jpeg_reader *reader);
bool jpeg_reader_is_inverted_cmyk(const jpeg_reader *reader);

// MARK: PNG by libpng

typedef struct png_reader png_reader;

typedef struct {
    size_t offset, count;
} image_range;

/// Reads only the given ranges of the bytes, one after the other: libpng never sees a chunk that was left out.
png_reader *png_reader_create(const uint8_t *bytes, const image_range *ranges, size_t range_count);
void png_reader_destroy(png_reader *reader);
/// Rows come as 8 bits a channel: grey, grey and alpha, RGB or RGBA.
bool png_reader_start(png_reader *reader);
int png_reader_channels(const png_reader *reader);
size_t png_reader_row_bytes(const png_reader *reader);
int png_reader_passes(const png_reader *reader);
/// With more than one pass the same row must be given back at each pass.
bool png_reader_next(png_reader *reader, uint8_t *row);
bool png_reader_finish(png_reader *reader);
const char *png_reader_message(const png_reader *reader);
bool png_reader_ended_early(const png_reader *reader);

// MARK: PNG by our own hands

/// Undoes a row's filter in place. `previous` is the row above without its filter byte, zeros for the first. Both rows
/// must be followed by 8 bytes that may be read.
void png_unfilter(int filter, uint8_t *row, const uint8_t *previous, size_t count, int bytes_per_pixel);

/// What turns a PNG's samples into 8-bit channels.
typedef struct {
    int color_type, depth;
    int palette_count;
    uint8_t palette[256][4];
    bool has_transparent_color;
    uint16_t transparent_color[3];
} png_samples;

/// Writes `width` pixels of 1 to 4 channels, as `png_reader_next` would.
void png_expand(const png_samples *samples, const uint8_t *row, uint8_t *out, int width);

// MARK: pixels

/// Whether the processor has what the `_avx2` functions need.
bool image_has_avx2(void);

/// ISA-L leaves the upper halves of the vector registers in use, and every SSE instruction after it pays: libwebp ran a
/// third longer. To be called after a call of ISA-L.
void image_release_vector_registers(void);

/// A weighted sum of rows: `taps` (even) rows of `count` samples, weights of 14 fractional bits, the result of 6.
/// Rows and result are read and written in whole blocks of 32.
void image_blend_rows_portable(const uint8_t *const *rows, const int16_t *weights, int taps, int count, int16_t *out);
void image_blend_rows_avx2(const uint8_t *const *rows, const int16_t *weights, int taps, int count, int16_t *out);

/// One row along its width: for each output the weighted sum of `taps` (a multiple of 16) samples from its start,
/// then times `gain` (13 fractional bits) and plus `offset` (21), clamped; written `step` bytes apart.
void image_filter_row_portable(
    const int16_t *in, const int32_t *starts, const int16_t *weights, int taps, int count, int32_t gain,
    int32_t offset, uint8_t *out, int step);
void image_filter_row_avx2(
    const int16_t *in, const int32_t *starts, const int16_t *weights, int taps, int count, int32_t gain,
    int32_t offset, uint8_t *out, int step);

/// Interleaved samples to one plane a channel, `stride` samples apart.
void image_split_channels(const int16_t *in, int channels, int width, int16_t *out, int stride);

/// Each sample through a table.
void image_map(const uint8_t *in, const uint8_t *table, int count, uint8_t *out);

/// Lays pixels of 2 (grey and alpha) or 4 channels on a colour and leaves 1 or 3. True when any pixel was not opaque.
/// A grey colour has to be given for grey pixels.
bool image_flatten(const uint8_t *in, int channels, int width, const uint8_t background[3], uint8_t *out);
/// The same for pixels already multiplied by their alpha.
bool image_flatten_premultiplied(const uint8_t *in, int width, const uint8_t background[3], uint8_t *out);
/// RGBA times its alpha, and back. True when any pixel was not opaque.
bool image_premultiply(const uint8_t *in, int width, uint8_t *out);
void image_unpremultiply(uint8_t *pixels, size_t count);
/// Copies a plane of pixels turned as EXIF orientation 2 to 8 asks for; `width` and `height` are the input's.
void image_turn(const uint8_t *in, int width, int height, int stride, int bytes_per_pixel, int orientation, uint8_t *out);

#endif
