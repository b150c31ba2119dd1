"""safety.faces: human faces in pictures, by the CenterFace network."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.packs.safety import categories
from runtime.packs.safety.network import open_network
from runtime.packs.safety.onnx_graph import any_size
from runtime.packs.safety.pixels import distinct, frames, starts
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match, with_model
from runtime.values import Data
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

SPEC = FilterSpec(
    id="safety.faces",
    version=1,
    title=Words("Faces", "人脸"),
    media=(Kind.IMAGE,),
    categories=(categories.FACE,),
    languages=(),
    licence="MIT",
    misses=Words(
        "Says that there is a face and not whose. Faces from behind or in profile, under masks, upside down, strongly "
        "blurred or below about twenty pixels pass; drawn faces are found at times, and things that look like faces too.",
        "只判断是否有人脸，不识别是谁。背面或侧面、戴口罩、倒置、严重模糊或小于约二十像素的人脸会漏过；手绘人脸有时会被检出，形似人脸的物体也可能被误报。",
    ),
    model="centerface",
    cost=150.0,
)

# The network's sides are multiples of this.
GRID = 32
# It knows faces of some tens of pixels best: a picture is looked at whole in three sizes, a large one in tiles as well.
SEEN = 640
SMALLER = (320, 160)
MAX_PARTS = 60


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    refs = data if isinstance(data, list) else [data]
    with services.models.use("centerface", load, "image-safety") as network:
        return [match for ref in refs for match in _check_picture(services.assets.read(ref), network)]


def _check_picture(content: bytes, network: Any) -> list[Match]:
    parts = distinct((part for frame in frames(content) for part in _parts(frame)), MAX_PARTS)
    return [Match(categories.FACE.id, max(_score(network, part) for part in parts))]


def load(folder: Path) -> Any:
    return open_network(any_size((folder / "centerface.onnx").read_bytes()))


def _parts(picture: "Image") -> Iterator["Image"]:
    """The whole in some sizes, and the overlapping tiles of a large one."""
    for side in (SEEN, *SMALLER):
        whole = picture.copy()
        whole.thumbnail((side, side))
        yield whole
    if max(picture.size) <= SEEN:
        return
    for top in starts(picture.height, SEEN, MAX_PARTS):
        for left in starts(picture.width, SEEN, MAX_PARTS):
            yield picture.crop((left, top, min(left + SEEN, picture.width), min(top + SEEN, picture.height)))


def _score(network: Any, picture: "Image") -> float:
    """How sure the network is of the face that it is surest of."""
    import numpy as np
    from PIL import Image

    width, height = (-(-side // GRID) * GRID for side in picture.size)
    framed = Image.new("RGB", (width, height))
    framed.paste(picture)
    pixels = np.asarray(framed, dtype=np.float32).transpose(2, 0, 1)
    (heat,) = network.run(["537"], {"input.1": np.ascontiguousarray(pixels[None])})
    return float(np.clip(heat.max(), 0.0, 1.0))


FACES = Filter(SPEC, check, ready=with_model("centerface", load, "image-safety"))
