#!/usr/bin/env python3
"""Makes the JPEGs beside this file: one for each way of writing a progressive one's scans, and of a baseline one.

Needs Pillow and numpy, and jpegtran (Debian's libjpeg-turbo-progs).
"""
import io
import os
import subprocess

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))


def picture(width, height, noise):
    """Colour that changes slowly, with noise on it."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    plain = np.stack([128 + 100 * np.sin(x / 9), 255 * y / height, 128 + 90 * np.cos((x + y) / 13)], axis=-1)
    grain = np.random.default_rng(width).normal(0, noise, plain.shape)
    return Image.fromarray(np.clip(plain + grain, 0, 255).astype(np.uint8))


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def rescanned(data, script, *options):
    path = os.path.join(HERE, "script")
    with open(path, "w", encoding="ascii") as out:
        out.write(script)
    try:
        return subprocess.run(["jpegtran", "-scans", path, *options], input=data, stdout=subprocess.PIPE,
                              check=True).stdout
    finally:
        os.remove(path)


def baseline(smooth, rough):
    noise = np.random.default_rng(1).integers(0, 256, (40, 48, 3)).astype(np.uint8)
    return {
        "plain": jpeg(smooth, quality=85),
        "rough": jpeg(rough, quality=98, subsampling=0, optimize=True),
        # Values whose bits do not fit into one look.
        "noise": jpeg(Image.fromarray(noise), quality=100, subsampling=0),
        "halved": jpeg(smooth, quality=90, subsampling=1, optimize=True),
        "grey": jpeg(rough.convert("L"), quality=95),
        "inks": jpeg(smooth.convert("CMYK"), quality=80),
        "tiny": jpeg(picture(1, 1, 0)),
        "wide": jpeg(picture(400, 3, 20), quality=90, optimize=True),
        "even": jpeg(Image.new("RGB", (200, 120), (70, 90, 110))),
        "restarting": jpeg(rough, quality=90, restart_marker_blocks=3),
        # Left to libjpeg: a scan for each plane.
        "separate": rescanned(jpeg(smooth), "0: 0-63, 0, 0; 1: 0-63, 0, 0; 2: 0-63, 0, 0;"),
    }


def main():
    smooth, rough = picture(83, 61, 3), picture(70, 45, 60)
    made = {
        "plain": jpeg(smooth, quality=85, progressive=True),
        "rough": jpeg(rough, quality=98, subsampling=0, progressive=True),
        "halved": jpeg(smooth, quality=90, subsampling=1, progressive=True),
        "grey": jpeg(rough.convert("L"), quality=95, progressive=True),
        "inks": jpeg(smooth.convert("CMYK"), quality=80, progressive=True),
        "tiny": jpeg(picture(1, 1, 0), progressive=True),
        "wide": jpeg(picture(400, 3, 20), quality=90, progressive=True),
        "even": jpeg(Image.new("RGB", (200, 120), (70, 90, 110)), progressive=True),
        # Each bit in a scan of its own, and the lowest of the first ones refined four times.
        "fine": rescanned(jpeg(rough, quality=97), """0,1,2: 0-0, 0, 2; 0,1,2: 0-0, 2, 1; 0,1,2: 0-0, 1, 0;
            0: 1-20, 0, 4; 0: 21-63, 0, 4; 0: 1-63, 4, 3; 0: 1-63, 3, 2; 0: 1-63, 2, 1; 0: 1-63, 1, 0;
            1: 1-63, 0, 1; 2: 1-63, 0, 0; 1: 1-63, 1, 0;"""),
        # No scan is ever refined, and the last ones are missing.
        "coarse": rescanned(jpeg(smooth, quality=90), "0,1,2: 0-0, 0, 0; 0: 1-9, 0, 0; 2: 1-63, 0, 0;"),
        # Left to libjpeg: the first scan has only some of the planes, or the data can start again.
        "separate": rescanned(jpeg(smooth), "0: 0-0, 0, 0; 1,2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0;"),
        "restarting": rescanned(jpeg(smooth), "0,1,2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0;", "-restart", "1"),
    }
    made |= {f"baseline_{name}": data for name, data in baseline(smooth, rough).items()}
    for name, data in made.items():
        with open(os.path.join(HERE, f"{name}.jpg"), "wb") as out:
            out.write(data)


main()
