#!/usr/bin/env python3
"""libvips doing what we do, as imgproxy and sharp use it: thumbnail while loading, on white, WebP, the ladder.

The protocol is that of pillow.py. Run with VIPS_CONCURRENCY=1: one image a core.
"""
import json
import sys
import time

import pyvips

EDGE, BYTES, QUALITIES = 1024, 500_000, (85, 75, 60, 50, 40)
pyvips.cache_set_max(0)


def optimize(data):
    image = pyvips.Image.thumbnail_buffer(data, EDGE, height=EDGE, size="down")
    if image.hasalpha():
        image = image.flatten(background=255)
    image = image.copy_memory()
    for quality in QUALITIES:
        result = image.webpsave_buffer(Q=quality, effort=4, keep="none")
        if len(result) <= BYTES:
            break
    return result, (image.width, image.height), quality


for line in sys.stdin:
    path, _, output = line.rstrip("\n").split("\t")
    try:
        with open(path, "rb") as file:
            data = file.read()
        start = time.process_time()
        result, size, quality = optimize(data)
        answer = {"cpu": time.process_time() - start, "bytes": len(result), "w": size[0], "h": size[1], "q": quality}
        if output != "-":
            with open(output, "wb") as file:
                file.write(result)
    except Exception as error:
        answer = {"err": str(error)}
    print(json.dumps(answer), flush=True)
