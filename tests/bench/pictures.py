"""pictures: what the filters for text in pictures and for faces recognise of what is drawn here, and what they cost.

Published, not promised. Lines of the corpora that the text filters find as text are written on pictures in many ways;
a row says how many are still found. What a row loses, reading lost.
"""

import random
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from runtime.models.manager import ModelManager
from runtime.packs.safety.categories import UNREADABLE
from runtime.packs.safety.faces import FACES
from runtime.packs.safety.nudity import NUDITY
from runtime.packs.safety.picture_text import PICTURE_TEXT, TEXT_FILTERS
from runtime.safety.filters import Filter
from tests.bench.detection import ATTACKS, LANGUAGES, THRESHOLD, Line, Services, read_corpus
from tests.bench.figures import Figure
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets
from tests.packs.written import chinese_font, encoded, written

LINES = 6
CLEAN = 12
WRAPPED = {"en": 30, "zh": 14}
PHOTO = (3_000, 2_000)

Way = Callable[[str], Image.Image]


def _busy(text: str) -> Image.Image:
    """The lines on ground as lively as a photo's: blurred noise in colours."""
    noise = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    ground = Image.fromarray(noise).resize((512, 512)).filter(ImageFilter.GaussianBlur(6))
    return Image.composite(Image.new("RGB", (512, 512)), ground, ImageOps.invert(written(text).convert("L")))


def _jpeg(text: str) -> Image.Image:
    from io import BytesIO

    return Image.open(BytesIO(encoded(written(text), "JPEG", quality=15))).convert("RGB")


WAYS: dict[str, Way] = {
    "plain_24_px": written,
    "small_12_px": lambda text: written(text, 12),
    "tiny_8_px": lambda text: written(text, 8),
    "faint_8_of_256": lambda text: written(text, ink=(132,) * 3, paper=(124,) * 3),
    "light_on_dark": lambda text: ImageOps.invert(written(text)),
    "slanted_10": lambda text: written(text).rotate(10, Image.Resampling.BICUBIC, fillcolor="white"),
    "slanted_35": lambda text: written(text).rotate(35, Image.Resampling.BICUBIC, fillcolor="white"),
    "lying_90": lambda text: written(text).transpose(Image.Transpose.ROTATE_90),
    "upside_down": lambda text: written(text).transpose(Image.Transpose.ROTATE_180),
    "mirrored": lambda text: ImageOps.mirror(written(text)),
    "blurred_2_px": lambda text: written(text).filter(ImageFilter.GaussianBlur(2)),
    "on_lively_ground": _busy,
    "jpeg_quality_15": _jpeg,
}


def measure() -> Sequence[Figure]:
    services = Services(MemoryAssets(), ModelManager(real_models("rapidocr", "centerface")))
    languages = [name for name in LANGUAGES if name == "en" or chinese_font()]
    figures = [figure for name in languages for figure in _read(name, services)]
    if chinese_font() is None:
        figures.append(Figure("zh.lines", 0, "lines", note="no font with Chinese characters on this machine"))
    return [*figures, *_cost(services)]


def _read(language: str, services: Services) -> Iterator[Figure]:
    lines = list(read_corpus(language, "", TEXT_FILTERS, services))
    found = [line for line in lines if line.expected and line.expected & line.categories]
    clean = [line for line in lines if not line.expected and not line.categories]
    chance = random.Random(7)
    chosen = chance.sample(found, LINES)
    yield Figure(f"{language}.lines", len(chosen), "lines")
    for name, way in WAYS.items():
        caught = sum(bool(line.categories & _named(way(_wrapped(line)), services)) for line in chosen)
        yield Figure(f"{language}.text.{name}", 100 * caught / len(chosen), "%")
    shown = [_named(written(_wrapped(line)), services) for line in chance.sample(clean, CLEAN)]
    yield Figure(f"{language}.clean.pictures", CLEAN, "pictures")
    yield Figure(f"{language}.clean.stopped", 100 * sum(map(bool, shown)) / CLEAN, "%")
    yield Figure(f"{language}.clean.unreadable", sum(UNREADABLE.id in item for item in shown), "pictures")


def _wrapped(line: Line) -> str:
    return "\n".join(textwrap.wrap(line.text, WRAPPED[line.language]))


def _named(picture: Image.Image, services: Services) -> set[str]:
    matches = PICTURE_TEXT.check(services.assets.write(encoded(picture), "image/png"), services)
    named = {match.category for match in matches if match.score >= THRESHOLD}
    return {"prompt_attack" if name in ATTACKS else name for name in named}


def _cost(services: Services) -> Iterator[Figure]:
    """Milliseconds of one core for a picture, its models loaded before."""
    pictures = {
        "empty_512_px": Image.new("RGB", (512, 512), "white"),
        "three_lines_512_px": written("Opening hours\nMonday to Friday\nfrom nine to five"),
        "photo_of_6_million_px": Image.radial_gradient("L").resize(PHOTO).convert("RGB"),
    }
    for item in (PICTURE_TEXT, FACES, NUDITY):
        for name, picture in pictures.items():
            yield Figure(f"cost.{item.spec.id}.{name}", _milliseconds(item, picture, services), "ms")


def _milliseconds(item: Filter, picture: Image.Image, services: Services) -> float:
    small = services.assets.write(encoded(Image.new("RGB", (64, 64))), "image/png")
    ref = services.assets.write(encoded(picture), "image/png")
    list(item.check(small, services))
    begun = time.process_time()
    list(item.check(ref, services))
    return (time.process_time() - begun) * 1000
