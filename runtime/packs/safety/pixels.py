"""Pixels: a picture as a person may see it, frame by frame, for the filters that look at pictures."""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 64_000_000
MAX_FRAMES = 32
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# A viewer shows other colours for these than the stored ones, which are all that is judged here.
RECOLOURING = frozenset({b"gAMA", b"cHRM", b"iCCP", b"cICP"})


class NotJudged(Exception):
    """A picture that a filter cannot judge; the gate lets nothing pass."""


def frames(content: bytes) -> Iterator["Image"]:
    """Every frame as a person may see it: upright, and on black and on white where it is transparent.

    Raises NotJudged for too many pixels or frames and for colours that a viewer would change, OSError for no picture.
    """
    from PIL import Image

    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        if "icc_profile" in picture.info or (picture.format == "PNG" and RECOLOURING & _png_chunks(content)):
            raise NotJudged("colours that depend on the viewer")
        count = getattr(picture, "n_frames", 1)
        if picture.width * picture.height > MAX_PIXELS or count > MAX_FRAMES:
            raise NotJudged(f"{picture.width} x {picture.height} pixels, {count} frames")
        for number in range(count):
            picture.seek(number)
            shown = _eight_bits(_upright(picture, count == 1))
            if shown.mode == "RGBA" and shown.getchannel("A").getextrema() != (255, 255):
                for ground in ("black", "white"):
                    yield _flat(shown, ground)
            # What is hidden by transparency comes back in any viewer that ignores it.
            yield shown if shown.mode == "RGB" else shown.convert("RGB")


def distinct(parts: Iterable["Image"], most: int) -> list["Image"]:
    """The parts without those that are like an earlier one. Raises NotJudged at once for more than so many."""
    kept: dict[tuple[tuple[int, int], bytes], Image] = {}
    for part in parts:
        kept.setdefault((part.size, hashlib.sha256(part.tobytes()).digest()), part)
        if len(kept) > most:
            raise NotJudged(f"more than {most} parts")
    return list(kept.values())


def starts(length: int, side: int, most: int) -> list[int]:
    """Where at most so many tiles begin that cover the length, each overlapping the next by a quarter or more."""
    if length <= side:
        return [0]
    count = min(-(-(length - side) * 4 // (side * 3)) + 1, most)
    return [round(number * (length - side) / (count - 1)) for number in range(count)]


def _upright(picture: "Image", is_alone: bool) -> "Image":
    """A picture of its own, but for one that is alone and upright already: a copy costs as much as a small filter."""
    from PIL import ExifTags, ImageOps

    picture.load()
    if is_alone and picture.getexif().get(ExifTags.Base.Orientation, 1) == 1:
        return picture
    return ImageOps.exif_transpose(picture)


def _eight_bits(picture: "Image") -> "Image":
    """RGB, or RGBA when anything is transparent. Of deeper grey the higher byte counts, as browsers show it."""
    if picture.mode.startswith("I"):
        import numpy as np
        from PIL import Image

        deep = np.asarray(picture)
        grey = Image.fromarray((deep >> 8).astype(np.uint8))
        if (clear := picture.info.get("transparency")) is not None:
            grey.putalpha(Image.fromarray(np.where(deep == clear, 0, 255).astype(np.uint8)))
        picture = grey
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _flat(layer: "Image", ground: str) -> "Image":
    from PIL import Image

    flat = Image.new("RGB", layer.size, ground)
    flat.paste(layer, mask=layer)
    return flat


def _png_chunks(content: bytes) -> set[bytes]:
    """The kinds of all chunks in a PNG."""
    kinds, position = set(), 8
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        kinds.add(kind)
        position += 12 + length
    return kinds
