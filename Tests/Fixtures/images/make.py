#!/usr/bin/env python3
"""Makes the image fixtures and, by Pillow, what is to come out of each: make.py

Run by hand when a fixture is added; its output is committed. Needs `pip install Pillow numpy` and Debian's
libturbojpeg0 and libjpeg-turbo-progs (for the sampling and colour kinds that Pillow does not write).
Writes the inputs, expected/<name>.ppm, and fixtures.csv: name, file, options, least PSNR.
"""
import csv
import ctypes
import io
import os
import struct
import subprocess
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
os.makedirs(os.path.join(HERE, "expected"), exist_ok=True)
rows = []
WIDTH, HEIGHT = 61, 45


def scene(width=WIDTH, height=HEIGHT):
    """Smooth, coloured, and different in every corner, so that no turn or swap of channels goes unseen."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = x / (width - 1), y / (height - 1)
    red = 40 + 180 * x
    green = 30 + 150 * y * (1 - 0.5 * x)
    blue = 200 - 150 * x * y - 40 * y
    spot = np.exp(-(((x - 0.25) ** 2 + (y - 0.3) ** 2) / 0.02))
    return Image.fromarray(
        np.clip(np.stack([red + 60 * spot, green + 80 * spot, blue - 100 * spot], -1), 0, 255).astype(np.uint8))


def matrix_profile(red, green, blue, gamma):
    """A small ICC profile of three primaries (XYZ, D50) and a gamma."""
    def s15(value):
        return struct.pack(">i", round(value * 65536))

    def xyz(values):
        return b"XYZ \0\0\0\0" + b"".join(s15(v) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"Test primaries\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    text += b"\0" * (-len(text) % 4)
    right = b"text\0\0\0\0none\0\0\0\0"
    tags = [(b"desc", text), (b"cprt", right), (b"wtpt", xyz((0.9642, 1, 0.8249))), (b"rXYZ", xyz(red)),
            (b"gXYZ", xyz(green)), (b"bXYZ", xyz(blue)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    return profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma):
    name = b"Test grey\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    text += b"\0" * (-len(text) % 4)
    white = b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in (0.9642, 1, 0.8249))
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    return profile(b"mntr", b"GRAY", b"XYZ ", [(b"desc", text), (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
                                               (b"wtpt", white), (b"kTRC", curve)])


def ink_profile():
    """CMYK to Lab by a table of two points an ink: enough to differ from every plain formula."""
    def lut():
        table = bytearray()
        for c in (0, 1):
            for m in (0, 1):
                for y in (0, 1):
                    for k in (0, 1):
                        light = 100 - 30 * c - 45 * m - 8 * y - 75 * k
                        a = -32 * c + 68 * m - 4 * y
                        b = -45 * c - 4 * m + 80 * y
                        fade = 1 - 0.9 * k
                        table += bytes([round(max(4, light) * 2.55), round(128 + a * fade), round(128 + b * fade)])
        ramp = bytes(range(256))
        head = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0])
        matrix = b"".join(struct.pack(">i", v) for v in (65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
        return head + matrix + ramp * 4 + bytes(table) + ramp * 3

    name = b"Test inks\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    text += b"\0" * (-len(text) % 4)
    white = b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in (0.9642, 1, 0.8249))
    table = lut()
    return profile(b"prtr", b"CMYK", b"Lab ", [(b"desc", text), (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
                                               (b"wtpt", white), (b"A2B0", table + b"\0" * (-len(table) % 4))])


def profile(kind, space, connection, tags):
    offset = 128 + 4 + 12 * len(tags)
    index, body = b"", b""
    for tag, data in tags:
        index += tag + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", round(0.9642 * 65536), 65536, round(0.8249 * 65536))
    head += b"\0" * (128 - len(head))
    return head + struct.pack(">I", len(tags)) + index + body


def upright(image):
    """What has to come out of an opened picture: upright, sRGB, on white."""
    image.load()
    icc = image.info.get("icc_profile")
    if image.mode == "I;16":
        image = Image.fromarray((np.asarray(image).astype(float) / 257).round().astype(np.uint8))
    turned = ImageOps.exif_transpose(image)
    alpha = None
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        alpha = turned.getchannel("A")
        turned = turned.convert("RGB")
    if icc:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        turned = ImageCms.profileToProfile(turned, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    turned = turned.convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", turned.size, (255, 255, 255))
        white.paste(turned, mask=alpha)
        turned = white
    return turned


def add(name, data, suffix, psnr=36, options="", expected=None, edge=None):
    file = f"{name}.{suffix}"
    with open(os.path.join(HERE, file), "wb") as out:
        out.write(data)
    picture = expected or upright(Image.open(io.BytesIO(data)))
    if edge:
        scale = edge / max(picture.size)
        picture = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.LANCZOS)
        options = (options + f" edge={edge}").strip()
    picture.save(os.path.join(HERE, "expected", f"{name}.ppm"))
    rows.append((name, file, options, psnr))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def cjpeg(image, *options):
    ppm = saved(image, "PPM")
    return subprocess.run(["cjpeg", "-quality", "95", *options], input=ppm, capture_output=True, check=True).stdout


def turbojpeg(pixels, pixel_format, sampling):
    """By the TurboJPEG API, which writes YCCK."""
    library = ctypes.CDLL("libturbojpeg.so.0")
    library.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.tjInitCompress())
    pixels = np.ascontiguousarray(pixels)
    out, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_ulong(0)
    height, width = pixels.shape[:2]
    failed = library.tjCompress2(handle, pixels.ctypes.data_as(ctypes.c_void_p), width, 0, height, pixel_format,
                                 ctypes.byref(out), ctypes.byref(size), sampling, 95, 0)
    assert not failed
    return ctypes.string_at(out, size.value)


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Maker"
    return block.tobytes()


def without_segment(jpeg, marker):
    at = 2
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        if jpeg[at + 1] == marker:
            return jpeg[:at] + jpeg[at + 2 + length:]
        at += 2 + length
    return jpeg


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def naive(cmyk):
    ink = np.asarray(cmyk).astype(float)
    return Image.fromarray(((255 - ink[..., :3]) * (255 - ink[..., 3:]) / 255).round().astype(np.uint8))


def main():
    rgb = scene()
    grey = rgb.convert("L")
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        add(f"jpeg_{name}", saved(rgb, "JPEG", quality=95, subsampling=sampling), "jpg")
    for name, sampling in (("440", "1x2"), ("411", "4x1"), ("410", "4x2"), ("441", "1x4")):
        add(f"jpeg_{name}", cjpeg(rgb, "-sample", sampling), "jpg", psnr=32)
    add("jpeg_progressive", saved(rgb, "JPEG", quality=95, progressive=True), "jpg")
    add("jpeg_arithmetic", cjpeg(rgb, "-arithmetic"), "jpg")
    add("jpeg_restart", cjpeg(rgb, "-restart", "1"), "jpg")
    add("jpeg_grey", saved(grey, "JPEG", quality=95), "jpg", psnr=42)
    add("jpeg_rgb", cjpeg(rgb, "-rgb"), "jpg")
    large = scene(1201, 803)
    for name, options in (("", {}), ("_progressive", {"progressive": True}), ("_444", {"subsampling": 0})):
        add(f"jpeg_scaled{name}", saved(large, "JPEG", quality=60, **options), "jpg", edge=100)
    inks = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    inks[..., :3] = 255 - np.asarray(rgb)
    inks[..., 3] = np.linspace(0, 120, WIDTH)[None, :]
    cmyk = Image.frombytes("CMYK", rgb.size, inks.tobytes())
    adobe = saved(cmyk, "JPEG", quality=95)
    add("jpeg_cmyk_adobe", adobe, "jpg", expected=naive(cmyk))
    plain = saved(Image.frombytes("CMYK", rgb.size, (255 - inks).tobytes()), "JPEG", quality=95)
    add("jpeg_cmyk_plain", without_segment(plain, 0xEE), "jpg", expected=naive(cmyk))
    add("jpeg_ycck", turbojpeg(255 - inks, 11, 0), "jpg", expected=naive(cmyk))
    with_profile = saved(cmyk, "JPEG", quality=95, icc_profile=ink_profile())
    add("jpeg_cmyk_profile", with_profile, "jpg", psnr=34, expected=ImageCms.profileToProfile(
        cmyk, ImageCms.ImageCmsProfile(io.BytesIO(ink_profile())), ImageCms.createProfile("sRGB"), outputMode="RGB"))
    wide = matrix_profile((0.515, 0.241, -0.001), (0.292, 0.692, 0.042), (0.157, 0.067, 0.784), 1.8)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    add("jpeg_profile", saved(rgb, "JPEG", quality=95, icc_profile=wide), "jpg", psnr=33)
    add("jpeg_srgb_profile", saved(rgb, "JPEG", quality=95, icc_profile=srgb), "jpg")
    add("jpeg_grey_profile", saved(grey, "JPEG", quality=95, icc_profile=grey_profile(1.4)), "jpg", psnr=38)
    for orientation in range(1, 9):
        add(f"jpeg_exif_{orientation}", saved(rgb, "JPEG", quality=95, exif=exif(orientation)), "jpg", psnr=34)

    add("png_rgb", saved(rgb, "PNG"), "png")
    add("png_grey", saved(grey, "PNG"), "png", psnr=42)
    add("png_palette", saved(rgb.quantize(40), "PNG"), "png", psnr=30)
    faded = rgb.convert("RGBA")
    faded.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))))
    add("png_rgba", saved(faded, "PNG"), "png")
    add("png_grey_alpha", saved(faded.convert("LA"), "PNG"), "png", psnr=42)
    holes = rgb.quantize(40)
    add("png_palette_transparency", saved(holes, "PNG", transparency=bytes(range(0, 240, 6))), "png", psnr=28)
    ramp = np.tile(np.linspace(0, 65535, WIDTH).astype(np.uint16), (HEIGHT, 1))
    add("png_grey16", saved(Image.fromarray(ramp), "PNG"), "png", psnr=42)
    add("png_profile", saved(rgb, "PNG", icc_profile=wide), "png", psnr=33)
    add("png_grey_profile", saved(grey, "PNG", icc_profile=grey_profile(1.4)), "png", psnr=38)
    add("png_rgba_profile", saved(faded, "PNG", icc_profile=wide), "png", psnr=33)
    add("png_exif_6", saved(rgb, "PNG", exif=exif(6)), "png", psnr=34)
    add("png_scaled", saved(scene(401, 303), "PNG"), "png", edge=100)
    add("png_scaled_rgba", saved(faded.resize((400, 300)), "PNG"), "png", edge=90)

    add("webp_lossy", saved(rgb, "WEBP", quality=95), "webp")
    add("webp_lossless", saved(rgb, "WEBP", lossless=True), "webp")
    add("webp_alpha", saved(faded, "WEBP", quality=95, exact=True), "webp", psnr=34)
    add("webp_alpha_lossless", saved(faded, "WEBP", lossless=True, exact=True), "webp")
    add("webp_exif_8", saved(rgb, "WEBP", quality=95, exif=exif(8)), "webp", psnr=34)
    add("webp_profile", saved(rgb, "WEBP", lossless=True, icc_profile=wide), "webp", psnr=33)
    add("webp_animated", saved(rgb, "WEBP", save_all=True, append_images=[grey.convert("RGB")], quality=95), "webp",
        psnr=34)
    add("webp_scaled", saved(scene(801, 603), "WEBP", quality=60), "webp", edge=100)

    gif = rgb.quantize(200, dither=Image.Dither.NONE)
    add("gif", saved(gif, "GIF", interlace=0), "gif", psnr=33)
    add("gif_interlaced", saved(gif, "GIF", interlace=1), "gif", psnr=33)
    keyed = gif.copy()
    add("gif_transparent", saved(keyed, "GIF", transparency=int(np.asarray(keyed)[0, 0]), interlace=0), "gif", psnr=30)
    add("gif_animated", saved(gif, "GIF", save_all=True, append_images=[gif.transpose(Image.ROTATE_180)], loop=0),
        "gif", psnr=33)

    with open(os.path.join(HERE, "fixtures.csv"), "w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    print(len(rows), "fixtures")


main()
