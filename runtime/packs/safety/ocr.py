"""OCR: reads the lines of a picture with PP-OCR's networks: one finds where writing stands, one spells it out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.packs.safety.boxes import Box, boxes_of
from runtime.packs.safety.network import open_network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

# Both networks were trained on pixels from -1 to 1; the first on sides that are multiples of 32.
GRID = 32
# Writing that touches the edge of what the network sees is often not found.
EDGE = 16
WRITING = 0.3
LIKELY = 0.5
# The map shows the core of a line; its border lies so far outside, as a share of area to circumference.
UNCLIP = 1.6
THINNEST = 3.0
MAX_LINES = 400
# The second network reads lines of this height; so many columns of them at a time.
TALL = 48
WIDEST = 3200
BATCH_WIDTH = 4800
# Of a box higher than this share of its width nobody knows which way it is to be read.
UPRIGHT = 1.5
# What was spelled with less confidence is tried turned round and mirrored.
SURE = 0.9
SURER = 0.05


class TooMuch(Exception):
    """More lines than are read in one picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in a box. `confidence` (0..1) is the mean of its letters; `turned` unless it reads as it stands."""

    text: str
    confidence: float
    box: Box
    turned: bool = False


class Reader:
    """The two loaded networks."""

    def __init__(self, folder: Path) -> None:
        self._finder = open_network(folder / "find.onnx")
        self._speller = open_network(folder / "spell.onnx")
        known: str = self._speller.get_modelmeta().custom_metadata_map["character"]
        # The first sign stands for none, the last for a blank.
        self._signs = ("", *known.split("\n"), " ")

    def lines(self, picture: "Image") -> list[Line]:
        """The lines of an RGB picture, as they are read: from the top, and from the left. Raises TooMuch."""
        found = self._find(picture)
        if len(found) > MAX_LINES:
            raise TooMuch(f"{len(found)} lines")
        cuts = [(box, _cut(picture, box)) for box in found]
        upright = [(box, cut) for box, cut in cuts if cut.height < UPRIGHT * cut.width]
        standing = [
            (box, way) for box, cut in cuts if cut.height >= UPRIGHT * cut.width for way in _ways_up(cut)
        ]
        lines = self._spell(upright) + _surest(self._spell(standing, turned=True))
        unsure = {line.box for line in lines if line.confidence < SURE}
        again = [(box, way) for box, cut in upright if box in unsure for way in _ways_round(cut)]
        return _in_order(_surest([*lines, *self._spell(again, turned=True)]))

    def _find(self, picture: "Image") -> list[Box]:
        import numpy as np
        from PIL import Image

        width, height = (-(-(side + 2 * EDGE) // GRID) * GRID for side in picture.size)
        ground = tuple(np.median(_border(picture), axis=0).astype(int).tolist())
        framed = Image.new("RGB", (width, height), ground)
        framed.paste(picture, (EDGE, EDGE))
        (odds,) = self._finder.run(None, {"x": _signal(framed)[None]})
        grown = (
            replace(box, x=box.x - EDGE, y=box.y - EDGE).grown(_margin(box))
            for box in boxes_of(odds[0, 0], WRITING)
            if box.score >= LIKELY and min(box.width, box.height) >= THINNEST
        )
        return list(grown)

    def _spell(self, cuts: Sequence[tuple[Box, "Image"]], turned: bool = False) -> list[Line]:
        """A line for each cut, several at a time, the narrow ones together."""
        import numpy as np

        sized = sorted(((box, _of_height(cut)) for box, cut in cuts), key=lambda item: item[1].width)
        lines: list[Line] = []
        while sized:
            count = max(1, BATCH_WIDTH // sized[-1][1].width)
            batch, sized = sized[-count:], sized[:-count]
            signal = np.zeros((len(batch), 3, TALL, batch[-1][1].width), dtype=np.float32)
            for row, (_, cut) in zip(signal, batch, strict=True):
                row[:, :, : cut.width] = _signal(cut)
            (odds,) = self._speller.run(None, {"x": signal})
            for (box, _), row in zip(batch, odds, strict=True):
                lines.append(Line(*self._letters(row), box, turned))
        return lines

    def _letters(self, odds: "NDArray[np.float32]") -> tuple[str, float]:
        """The likeliest sign of each column, one for each run of the same."""
        import numpy as np

        best = odds.argmax(axis=1)
        kept = (best != 0) & (best != np.concatenate([[0], best[:-1]]))
        if not kept.any():
            return "", 0.0
        return "".join(self._signs[sign] for sign in best[kept]), float(odds.max(axis=1)[kept].mean())


def load(folder: Path) -> Reader:
    return Reader(folder)


def _signal(picture: "Image") -> "NDArray[np.float32]":
    import numpy as np

    pixels = np.asarray(picture, dtype=np.float32)[:, :, ::-1]  # blue first
    return np.ascontiguousarray((pixels / 127.5 - 1).transpose(2, 0, 1))


def _border(picture: "Image") -> "NDArray[np.uint8]":
    import numpy as np

    pixels = np.asarray(picture)
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def _margin(box: Box) -> float:
    return UNCLIP * box.width * box.height / (2 * (box.width + box.height))


def _cut(picture: "Image", box: Box) -> "Image":
    """What stands in the box, set level."""
    from PIL import Image

    size = max(1, round(box.width)), max(1, round(box.height))
    return picture.transform(size, Image.Transform.QUAD, box.corners, Image.Resampling.BICUBIC)


def _of_height(cut: "Image") -> "Image":
    from PIL import Image

    width = min(max(round(cut.width * TALL / cut.height), 8), WIDEST)
    return cut.resize((width, TALL), Image.Resampling.BILINEAR)


def _ways_up(cut: "Image") -> "Iterable[Image]":
    """A line that stands: fallen to the left, fallen to the right, or with upright letters one below the other."""
    from PIL import Image

    yield cut.transpose(Image.Transpose.ROTATE_90)
    yield cut.transpose(Image.Transpose.ROTATE_270)
    count = round(cut.height / cut.width)
    row = Image.new("RGB", (cut.width * count, cut.width))
    for number in range(count):
        top = round(number * cut.height / count)
        row.paste(cut.crop((0, top, cut.width, top + cut.width)), (number * cut.width, 0))
    yield row


def _ways_round(cut: "Image") -> "Iterable[Image]":
    from PIL import Image

    yield cut.transpose(Image.Transpose.ROTATE_180)
    yield cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _surest(lines: Iterable[Line]) -> list[Line]:
    """Of the ways to read each box the surest; the first, unless another is clearly surer."""
    best: dict[Box, Line] = {}
    for line in lines:
        known = best.get(line.box)
        if known is None or line.confidence > known.confidence + SURER:
            best[line.box] = line
    return list(best.values())


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """From the top, and from the left what stands beside each other, along the slant that most lines have."""
    if not lines:
        return []
    right, down = sorted(line.box.along for line in lines)[len(lines) // 2]

    def below(line: Line) -> float:
        return line.box.y * right - line.box.x * down

    rows: list[list[Line]] = []
    for line in sorted(lines, key=below):
        if rows and below(line) - below(rows[-1][0]) < min(line.box.height, rows[-1][0].box.height) / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [
        line for row in rows for line in sorted(row, key=lambda line: line.box.x * right + line.box.y * down)
    ]
