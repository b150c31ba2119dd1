"""Visible: the words that a person sees on a picture which a model made."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FONT = Path(__file__).with_name("mark.otf")
# Of the picture's short side, for the lowest of the large letters; GB 45438-2025 asks for 5 %, a little more is safe.
SHARE = 0.055
LEAST = 9  # pixels of that letter: below them nobody reads it
LETTER = "A"
# White on a dark field reads on any picture: even over white the two differ by more than 7 to 1.
FIELD = (0, 0, 0, 184)
WORDS = (255, 255, 255, 255)


def draw(picture: "Image", words: str) -> "Image":
    """A new picture with the words in its lower right corner; large ones are never smaller than 5 % of the short side."""
    from PIL import Image, ImageDraw

    width, height = picture.size
    font = _font_for(max(LEAST, round(min(width, height) * SHARE + 0.5)))
    left, top, right, bottom = font.getbbox(words)
    margin = max(2, round((bottom - top) / 4))
    corner = (width - margin, height - margin)
    start = (corner[0] - (right - left) - 2 * margin, corner[1] - (bottom - top) - 2 * margin)
    # Drawn apart and laid over: what is transparent below must not shine through the words.
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    brush = ImageDraw.Draw(layer)
    brush.rounded_rectangle((*start, *corner), radius=margin, fill=FIELD)
    brush.text((start[0] + margin - left, start[1] + margin - top), words, font=font, fill=WORDS)
    marked = Image.alpha_composite(picture.convert("RGBA"), layer)
    return marked if picture.mode == "RGBA" else marked.convert("RGB")


def draw_on(content: bytes, words: str) -> bytes:
    """The picture file with the words on it: the same kind of file, without any of its metadata.

    `content` is PNG, JPEG or WebP as our packs and uploads write them. OSError when it is none.
    """
    from PIL import Image

    out = BytesIO()
    with Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
        kind = opened.format
        plain = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    draw(plain, words).save(out, kind, **_HOW.get(str(kind), {}))
    return out.getvalue()


# The first save of what was never lossy should lose little.
_HOW: dict[str, dict[str, int]] = {"JPEG": {"quality": 95}, "WEBP": {"quality": 95}}


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
