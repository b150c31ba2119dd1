"""Visible: the words that a person sees on a picture which a model made."""

import math
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FONT = Path(__file__).with_name("mark.otf")
# Of the picture's short side, for the lowest of the large letters; GB 45438-2025 asks for 5 %, a little more is safe.
SHARE = 0.055
# Pixels of that letter: what everybody can read, and below what nobody can.
GOOD, LEAST = 9, 6
LETTER = "A"
# White on a dark field reads on any picture: even over white the two differ by more than 7 to 1.
FIELD = (0, 0, 0, 184)
# Over words in another language, which must not shine through.
OPAQUE = (0, 0, 0, 255)
WORDS = (255, 255, 255, 255)


class _Place(NamedTuple):
    """Where words and their field lie on a picture: `left, top, right, bottom` in pixels."""

    font: "FreeTypeFont"
    margin: int
    box: tuple[int, int, int, int]


def draw(picture: "Image", words: str, beneath: Collection[str] = ()) -> "Image":
    """A new picture with the words in its lower right corner; large letters have at least 5 % of the short side.

    `beneath` are words that may stand there already: nothing of them is seen. ValueError for a picture in which the words
    would be too small to read.
    """
    from PIL import Image, ImageDraw

    place = _place(picture.size, words)
    covered = _around(place.box, *_boxes(picture.size, beneath))
    # Drawn apart and laid over: what is transparent below must not shine through the words.
    marked = picture.convert("RGBA") if picture.mode != "RGBA" else picture.copy()
    below = marked.crop(covered)
    layer = Image.new("RGBA", below.size, (0, 0, 0, 0))
    brush = ImageDraw.Draw(layer)
    field = (0, 0, below.width - 1, below.height - 1)
    if beneath:
        brush.rectangle(field, fill=OPAQUE)
    else:
        brush.rounded_rectangle(field, radius=place.margin, fill=FIELD)
    left, top, *_ = place.font.getbbox(words)
    start = (place.box[0] - covered[0] + place.margin - left, place.box[1] - covered[1] + place.margin - top)
    brush.text(start, words, font=place.font, fill=WORDS)
    marked.paste(Image.alpha_composite(below, layer), covered[:2])
    return marked if picture.mode == "RGBA" else marked.convert("RGB")


def draw_on(content: bytes, words: str, beneath: Collection[str] = ()) -> tuple[bytes, tuple[int, int]]:
    """The picture file with the words on it and nothing seen of those `beneath`, and its size in pixels: the same kind of file, upright, without metadata.

    `content` is PNG, JPEG or WebP as our packs and uploads write them. ValueError when it is none, or too large, or
    too small.
    """
    from PIL import Image, ImageOps

    out = BytesIO()
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            kind = opened.format
            ImageOps.exif_transpose(opened, in_place=True)
            plain = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as fault:
        raise ValueError("the picture cannot be read") from fault
    draw(plain, words, beneath).save(out, kind, **_HOW.get(str(kind), {}))
    return out.getvalue(), plain.size


# The first save of what was never lossy should lose little.
_HOW: dict[str, dict[str, int]] = {"JPEG": {"quality": 95}, "WEBP": {"quality": 95}}


def _place(size: tuple[int, int], words: str) -> _Place:
    width, height = size
    font, margin = _fitting(width, height, words)
    left, top, right, bottom = font.getbbox(words)
    end = (width - margin, height - margin)
    start = (end[0] - math.ceil(right - left) - 2 * margin, end[1] - math.ceil(bottom - top) - 2 * margin)
    return _Place(font, margin, (*start, *end))


def _boxes(size: tuple[int, int], beneath: Collection[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where these words may stand. What does not fit does not."""
    for words in beneath:
        with suppress(ValueError):
            yield _place(size, words).box


def _around(*boxes: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The box that has all of these in it."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _fitting(width: int, height: int, words: str) -> tuple["FreeTypeFont", int]:
    """The font, and the room around the words in pixels, for the largest letters up to a good size that fit."""
    least = max(LEAST, math.ceil(min(width, height) * SHARE))
    for letter in range(max(GOOD, least), least - 1, -1):
        font, margin = _font_for(letter), letter // 3
        left, top, right, bottom = font.getbbox(words)
        if right - left + 4 * margin <= width and bottom - top + 4 * margin <= height:
            return font, margin
    raise ValueError("the picture is too small for words that can be read")


@cache
def _font_for(letter_height: int) -> "FreeTypeFont":
    """The font at the size at which a large letter has at least this many pixels."""
    from PIL import ImageFont

    size = letter_height
    while True:
        font = ImageFont.truetype(FONT, size)
        _, top, _, bottom = font.getbbox(LETTER)
        if bottom - top >= letter_height:
            return font
        size += 1
