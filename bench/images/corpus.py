"""What a camera, a phone, a designer and a screenshot tool would upload, made of the artwork in Debian's packages.

Nothing of it is in the repository: build(folder) fetches the packages and makes the pictures there, about 1 GB, and
writes folder/corpus.csv with a line for each: class, file.
"""
import csv
import glob
import os
import random
import shutil
import subprocess

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Image.MAX_IMAGE_PIXELS = None

PACKAGES = ["gimp-help-common", "gimp-help-en", "gnome-backgrounds", "lomiri-wallpapers-16.04",
            "lomiri-wallpapers-20.04", "mate-backgrounds", "plasma-workspace-wallpapers", "tango-icon-theme",
            "ukui-wallpapers"]
LOMIRI16 = "lomiri-wallpapers-16.04/usr/share/backgrounds/"
LOMIRI20 = "lomiri-wallpapers-20.04/usr/share/backgrounds/"
PLASMA = "plasma-workspace-wallpapers/usr/share/wallpapers/"
MATE = "mate-backgrounds/usr/share/backgrounds/mate/"
UKUI = "ukui-wallpapers/usr/share/backgrounds/"
GNOME = "gnome-backgrounds/usr/share/backgrounds/gnome/"
GIMP = "gimp-help-en/usr/share/gimp/2.0/help/en/images/"

CAMERA24 = [LOMIRI20 + "Kleiber_by_Lukas_Baubkus.jpg", LOMIRI16 + "seeding_by_Clements_Engelhardt.jpg",
            LOMIRI16 + "Dragonfly_by_Bolly.jpg", LOMIRI16 + "sunset_by_Aitzol_Berasategi.jpg",
            LOMIRI16 + "Bridge_by_Sander_Klootwijk.jpg", LOMIRI16 + "picosdeeuropa_by_Aitzol_Berasategi.jpg",
            LOMIRI16 + "life_by_Aitzol_Berasategi.jpg", UKUI + "firstgeneration.jpg"]
CAMERA12 = [LOMIRI16 + "aitzgorri_by_Aitzol_Berasategi.jpg", LOMIRI16 + "greentock_by_Peter_Nerlich.jpg",
            LOMIRI16 + "free_by_Peter_Nerlich.jpg", LOMIRI16 + "Wine_by_Jakkub_Mede.jpg",
            LOMIRI16 + "friends_by_Aitzol_Berasategi.jpg", LOMIRI16 + "Picture_0B_by_freespace.jpg",
            MATE + "nature/Wood.jpg", UKUI + "string.jpg", LOMIRI16 + "umang_by_Abhishek_Mudgal.jpg",
            UKUI + "rhythm.jpg"]
PHONE = [PLASMA + f"{name}/contents/images/2560x1600.jpg" for name in ("Autumn", "FallenLeaf", "ColorfulCups", "Path")]
PHONE += [MATE + f"nature/{name}.jpg" for name in ("TwoWings", "LadyBird", "Garden")]
SMALL = [MATE + "nature/Storm.jpg", MATE + "nature/Dune.jpg", LOMIRI16 + "Picture_1A_by_freespace.jpg"]
ALPHA = [PLASMA + "FlyingKonqui/contents/images/2560x1600.png", PLASMA + "Elarun/contents/images/2560x1600.png",
         MATE + "abstract/Arc-Colors-Transparent-Wallpaper.png", MATE + "abstract/Spring.png",
         MATE + "abstract/Gulp.png", UKUI + "goldfish.png", MATE + "desktop/Float-into-MATE.png"]
SCREENSHOTS = [GIMP + name for name in (
    "toolbox/new-slider-interaction.png", "menus/file/save-as.png", "using/file-open-dialog.png",
    "preferences/prefs-image-window-title.png", "filters/render/gfig.png",
    "glossary/companding-curves-compared.png")]
# How a camera lays its picture down for each EXIF orientation.
LAID_DOWN = {1: None, 3: Image.ROTATE_180, 6: Image.ROTATE_90, 8: Image.ROTATE_270}


class Builder:
    def __init__(self, folder):
        self.folder = folder
        self.sources = os.path.join(folder, "sources")
        self.images = os.path.join(folder, "images")
        self.lines = []
        os.makedirs(self.sources, exist_ok=True)
        os.makedirs(self.images, exist_ok=True)

    def fetch(self):
        for package in PACKAGES:
            if not os.path.isdir(os.path.join(self.sources, package)):
                subprocess.run(["apt-get", "download", package], cwd=self.sources, check=True)
                archive = glob.glob(os.path.join(self.sources, package + "_*.deb"))[0]
                subprocess.run(["dpkg", "-x", archive, os.path.join(self.sources, package)], check=True)
                os.remove(archive)

    def open(self, source):
        return Image.open(os.path.join(self.sources, source))

    def path(self, kind, name):
        self.lines.append((kind, name))
        return os.path.join(self.images, name)

    def copy(self, kind, name, source):
        shutil.copy(os.path.join(self.sources, source), self.path(kind, name))

    def camera(self, kind, name, source, size, grain, seed, orientation=1, **options):
        """A photograph at a sensor's size, with a sensor's grain: without it the file is far too small."""
        image = self.open(source).convert("RGB")
        if image.width < image.height:
            size = size[::-1]
        pixels = np.asarray(image.resize(size, Image.LANCZOS)).astype(np.float32)
        noise = np.random.default_rng(seed)
        pixels += noise.normal(0, grain, pixels.shape[:2]).astype(np.float32)[..., None]
        pixels += noise.normal(0, grain * 0.4, pixels.shape).astype(np.float32)
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        if LAID_DOWN[orientation] is not None:
            image = image.transpose(LAID_DOWN[orientation])
            exif = Image.Exif()
            exif[0x0112] = orientation
            options["exif"] = exif.tobytes()
        image.save(self.path(kind, name), "JPEG", **options)

    def jpegs(self):
        for index, source in enumerate(CAMERA24):
            progressive = index % 3 == 2
            self.camera("JPEG 24 MP progressive" if progressive else "JPEG 24 MP baseline", f"jpeg24_{index}.jpg",
                        source, (6000, 4000), 3.0, index, 6 if index % 4 == 1 else 1, quality=90, subsampling=2,
                        progressive=progressive)
        for index, source in enumerate(CAMERA12):
            progressive = index % 4 == 3
            self.camera("JPEG 12 MP progressive" if progressive else "JPEG 12 MP baseline", f"jpeg12_{index}.jpg",
                        source, (4000, 3000), 2.5, 100 + index, {1: 6, 5: 3, 8: 8}.get(index, 1),
                        quality=90 if index % 2 == 0 else 93, subsampling=0 if index == 7 else 2,
                        progressive=progressive)
        for index, source in enumerate(PHONE):
            image = self.open(source).convert("RGB")
            size = (1600, 1200) if index % 2 else (1280, 960)
            wide = min(image.width, image.height * 4 // 3)
            high = wide * 3 // 4
            left, top = (image.width - wide) // 2, (image.height - high) // 2
            image = image.crop((left, top, left + wide, top + high)).resize(size, Image.LANCZOS)
            image.save(self.path("JPEG 1-2 MP", f"jpeg_{index}.jpg"), "JPEG", quality=85, subsampling=2,
                       progressive=index % 3 == 2, optimize=True)
        for index, source in enumerate(SMALL):
            self.copy("JPEG 1-2 MP", f"jpeg_{len(PHONE) + index}.jpg", source)

    def grain(self):
        """Pictures with so much grain that the ladder has something to do."""
        sources = [os.path.join(self.images, name) for kind, name in self.lines if kind.startswith(("JPEG 12", "JPEG 1-2"))]
        for index, source in enumerate(sources):
            with Image.open(source) as image:
                image = image.convert("RGB")
                image.thumbnail((1024, 1024), Image.LANCZOS)
            for strength in (8, 25):
                random_ = np.random.default_rng(index)
                pixels = np.asarray(image).astype(np.float32)
                pixels = pixels + random_.normal(0, strength, pixels.shape[:2])[..., None]
                pixels = pixels + random_.normal(0, strength * 0.4, pixels.shape)
                Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(
                    self.path("grain", f"grain_{index}_{strength}.png"), compress_level=1)

    def pngs(self):
        photos = [(CAMERA24[0], None), (CAMERA24[5], None), (CAMERA24[6], (2400, 1600)), (PHONE[0], (1600, 1000)),
                  (PHONE[2], (1280, 800))]
        for index, (source, size) in enumerate(photos):
            image = self.open(source).convert("RGB")
            image = image.resize(size, Image.LANCZOS) if size else image
            image.save(self.path("PNG photo", f"photo_{index}.png"))
        self.copy("PNG photo", "photo_5.png", PLASMA + "Patak/contents/images_dark/3840x2160.png")
        for index, source in enumerate(ALPHA):
            self.copy("PNG alpha", f"alpha_{index}.png", source)
        for index, source in enumerate(SCREENSHOTS):
            self.copy("PNG screenshot", f"screen_{index}.png", source)
        for index, (width, height, size) in enumerate([(1920, 1080, 15), (3840, 2160, 28)]):
            self.page(f"screen_{len(SCREENSHOTS) + index}.png", width, height, size, index)
        for index, name in enumerate(["single-window-mode.png", "image-window-multi.png"]):
            self.copy("PNG palette", f"palette_{index}.png", GIMP + "using/" + name)
        canopee = self.open(PLASMA + "Canopee/contents/images/3840x2160.png").convert("RGB").resize((1920, 1080))
        canopee.quantize(256).save(self.path("PNG palette", "palette_2.png"))
        spring = self.open(MATE + "abstract/Spring.png").convert("RGBA")
        spring.quantize(128, method=Image.Quantize.FASTOCTREE).save(self.path("PNG palette", "palette_3.png"))
        self.deep()
        icons = sorted(glob.glob(self.sources + "/tango-icon-theme/usr/share/icons/Tango/32x32/apps/*.png"))[::9][:4]
        icons += sorted(glob.glob(self.sources + "/tango-icon-theme/usr/share/icons/Tango/24x24/apps/*.png"))[::11][:2]
        for index, source in enumerate(icons):
            shutil.copy(source, self.path("icon", f"icon_{index}.png"))

    def page(self, name, width, height, size, seed):
        """A screenshot of a program full of text."""
        image = Image.new("RGB", (width, height), (250, 250, 252))
        draw = ImageDraw.Draw(image)
        font = ImageFont.load_default(size=size)
        with open("/usr/share/common-licenses/GPL-3", encoding="utf-8") as text:
            words = text.read().split()
        chance = random.Random(seed)
        draw.rectangle((0, 0, width, size * 2.4), fill=(45, 52, 70))
        draw.rectangle((0, size * 2.4, width / 5, height), fill=(235, 237, 242))
        top = size * 3
        while top < height - size:
            start = chance.randrange(len(words) - 20)
            line = " ".join(words[start:start + 18])[:int(width * 1.44 / size)]
            color = (25, 25, 30) if chance.random() < 0.85 else (20, 80, 200)
            draw.text((width / 5 + size, top), line, fill=color, font=font)
            draw.text((size, top), " ".join(words[start:start + 2])[:18], fill=(70, 75, 90), font=font)
            top += size * 1.55
        for index in range(6):
            left = width / 5 + size + index * size * 9
            draw.rounded_rectangle((left, size * 0.4, left + size * 8, size * 2), size / 2,
                                   fill=(66 + index * 20, 120, 200 - index * 18))
            draw.text((left + size, size * 0.55), f"Button {index}", fill="white", font=font)
        image.save(self.path("PNG screenshot", name))

    def deep(self):
        """16 bits a channel, with noise below what 8 bits would show."""
        import pyvips
        for index, (source, is_grey, scale) in enumerate(
                [(CAMERA12[2], False, 1), (CAMERA12[1], True, 1), (PHONE[0], False, 0.5)]):
            image = pyvips.Image.new_from_file(os.path.join(self.sources, source)).colourspace("srgb")
            if is_grey:
                image = image.colourspace("b-w")
            image = image.cast("float") * 257 + pyvips.Image.gaussnoise(image.width, image.height, sigma=60)
            image = image.cast("ushort").copy(interpretation="grey16" if is_grey else "rgb16")
            image = image.resize(scale) if scale != 1 else image
            image.pngsave(self.path("PNG 16 bit", f"deep_{index}.png"), compression=6)

    def others(self):
        for index, name in enumerate(["adwaita-l.webp", "pixels-d.webp", "licorice-d.webp"]):
            self.copy("WebP", f"webp_{index}.webp", GNOME + name)
        for index, (source, size, quality) in enumerate(
                [(CAMERA24[6], (3072, 2048), 85), (PHONE[0], (1600, 1000), 80)]):
            image = self.open(source).convert("RGB").resize(size, Image.LANCZOS)
            image.save(self.path("WebP", f"webp_{3 + index}.webp"), quality=quality)
        crop = self.open(PHONE[2]).convert("RGB").resize((600, 400), Image.LANCZOS)
        crop.save(self.path("WebP", "webp_5.webp"), lossless=True)
        cups = self.open(PHONE[2]).convert("RGB").resize((1280, 800))
        cups.quantize(256).save(self.path("GIF", "gif_0.gif"))
        frames = [cups.crop((20 * step, 0, 20 * step + 640, 480)).quantize(128) for step in range(12)]
        frames[0].save(self.path("GIF", "gif_1.gif"), save_all=True, append_images=frames[1:], duration=80, loop=0)
        self.open(GIMP + "using/single-window.png").save(self.path("GIF", "gif_2.gif"))

    def huge(self):
        """For the memory alone."""
        image = self.open(CAMERA24[0]).convert("RGB")
        image.resize((11_600, 8_600)).save(os.path.join(self.images, "huge.jpg"), quality=90)
        image.resize((5_477, 3_651)).save(os.path.join(self.images, "huge.png"))


def build(folder):
    """Gives (class, path) of every picture; makes them when they are not there yet."""
    listing = os.path.join(folder, "corpus.csv")
    if not os.path.exists(listing):
        builder = Builder(folder)
        builder.fetch()
        builder.jpegs()
        builder.pngs()
        builder.others()
        builder.huge()
        builder.grain()
        with open(listing, "w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows(builder.lines)
    with open(listing, newline="", encoding="utf-8") as lines:
        return [(kind, os.path.join(folder, "images", name)) for kind, name in csv.reader(lines)]
