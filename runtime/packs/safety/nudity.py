"""safety.nudity: nudity in pictures, by Yahoo's open_nsfw network in ONNX."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runtime.packs.safety import categories
from runtime.packs.safety.network import open_network
from runtime.packs.safety.onnx_graph import any_size, cut_at, weights
from runtime.packs.safety.pixels import frames
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match, with_model
from runtime.values import AssetRef, Data
from runtime.words import Words

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

SPEC = FilterSpec(
    id="safety.nudity",
    version=2,
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

# Its last layers take the mean of a map of what it saw where, one place for 32 pixels, and weigh that. Of a large
# picture, in which a figure may be too small to count once all is squeezed into 256 pixels, it makes a finer map; each
# part of that, with the parts overlapping at every place, is then weighed as if it were a picture of its own, for
# next to nothing. Cutting the picture into tiles took five times as long and found no more.
PLACE = 32
LAST_MAP = "Relu_48:0"
WEIGHTS, BIAS = "fc_nsfw/MatMul/ReadVariableOp:0", "fc_nsfw/BiasAdd/ReadVariableOp:0"
LONGEST_SIDE = 64  # places


@dataclass(frozen=True, slots=True)
class Fineness:
    """From which longer side on, how many places a square picture gets on a side, and how many a part has."""

    above: int
    places: int
    part: int


# Smaller parts, or finer maps, find more and alarm more often where there is nothing.
FINENESS = (Fineness(1_536, 18, 5), Fineness(768, 10, 4))


# Middles that go through the network at once; more take more memory and save no time.
TOGETHER = 8


@dataclass(slots=True)
class Seen:
    """Of one picture the middle of each frame, not looked at yet, and what its finer maps have shown."""

    middles: list["Image"]
    evidence: float


@dataclass(frozen=True, slots=True)
class Network:
    """The network up to its last map, and how that is weighed: one number for each of 1,024 things that it saw."""

    session: Any
    weights: "np.ndarray"
    bias: float


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    refs = data if isinstance(data, list) else [data]
    return [match for matches in check_each(refs, services) for match in matches]


def check_each(values: Sequence[Data], services: FilterServices) -> Iterator[list[Match]]:
    """The small middles of several pictures go through the network together; large ones are decoded one at a time."""
    waiting: list[Seen] = []
    with services.models.use("opennsfw", load, "image-safety") as network:
        for number, ref in enumerate(values, start=1):
            waiting.append(_see(services.assets.read(cast(AssetRef, ref)), network))
            if number == len(values) or sum(len(seen.middles) for seen in waiting) >= TOGETHER:
                yield from _weigh(waiting, network)
                waiting = []


def load(folder: Path) -> Network:
    model = (folder / "open-nsfw.onnx").read_bytes()
    session = open_network(any_size(cut_at(model, LAST_MAP)))
    # Two answers, decent and not: of the two only the difference counts.
    weights_of_both, bias = weights(model, WEIGHTS).reshape(-1, 2), weights(model, BIAS)
    return Network(session, weights_of_both[:, 1] - weights_of_both[:, 0], float(bias[1] - bias[0]))


def _see(content: bytes, network: Network) -> Seen:
    seen = Seen([], -math.inf)
    for frame in frames(content):
        seen.middles.append(_middle(frame))
        seen.evidence = max(seen.evidence, _of_parts(network, frame))
    return seen


def _weigh(pictures: Sequence[Seen], network: Network) -> Iterator[list[Match]]:
    middles = [middle for seen in pictures for middle in seen.middles]
    means: list[float] = []
    for start in range(0, len(middles), TOGETHER):
        means += _maps(network, middles[start : start + TOGETHER]).mean((1, 2)).tolist()
    each = iter(means)
    for seen in pictures:
        evidence = max([seen.evidence, *(next(each) for _ in seen.middles)])
        yield [Match(categories.SEXUAL_CONTENT.id, 1 / (1 + math.exp(-evidence)))]


def _of_parts(network: Network, picture: "Image") -> float:
    """What the part of a large picture has that has most of it."""
    from PIL import Image

    longest = max(picture.size)
    for fineness in FINENESS:
        if longest > fineness.above:
            fine = picture.resize(_size(picture.size, fineness), Image.Resampling.BILINEAR)
            return float(_means(_maps(network, [fine])[0], fineness.part).max())
    return -math.inf


def _middle(picture: "Image") -> "Image":
    """The middle of the picture as 256 pixels would show it; their border, which nobody looks at, is not made."""
    from PIL import Image

    edge = (RESIZED - SEEN) / 2 / RESIZED
    (left, top), (right, bottom) = ([side * share for side in picture.size] for share in (edge, 1 - edge))
    return picture.resize((SEEN, SEEN), Image.Resampling.BILINEAR, (left, top, right, bottom))


def _size(size: tuple[int, int], fineness: Fineness) -> tuple[int, int]:
    """As many places as a square would have, in the picture's own shape; a strip is no narrower than a part."""
    across = math.sqrt(size[0] / size[1])
    places = [fineness.places * across, fineness.places / across]
    widened = max(1.0, fineness.part / min(places))
    width, height = (PLACE * min(LONGEST_SIDE, max(fineness.part, round(side * widened))) for side in places)
    return width, height


def _maps(network: Network, pictures: Sequence["Image"]) -> "np.ndarray":
    """What speaks for nudity at each place of some pictures of one size: (pictures, rows, columns)."""
    import numpy as np

    (width, height) = pictures[0].size
    pixels = np.empty((len(pictures), height, width, len(MEAN_BGR)), dtype=np.float32)
    for number, picture in enumerate(pictures):
        _fill(pixels[number], picture)
    (seen,) = network.session.run(None, {"input:0": pixels})
    evidence: np.ndarray = np.einsum("nchw,c->nhw", seen, network.weights) + network.bias
    return evidence


def _fill(pixels: "np.ndarray", picture: "Image") -> None:
    import numpy as np
    from PIL import Image

    # The pictures that the network was trained on had been through JPEG.
    packed = BytesIO()
    picture.save(packed, "JPEG")
    colours = Image.open(packed).split()[::-1]
    # A colour at a time: turned round and subtracted as triples it takes five times as long.
    for place, (colour, mean) in enumerate(zip(colours, MEAN_BGR, strict=True)):
        np.subtract(np.asarray(colour), np.float32(mean), out=pixels[:, :, place])


def _means(map_: "np.ndarray", side: int) -> "np.ndarray":
    """The mean of every square part."""
    import numpy as np

    sums = np.pad(map_.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    means: np.ndarray = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return means / side**2


NUDITY = Filter(SPEC, check, check_each, with_model("opennsfw", load, "image-safety"))
