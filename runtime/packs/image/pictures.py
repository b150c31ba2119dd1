"""Pictures in and out of the asset store: opened within limits, written as plain PNG without foreign metadata.

What a node writes holds 8 bits a colour and nothing that changes how they are shown, so that a filter and a person
see the same pixels.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from runtime.errors import UserError
from runtime.nodes.context import Assets, Context
from runtime.values import AssetRef
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

# A picture of this many pixels takes a quarter of a gigabyte while it is worked on.
MAX_PIXELS = 64_000_000
# What an upload may be, and nothing else that a decoder would also open.
FORMATS = ("PNG", "JPEG", "WEBP")


def open_picture(assets: Assets, ref: AssetRef) -> "Image":
    """The picture upright, as RGB, or as RGBA when anything in it is transparent.

    Raises UserError `picture_unreadable` or `picture_too_large` (before its pixels are decoded).
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(assets.read(ref)), formats=FORMATS) as opened:
            require_size(opened.width, opened.height)
            opened.seek(0)
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)  # a copy of a large picture is dear
            return eight_bits(opened)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(
            "picture_unreadable",
            Words("The picture cannot be read.", "无法读取该图像。"),
            Words("Save it again as PNG or JPEG.", "请重新保存为 PNG 或 JPEG 格式。"),
        ) from error


def eight_bits(picture: "Image") -> "Image":
    """The picture as RGB, or as RGBA when anything in it is transparent; itself when it is that already.

    Of deeper grey the higher byte counts, as browsers show it; Pillow's own conversion clips it to white.
    """
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


def flattened(picture: "Image") -> "Image":
    """The picture as RGB, on white where it is transparent."""
    from PIL import Image

    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def require_size(width: int, height: int) -> None:
    """UserError `picture_too_large` when a picture of this size would be too much to hold."""
    if width * height > MAX_PIXELS:
        raise UserError(
            "picture_too_large",
            Words(
                "The picture would have {given} million pixels; {most} are allowed.",
                "图像将有 {given} 百万像素，最多允许 {most} 百万。",
            ).fill(given=round(width * height / 1e6), most=MAX_PIXELS // 1_000_000),
            Words("Choose a smaller size.", "请选择更小的尺寸。"),
        )


def save_picture(context: Context, picture: "Image") -> AssetRef:
    """Store the pixels, and nothing else, as PNG."""
    return context.assets.write(as_png(picture), "image/png", picture.width, picture.height)


def as_png(picture: "Image") -> bytes:
    return encoded(picture, "PNG")


def encoded(picture: "Image", form: str, quality: int = 95) -> bytes:
    """The pixels as a file of one of FORMATS; `quality`, from 1 to 100, is for those that lose some."""
    from PIL import Image

    # Pixels copied into a new picture: no comment, profile or thumbnail of the original travels along.
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    out = BytesIO()
    clean.save(out, form, **({} if form == "PNG" else {"quality": quality}))
    return out.getvalue()
