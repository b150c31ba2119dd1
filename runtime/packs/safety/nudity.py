"""safety.nudity: nudity in pictures, by Yahoo's open_nsfw network in ONNX."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.packs.safety import categories
from runtime.packs.safety.network import open_network
from runtime.packs.safety.onnx_graph import any_size, cut_at, weights
from runtime.packs.safety.pixels import frames
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
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


@dataclass(frozen=True, slots=True)
class Network:
    """The network up to its last map, and how that is weighed: one number for each of 1,024 things that it saw."""

    session: Any
    weights: "np.ndarray"
    bias: float


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    refs = data if isinstance(data, list) else [data]
    with services.models.use("opennsfw", load, "image-safety") as network:
        return [match for ref in refs for match in _check_picture(services.assets.read(ref), network)]


def load(folder: Path) -> Network:
    model = (folder / "open-nsfw.onnx").read_bytes()
    session = open_network(any_size(cut_at(model, LAST_MAP)))
    # Two answers, decent and not: of the two only the difference counts.
    weights_of_both, bias = weights(model, WEIGHTS).reshape(-1, 2), weights(model, BIAS)
    return Network(session, weights_of_both[:, 1] - weights_of_both[:, 0], float(bias[1] - bias[0]))


def _check_picture(content: bytes, network: Network) -> list[Match]:
    evidence = max(_evidence(network, frame) for frame in frames(content))
    return [Match(categories.SEXUAL_CONTENT.id, 1 / (1 + math.exp(-evidence)))]


def _evidence(network: Network, picture: "Image") -> float:
    """Of the whole as the network was trained to see it, or of the part of a large one that has more."""
    from PIL import Image

    whole = float(_map(network, _middle(picture)).mean())
    longest = max(picture.size)
    for fineness in FINENESS:
        if longest > fineness.above:
            fine = picture.resize(_size(picture.size, fineness), Image.Resampling.BILINEAR)
            return max(whole, float(_means(_map(network, fine), fineness.part).max()))
    return whole


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


def _map(network: Network, picture: "Image") -> "np.ndarray":
    """What speaks for nudity at each place of a picture."""
    import numpy as np
    from PIL import Image

    # The pictures that the network was trained on had been through JPEG.
    packed = BytesIO()
    picture.save(packed, "JPEG")
    colours = Image.open(packed).split()[::-1]
    # A colour at a time: turned round and subtracted as triples it takes five times as long.
    pixels = np.empty((1, picture.height, picture.width, len(colours)), dtype=np.float32)
    for place, (colour, mean) in enumerate(zip(colours, MEAN_BGR, strict=True)):
        np.subtract(np.asarray(colour), np.float32(mean), out=pixels[0, :, :, place])
    (seen,) = network.session.run(None, {"input:0": pixels})
    evidence: np.ndarray = np.einsum("chw,c->hw", seen[0], network.weights) + network.bias
    return evidence


def _means(map_: "np.ndarray", side: int) -> "np.ndarray":
    """The mean of every square part."""
    import numpy as np

    sums = np.pad(map_.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    means: np.ndarray = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return means / side**2


NUDITY = Filter(SPEC, check)
