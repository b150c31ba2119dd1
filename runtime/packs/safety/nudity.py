"""safety.nudity: nudity in pictures, by Yahoo's open_nsfw network in ONNX."""

import struct
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.models.telemetry import no_telemetry
from runtime.models.threads import threads
from runtime.packs.safety import categories
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

SPEC = FilterSpec(
    id="safety.nudity",
    version=1,
    title=Words("Nudity", "裸露内容"),
    media=(Kind.IMAGE,),
    categories=(categories.SEXUAL_CONTENT,),
    languages=(),
    licence="Apache-2.0 AND BSD-2-Clause",
    misses=Words(
        "Looks for nudity in photos and nothing else: violence, hate symbols, text in pictures and drawn nudity pass "
        "often. A network of 2016: small figures in large scenes, unusual light and heavy edits lower its score; "
        "bare skin in sport, medicine or art may raise it.",
        "只检查照片中的裸露内容：暴力、仇恨符号、图中文字与手绘裸露常会漏过。网络训练于 2016 年：大场景中的小人物、特殊光线和重度编辑会降低得分；"
        "体育、医疗或艺术中的裸露皮肤可能抬高得分。",
    ),
    model="opennsfw",
    cost=60.0,
)

# What the network was trained on: the middle 224 of 256 pixels, blue first, less the mean of its pictures.
RESIZED = 256
SEEN = 224
MEAN_BGR = (104.0, 117.0, 123.0)

MAX_PIXELS = 64_000_000
MAX_FRAMES = 32
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# A viewer shows other colours for these than the stored ones, which are all that is judged here.
RECOLOURING = frozenset({b"gAMA", b"cHRM", b"iCCP", b"cICP"})
# In a picture above this side a figure may be too small to count once all is squeezed into 256 pixels.
LARGE = 768
TILES_ACROSS = 3


class NotJudged(Exception):
    """A picture that this filter cannot judge; the gate lets nothing pass."""


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    refs = data if isinstance(data, list) else [data]
    with services.models.use("opennsfw", load, "image-safety") as network:
        return [match for ref in refs for match in _check_picture(services.assets.read(ref), network)]


def _check_picture(content: bytes, network: Any) -> list[Match]:
    score = max(_score(network, part) for frame in _frames(content) for part in _parts(frame))
    return [Match(categories.SEXUAL_CONTENT.id, score)]


def load(folder: Path) -> Any:
    no_telemetry()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        folder / "open-nsfw.onnx", options, providers=["CPUExecutionProvider"]
    )


def _frames(content: bytes) -> Iterator["Image"]:
    """Every frame as a person may see it: upright, and on black and on white where it is transparent."""
    from PIL import Image, ImageOps

    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        if "icc_profile" in picture.info or (picture.format == "PNG" and RECOLOURING & _png_chunks(content)):
            raise NotJudged("colours that depend on the viewer")
        frames = getattr(picture, "n_frames", 1)
        if picture.width * picture.height > MAX_PIXELS or frames > MAX_FRAMES:
            raise NotJudged(f"{picture.width} x {picture.height} pixels, {frames} frames")
        for number in range(frames):
            picture.seek(number)
            shown = _eight_bits(ImageOps.exif_transpose(picture))
            if shown.mode == "RGBA" and shown.getchannel("A").getextrema() != (255, 255):
                for ground in ("black", "white"):
                    yield _flat(shown, ground)
            # What is hidden by transparency comes back in any viewer that ignores it.
            yield shown if shown.mode == "RGB" else shown.convert("RGB")


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


def _parts(picture: "Image") -> Iterator["Image"]:
    """The whole, and the overlapping tiles of a large picture."""
    yield picture
    longest = max(picture.size)
    if longest <= LARGE:
        return
    side = min(max(longest // TILES_ACROSS, SEEN), *picture.size)
    for top in _starts(picture.height, side):
        for left in _starts(picture.width, side):
            yield picture.crop((left, top, left + side, top + side))


def _starts(length: int, side: int) -> list[int]:
    """Where tiles begin so that they cover the length, each overlapping the next by a quarter or more."""
    if length <= side:
        return [0]
    count = min(-(-(length - side) * 4 // (side * 3)) + 1, 2 * TILES_ACROSS)
    return [round(number * (length - side) / (count - 1)) for number in range(count)]


def _score(network: Any, picture: "Image") -> float:
    import numpy as np
    from PIL import Image

    edge = (RESIZED - SEEN) // 2
    small = picture.resize((RESIZED, RESIZED), Image.Resampling.BILINEAR)
    cropped = small.crop((edge, edge, edge + SEEN, edge + SEEN))
    # The pictures that the network was trained on had been through JPEG.
    packed = BytesIO()
    cropped.save(packed, "JPEG")
    pixels = np.asarray(Image.open(packed), dtype=np.float32)[:, :, ::-1] - np.array(
        MEAN_BGR, dtype=np.float32
    )
    (odds,) = network.run(None, {network.get_inputs()[0].name: np.ascontiguousarray(pixels[None])})
    return float(odds[0][1])


NUDITY = Filter(SPEC, check)
