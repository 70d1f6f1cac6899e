// libpng, row by row, with its errors as return values.
#include "CImageShims.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <png.h>

struct png_reader {
    png_structp codec;
    png_infop info;
    const uint8_t *bytes;
    const image_range *ranges;
    size_t range_count, range, offset;
    int passes;
    bool ended_early;
    char message[160];
};

static void on_error(png_structp codec, png_const_charp text) {
    png_reader *reader = png_get_error_ptr(codec);
    if (!reader->message[0]) snprintf(reader->message, sizeof reader->message, "%s", text);
    png_longjmp(codec, 1);
}

static void on_warning(png_structp codec, png_const_charp text) {
    (void)codec;
    (void)text;
}

static void read_bytes(png_structp codec, png_bytep out, size_t count) {
    png_reader *reader = png_get_io_ptr(codec);
    while (count > 0) {
        if (reader->range == reader->range_count) {
            reader->ended_early = true;
            png_error(codec, "the data ended early");
        }
        image_range range = reader->ranges[reader->range];
        size_t left = range.count - reader->offset;
        size_t taken = left < count ? left : count;
        memcpy(out, reader->bytes + range.offset + reader->offset, taken);
        out += taken;
        count -= taken;
        reader->offset += taken;
        if (reader->offset == range.count) {
            reader->range++;
            reader->offset = 0;
        }
    }
}

png_reader *png_reader_create(const uint8_t *bytes, const image_range *ranges, size_t range_count) {
    png_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->bytes = bytes;
    reader->ranges = ranges;
    reader->range_count = range_count;
    reader->codec = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
    if (reader->codec) reader->info = png_create_info_struct(reader->codec);
    if (!reader->info) {
        png_reader_destroy(reader);
        return NULL;
    }
    png_set_read_fn(reader->codec, reader, read_bytes);
    return reader;
}

void png_reader_destroy(png_reader *reader) {
    if (!reader) return;
    png_destroy_read_struct(&reader->codec, &reader->info, NULL);
    free(reader);
}

bool png_reader_start(png_reader *reader) {
    if (setjmp(png_jmpbuf(reader->codec))) return false;
    png_set_user_limits(reader->codec, 0x7fffffff, 0x7fffffff);
    png_set_benign_errors(reader->codec, 0);
    png_read_info(reader->codec, reader->info);
    png_set_expand(reader->codec);
    png_set_scale_16(reader->codec);
    reader->passes = png_set_interlace_handling(reader->codec);
    png_read_update_info(reader->codec, reader->info);
    return true;
}

int png_reader_channels(const png_reader *reader) { return png_get_channels(reader->codec, reader->info); }
size_t png_reader_row_bytes(const png_reader *reader) { return png_get_rowbytes(reader->codec, reader->info); }
int png_reader_passes(const png_reader *reader) { return reader->passes; }

bool png_reader_next(png_reader *reader, uint8_t *row) {
    if (setjmp(png_jmpbuf(reader->codec))) return false;
    png_read_row(reader->codec, row, NULL);
    return true;
}

bool png_reader_finish(png_reader *reader) {
    if (setjmp(png_jmpbuf(reader->codec))) return false;
    png_read_end(reader->codec, NULL);
    return true;
}

const char *png_reader_message(const png_reader *reader) { return reader->message; }
bool png_reader_ended_early(const png_reader *reader) { return reader->ended_early; }
