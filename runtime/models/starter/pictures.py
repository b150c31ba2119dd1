"""Pictures: icons put on grounds, mirrored, moved, recoloured and paired."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from runtime.models.starter.captions import COLOURS, STYLES, caption
from runtime.models.starter.data import ICON, SIDE, World

HUES = ("red", "orange", "yellow", "green", "blue", "purple", "pink")  # that an icon may be turned to
SMALL, SMALL_TOP = 30, 17  # pixels: the icons in a picture of two, side by side in the middle
SIZES = (ICON, 48, SMALL)


@dataclass(frozen=True, slots=True)
class Mix:
    """How often a training picture is not just one icon on white. The parts are tried in this order."""

    pair: float = 0.12
    ground: float = 0.25
    hue: float = 0.15
    moved: float = 0.03  # no caption says these two, so that they blur what is seen in nothing but noise
    mirrored: float = 0.04


@dataclass(frozen=True, slots=True)
class Placed:
    """One icon as it will stand in a picture."""

    subject: int
    style: int
    size: int
    top: int
    left: int
    mirrored: bool = False
    turned: float = 0.0  # of its hue, in radians

    @property
    def thing(self) -> int:
        """The number of the icon among all subjects in all styles."""
        return self.subject * len(STYLES) + self.style


@dataclass(frozen=True, slots=True)
class Scene:
    """What one picture shows: one icon or two, from left to right, on white or on a named ground, in a named hue or its own."""

    icons: tuple[Placed, ...]
    ground: str | None = None
    hue: str | None = None

    @property
    def things(self) -> tuple[int, ...]:
        return tuple(icon.thing for icon in self.icons)


class Painter:
    """Makes training pictures with their captions: what to paint is drawn by lot, and a batch is painted at once."""

    def __init__(self, world: World, device: torch.device | str = "cpu") -> None:
        self.subjects = world.subjects
        self.device = torch.device(device)
        flat = world.icons.flatten(0, 1).float() / 255
        # One row an icon, the styles of a subject side by side.
        self.icons = {
            size: functional.interpolate(flat, (size, size), mode="bilinear", antialias=True)
            .clamp(0, 1)
            .to(device)
            for size in SIZES
        }
        self._hues = [_dominant_hue(icon) for icon in self.icons[30].cpu()]

    def plain(self) -> Tensor:
        """Every icon in both styles on white: (subjects * styles, 3, SIDE, SIDE)."""
        icons, pad = self.icons[ICON], (SIDE - ICON) // 2
        return functional.pad((icons[:, :3] + 1 - icons[:, 3:]).clamp(0, 1), (pad,) * 4, value=1.0) * 2 - 1

    def plan(self, count: int, rng: random.Random, mix: Mix) -> tuple[list[Scene], list[str]]:
        """What to paint, drawn by lot, and what one might call each."""
        scenes, captions = [], []
        for _ in range(count):
            ground = rng.choice([*COLOURS]) if rng.random() < mix.ground else None
            two = rng.random() < mix.pair
            icons, hue = (self._two(rng), None) if two else self._one(rng, mix)
            subjects = [self.subjects[icon.subject] for icon in icons]
            captions.append(caption(subjects, STYLES[icons[0].style], rng, ground=ground, hue=hue))
            scenes.append(Scene(tuple(icons), ground, hue))
        return scenes, captions

    def paint(self, count: int, rng: random.Random, mix: Mix) -> tuple[Tensor, list[str]]:
        """(count, 3, SIDE, SIDE) in -1..1, and what one might call each."""
        scenes, captions = self.plan(count, rng, mix)
        return self.draw(scenes), captions

    def _two(self, rng: random.Random) -> list[Placed]:
        style = rng.randrange(len(STYLES))
        chosen = rng.sample(range(len(self.subjects)), 2)
        return [Placed(n, style, SMALL, SMALL_TOP, 1 + SIDE // 2 * side) for side, n in enumerate(chosen)]

    def _one(self, rng: random.Random, mix: Mix) -> tuple[list[Placed], str | None]:
        subject, style = rng.randrange(len(self.subjects)), rng.randrange(len(STYLES))
        size, top, left = ICON, (SIDE - ICON) // 2, (SIDE - ICON) // 2
        if rng.random() < mix.moved:
            size = rng.choice((ICON, 48))
            top, left = rng.randint(0, SIDE - size), rng.randint(0, SIDE - size)
        hue, turned, own = None, 0.0, self._hues[subject * len(STYLES) + style]
        if own is not None and rng.random() < mix.hue:
            hue = rng.choice(HUES)
            turned = hue_of(hue) - own
        mirrored = not self.subjects[subject].directed and rng.random() < mix.mirrored
        return [Placed(subject, style, size, top, left, mirrored, turned)], hue

    def draw(self, scenes: Sequence[Scene]) -> Tensor:
        """(scenes, 3, SIDE, SIDE) in -1..1; icons that stand alike are drawn at once."""
        colours = [COLOURS[scene.ground][0] if scene.ground else (255, 255, 255) for scene in scenes]
        canvas = torch.tensor(colours, device=self.device)[:, :, None, None] / 255
        canvas = canvas.repeat(1, 1, SIDE, SIDE)
        places: dict[tuple[int, int, int], list[tuple[int, Placed]]] = {}
        for number, scene in enumerate(scenes):
            for one in scene.icons:
                places.setdefault((one.size, one.top, one.left), []).append((number, one))
        for (size, top, left), group in places.items():
            icons = self.icons[size][[one.thing for _, one in group]]
            for row, (_, one) in enumerate(group):
                icon = turn_hue(icons[row], one.turned) if one.turned else icons[row]
                icons[row] = icon.flip(-1) if one.mirrored else icon
            window = canvas[:, :, top : top + size, left : left + size]
            pictures = [number for number, _ in group]
            window[pictures] = window[pictures] * (1 - icons[:, 3:]) + icons[:, :3]
        return canvas.clamp(0, 1) * 2 - 1


# Red, green, blue to the two chroma axes of YIQ: turning in their plane changes hue and keeps brightness.
_CHROMA = torch.tensor([[0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
_YIQ = torch.cat([torch.tensor([[0.299, 0.587, 0.114]]), _CHROMA])


def hue_of(name: str) -> float:
    """The angle of a named colour, in radians."""
    i, q = (_CHROMA @ (torch.tensor(COLOURS[name][0]) / 255)).tolist()
    return math.atan2(q, i)


def hue_of_picture(picture: Tensor) -> float | None:
    """The hue that most of a picture (3, h, w) in -1..1 has; its white weighs nothing."""
    return _dominant_hue(torch.cat([(picture + 1) / 2, torch.zeros_like(picture[:1])]))


def _dominant_hue(icon: Tensor) -> float | None:
    """The hue that most of the icon has, or None where there is no such hue."""
    chroma = torch.einsum("ac,chw->ahw", _CHROMA, icon[:3])
    total, strength = chroma.sum((1, 2)), chroma.norm(dim=0).sum()
    if float(total.norm()) < 0.75 * float(strength) or float(strength) < 0.1 * float(icon[3].sum()):
        return None
    return math.atan2(float(total[1]), float(total[0]))


def turn_hue(icon: Tensor, angle: float) -> Tensor:
    """An icon (4, h, w) with its hue turned by `angle`, in radians."""
    turn = torch.eye(3)
    turn[1:, 1:] = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = (torch.linalg.inv(_YIQ) @ turn @ _YIQ).to(icon.device)
    colour = torch.einsum("ac,chw->ahw", matrix, icon[:3])
    return torch.cat([torch.minimum(colour.clamp(min=0), icon[3:]), icon[3:]])
