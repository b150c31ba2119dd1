"""Boxes: the slanted rectangles around the patches of a map, e.g. around the lines of a text."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Runs = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its middle, the direction of its width (within 45 degrees of level), its sides, in pixels."""

    x: float
    y: float
    along: tuple[float, float]
    width: float
    height: float
    score: float

    def grown(self, by: float) -> "Box":
        return Box(self.x, self.y, self.along, self.width + 2 * by, self.height + 2 * by, self.score)

    def scaled(self, by: float) -> "Box":
        return Box(self.x * by, self.y * by, self.along, self.width * by, self.height * by, self.score)

    @property
    def corners(self) -> tuple[float, ...]:
        """x and y of the upper left corner, the lower left, the lower right and the upper right."""
        across = (-self.along[1], self.along[0])
        found: list[float] = []
        for right, down in ((-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)):
            for middle, axis in ((self.x, 0), (self.y, 1)):
                found.append(
                    middle + right * self.width * self.along[axis] + down * self.height * across[axis]
                )
        return tuple(found)


def boxes_of(odds: "NDArray[np.float32]", least: float) -> Iterator[Box]:
    """A box around each patch of a map (height x width, 0..1) that lies above `least`; its score is the patch's mean."""
    import numpy as np

    for runs in _patches(odds > least):
        rows, firsts, ends = runs.T
        sums = [odds[row, first:end].sum() for row, first, end in runs]
        score = float(np.sum(sums) / np.sum(ends - firsts))
        upper = np.concatenate([np.stack([firsts, rows], 1), np.stack([ends, rows], 1)])
        points = np.concatenate([upper, upper + np.array([0, 1])]).astype(np.float64)
        yield _smallest_box(_hull(points), score)


def _patches(mask: "NDArray[np.bool_]") -> Iterator["Runs"]:
    """The connected patches, each as its runs: row, first column, column after the last."""
    import numpy as np

    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, firsts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    runs = np.stack([rows, firsts, ends], axis=1)
    parents = _joined(runs.tolist(), mask.shape[0])
    patches = np.array([_root(parents, number) for number in range(len(runs))], dtype=np.intp)
    order = np.argsort(patches, kind="stable")
    borders = np.nonzero(np.diff(patches[order]))[0] + 1
    return (part for part in np.split(runs[order], borders) if len(part))


def _joined(runs: list[list[int]], height: int) -> list[int]:
    """For each run one that belongs to the same patch, at last the patch's first: runs that touch are joined."""
    parents = list(range(len(runs)))
    in_row: list[list[int]] = [[] for _ in range(height)]
    for number, (row, _, _) in enumerate(runs):
        in_row[row].append(number)
    for above, below in pairwise(in_row):
        i = j = 0
        while i < len(above) and j < len(below):
            (_, first, end), (_, other_first, other_end) = runs[above[i]], runs[below[j]]
            if first <= other_end and other_first <= end:
                one, other = _root(parents, above[i]), _root(parents, below[j])
                parents[max(one, other)] = min(one, other)
            if end < other_end:
                i += 1
            else:
                j += 1
    return parents


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _hull(points: "Floats") -> "Floats":
    """The corners of the convex hull, in order."""
    import numpy as np

    ordered = sorted(set(map(tuple, points.tolist())))

    def half(places: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        kept: list[tuple[float, ...]] = []
        for place in places:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], place) <= 0:
                kept.pop()
            kept.append(place)
        return kept[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _smallest_box(hull: "Floats", score: float) -> Box:
    """The smallest rectangle around a convex hull: one of its sides lies on a side of the hull."""
    import numpy as np

    sides = np.roll(hull, -1, axis=0) - hull
    angles = np.unique(np.round(np.arctan2(sides[:, 1], sides[:, 0]) % (np.pi / 2), 6))
    # Within 45 degrees of level, so that upright writing stands in its box as it stands in the picture.
    angles = np.where(angles > np.pi / 4, angles - np.pi / 2, angles)
    axes = np.stack([np.cos(angles), np.sin(angles)])
    along, across = hull @ axes, hull @ np.stack([-axes[1], axes[0]])
    lows = np.stack([along.min(0), across.min(0)])
    sizes = np.stack([along.max(0), across.max(0)]) - lows
    best = int(np.argmin(sizes[0] * sizes[1]))
    (u, v), (width, height) = lows[:, best] + sizes[:, best] / 2, sizes[:, best]
    right, down = axes[:, best]
    return Box(
        float(u * right - v * down),
        float(u * down + v * right),
        (float(right), float(down)),
        float(width),
        float(height),
        score,
    )
