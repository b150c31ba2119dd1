"""The largest uploads that are taken, in a process of their own: decoded, written anew and judged within 300 MB."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from builder.assets.containers import read_container
from builder.assets.store_upload import MAX_BYTES
from builder.assets.take_picture import MAX_PIXELS, MAX_PIXELS_PER_BYTE
from tests.models.cache import real_models

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 300
SIZE = (3_600, 3_600)

CHILD = """
import sys
from pathlib import Path
from builder.assets.containers import read_container
from runtime.models.manager import ModelManager
from runtime.models.shelf import open_shelf
from runtime.packs.image.input_image import input_image
from runtime.packs.safety import nudity
from tests.packs.doubles import MemoryContext
import numpy
from PIL import Image, ImageOps, PngImagePlugin, JpegImagePlugin, WebPImagePlugin

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024

models = ModelManager(open_shelf(Path(sys.argv[2])))
context = MemoryContext(models=models)
with models.use("opennsfw", nudity.load, "image-safety") as network:
    nudity._maps(network, [nudity._middle(Image.new("RGB", (300, 300)))])
before = peak()
picture = read_container(Path(sys.argv[1]).read_bytes())
context.arguments = {"photo": context.assets.write(picture.content, picture.media_type)}
ref = input_image.run(context, name="photo", label=None, asset=None)["image"]
written = peak()
nudity.check(ref, context)
print(written - before, peak() - before)
"""


def rough(mode: str) -> Image.Image:
    """A picture of many shades whose file stays within the limit of an upload."""
    bands = [Image.effect_noise((450, 450), 20 + 10 * number) for number in range(len(mode))]
    return Image.merge(mode, bands).resize(SIZE)


def deep_grey() -> Image.Image:
    grey = Image.effect_noise((900, 900), 40).resize(SIZE)
    return grey.convert("I").convert("I;16")


LARGEST: dict[str, Callable[[Path], None]] = {
    "progressive.jpg": lambda path: rough("RGB").save(path, quality=90, progressive=True, subsampling=0),
    "transparent.png": lambda path: rough("RGBA").save(path, compress_level=1),
    "transparent.webp": lambda path: rough("RGBA").save(path, quality=80, method=0),
    "deep.png": lambda path: deep_grey().save(path, transparency=0, compress_level=1),
    "turned.jpg": lambda path: rough("RGB").save(path, quality=60, exif=turned()),
}


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_upload_grows_a_child_by_less_than_300_megabytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    LARGEST[name](path)
    found = read_container(path.read_bytes())
    assert found is not None
    pixels = found.width * found.height
    assert MAX_PIXELS * 0.99 < pixels <= MAX_PIXELS, "as large as it may be"
    assert pixels / MAX_PIXELS_PER_BYTE < len(found.content) < MAX_BYTES, "and would be taken"
    done = subprocess.run(
        [sys.executable, "-c", CHILD, path, real_models().folder], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    written, judged = map(float, done.stdout.split())
    assert written < MEGABYTES and judged < MEGABYTES, f"written {written:.0f} MB, judged {judged:.0f} MB"
