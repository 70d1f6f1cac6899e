#!/usr/bin/env python3
"""Pillow doing what we do: upright, at most 1024 pixels, on white, WebP of method 4, the ladder.

Reads lines "path TAB variant TAB output" and answers each with a line of JSON; "-" as output writes nothing.
"""
import io
import json
import sys
import time

from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None
EDGE, BYTES, QUALITIES = 1024, 500_000, (85, 75, 60, 50, 40)


def optimize(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    if image.mode not in ("RGB", "RGBA"):
        transparent = image.mode in ("LA", "PA") or "transparency" in image.info
        image = image.convert("RGBA" if transparent else "RGB")
    image = ImageOps.exif_transpose(image)
    if max(image.size) > EDGE:
        scale = EDGE / max(image.size)
        image = image.resize([max(1, round(side * scale)) for side in image.size], Image.LANCZOS)
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, (255, 255, 255))
        white.paste(image, mask=image.getchannel("A"))
        image = white
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality)
        if out.tell() <= BYTES:
            break
    return out.getvalue(), image.size, quality


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
