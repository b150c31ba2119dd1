"""safety.nudity: nudity in pictures, by Yahoo's open_nsfw network in ONNX."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.packs.safety import categories
from runtime.packs.safety.network import open_network
from runtime.packs.safety.pixels import frames, starts
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
    cost=40.0,
)

# What the network was trained on: the middle 224 of 256 pixels, blue first, less the mean of its pictures.
RESIZED = 256
SEEN = 224
MEAN_BGR = (104.0, 117.0, 123.0)

# In a picture above this side a figure may be too small to count once all is squeezed into 256 pixels.
LARGE = 768
TILES_ACROSS = 3
MOST_TILES = 2 * TILES_ACROSS


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    refs = data if isinstance(data, list) else [data]
    with services.models.use("opennsfw", load, "image-safety") as network:
        return [match for ref in refs for match in _check_picture(services.assets.read(ref), network)]


def _check_picture(content: bytes, network: Any) -> list[Match]:
    score = max(_score(network, part) for frame in frames(content) for part in _parts(frame))
    return [Match(categories.SEXUAL_CONTENT.id, score)]


def load(folder: Path) -> Any:
    return open_network(folder / "open-nsfw.onnx")


def _parts(picture: "Image") -> Iterator["Image"]:
    """The whole, and the overlapping tiles of a large picture."""
    yield picture
    longest = max(picture.size)
    if longest <= LARGE:
        return
    side = min(max(longest // TILES_ACROSS, SEEN), *picture.size)
    for top in starts(picture.height, side, MOST_TILES):
        for left in starts(picture.width, side, MOST_TILES):
            yield picture.crop((left, top, left + side, top + side))


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
