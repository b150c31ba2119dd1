"""Takes in an uploaded picture: recognised by its container, bounded, and stripped of all but what a decoder needs."""

import io

from PIL import Image

from builder.assets.containers import Animated, NotAPicture, Picture, read_container
from builder.assets.taken import Taken
from builder.common.errors import Refused
from runtime.words import Words

# The 12 million of a telephone's camera and some more. The child takes 4 bytes a pixel, several times over.
MAX_PIXELS = 13_000_000
MAX_SIDE = 16_384
# Longer than this and a scaled copy has no height left.
MAX_RATIO = 50
# Photos and scans have fewer than 200 pixels in a byte. A picture up to the size may be as plain as it likes.
MAX_PIXELS_PER_BYTE = 250
PLAIN_PIXELS = 4_000_000
# How the pictures of newer cameras begin, in the container that films and sounds have, too.
MODERN = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def take_picture(content: bytes) -> Taken | None:
    """The picture; None when the bytes begin like none. Nothing here decodes a pixel. Raises Refused."""
    if content[4:8] == b"ftyp" and content[8:12] in MODERN:
        raise Refused(
            "unknown_picture",
            Words("AVIF and HEIC pictures are not taken.", "不支持 AVIF 与 HEIC 图像。"),
            Words("Save the picture as JPEG, PNG or WebP.", "请将图像另存为 JPEG、PNG 或 WebP。"),
        )
    picture = _recognise(content)
    if picture is None:
        return None
    _check_limits(picture)
    _check_agreement(picture)
    return Taken(picture.media_type, picture.content, picture.width, picture.height)


def _recognise(content: bytes) -> Picture | None:
    try:
        picture = read_container(content)
    except Animated:
        raise Refused(
            "animated",
            Words("The file holds more than one picture.", "该文件包含多幅图像。"),
            Words("Upload a still picture.", "请上传静态图像。"),
        ) from None
    except NotAPicture:
        raise _damaged() from None
    return picture


def _check_limits(picture: Picture) -> None:
    width, height = picture.width, picture.height
    if not width or not height:
        raise _damaged()
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused(
            "too_many_pixels",
            Words(
                f"The picture has {width} × {height} pixels; 13 million are the limit.",
                f"该图像为 {width} × {height} 像素，上限为 1300 万像素。",
            ),
            Words("Upload a smaller copy.", "请上传较小的副本。"),
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise Refused(
            "too_narrow",
            Words(
                f"One side of the picture is more than {MAX_RATIO} times the other.",
                f"图像一边的长度超过另一边的 {MAX_RATIO} 倍。",
            ),
            Words("Cut it into pieces.", "请将其裁剪为几部分。"),
        )
    if width * height > max(PLAIN_PIXELS, MAX_PIXELS_PER_BYTE * len(picture.content)):
        raise Refused(
            "too_plain",
            Words(
                f"The picture has {width} × {height} pixels, far more than its {len(picture.content)} bytes describe.",
                f"该图像为 {width} × {height} 像素，远多于其 {len(picture.content)} 字节所能描述的内容。",
            ),
            Words("Upload a copy of up to 4 million pixels.", "请上传不超过 400 万像素的副本。"),
        )


def _check_agreement(picture: Picture) -> None:
    """What a decoder will see is what was judged: same format, same size, one frame, by a second reader."""
    try:
        with Image.open(io.BytesIO(picture.content), formats=(picture.format,)) as seen:
            agrees = seen.size == (picture.width, picture.height) and getattr(seen, "n_frames", 1) == 1
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _damaged() from None
    if not agrees:
        raise _damaged()


def _damaged() -> Refused:
    return Refused(
        "damaged_picture",
        Words("The picture is damaged, or is not what it seems to be.", "该图像已损坏，或与其表面类型不符。"),
        Words("Open it in a picture editor and save it anew.", "请在图像编辑器中打开并重新保存。"),
    )
