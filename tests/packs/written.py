"""Pictures with words on them, as tests and the benchmark want them: lines in a font, turned, faint, small."""

from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# Where systems put a font with Chinese characters. None is carried here: the smallest whole one has eight megabytes.
CHINESE_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def chinese_font() -> str | None:
    return next((path for path in CHINESE_FONTS if Path(path).is_file()), None)


def font_for(text: str, size: int) -> Font:
    """Pillow's own font, or one that has Chinese. FileNotFoundError where the system has none."""
    if not any("\u4e00" <= char <= "\u9fff" for char in text):
        return ImageFont.load_default(size)
    path = chinese_font()
    if path is None:
        raise FileNotFoundError("no font with Chinese characters: install fonts-noto-cjk")
    return ImageFont.truetype(path, size)


def written(
    text: str,
    size: int = 24,
    ink: Colour = (0, 0, 0),
    paper: Colour = (255, 255, 255),
    side: tuple[int, int] = (512, 512),
) -> Image.Image:
    """The lines of a text in the middle of a picture of so many pixels."""
    picture = Image.new("RGB", side, paper)
    place = (side[0] / 2, side[1] / 2)
    ImageDraw.Draw(picture).multiline_text(place, text, ink, font_for(text, size), "mm", spacing=size // 2)
    return picture


def upright(text: str, size: int = 32, side: tuple[int, int] = (512, 512)) -> Image.Image:
    """The characters one below the other."""
    return written("\n".join(text), size, side=side)


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
