// The blocks of a flawless baseline JPEG, one MCU after the other, in libjpeg's stead.
#ifndef BASELINE_H
#define BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <jpeglib.h>

typedef struct baseline baseline;

// For a picture whose one scan's header libjpeg has read; its data are what libjpeg's source has left, all of them. NULL
// where the scan is of another kind, or memory is short: it is libjpeg's then.
baseline *baseline_create(const struct jpeg_decompress_struct *codec);
void baseline_destroy(baseline *reader);
// The next MCU's coefficients, into blocks of zeros. False for whatever libjpeg would warn of, or read otherwise.
bool baseline_read(baseline *reader, JBLOCKROW *blocks);
// Where the last MCU ended, once it is read: at the marker behind it. Before, NULL.
const uint8_t *baseline_end(const baseline *reader);

#endif
