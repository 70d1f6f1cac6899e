// The scans of a flawless progressive JPEG, read into the coefficients that libjpeg then makes the picture of.
#ifndef SCANS_H
#define SCANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <jpeglib.h>

// The coefficients of one component: zero at first, rows of blocks as libjpeg asked for them.
typedef struct {
    JBLOCKARRAY rows;
    JDIMENSION width, height;
} scan_blocks;

typedef enum {
    SCANS_READ,
    // Something is odd, or rare: the coefficients are worthless, and libjpeg has to judge.
    SCANS_LEFT,
    SCANS_STOPPED,
} scans_result;

// From the first scan's data, whose header libjpeg has read, to the end of the image. Whatever libjpeg would warn of,
// or read otherwise, is SCANS_LEFT.
scans_result scans_read(
    const struct jpeg_decompress_struct *codec, const scan_blocks *blocks, const uint8_t *bytes, size_t count,
    int max_scans, bool is_portable, bool (*may_continue)(void *), void *context);

#endif
