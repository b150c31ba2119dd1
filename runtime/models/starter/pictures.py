"""Pictures: icons put on grounds, mirrored, moved, recoloured and paired, and the linear code the model learns in."""

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from runtime.models.starter.captions import COLOURS, STYLES, Subject, caption
from runtime.models.starter.data import ICON, SIDE, World

PATCH = 2  # pixels on a side: 12 numbers
CHANNELS = (
    4  # of those 12, what carries an icon; also the number of channels that diffusers' inpainting asks for
)
SIZES = (ICON, 48, 30)  # pixels; the last is for pictures of two


@dataclass(frozen=True, slots=True)
class Mix:
    """How often a training picture is not just one icon on white. The parts are tried in this order."""

    pair: float = 0.12
    ground: float = 0.12
    hue: float = 0.04
    moved: float = 0.10
    mirrored: float = 0.10


class LinearCode:
    """Each 2x2 patch of a picture as its first principal components: exact to compute, nothing to train.

    Components are divided by the root of their deviation, not by the deviation: whole shapes then outweigh fine
    detail in the loss and survive the noise for longer, so that they are learned first.
    """

    def __init__(self, pictures: Tensor) -> None:
        patches = (
            functional.pixel_unshuffle(pictures, PATCH).permute(0, 2, 3, 1).reshape(-1, 3 * PATCH * PATCH)
        )
        self.mean = patches.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov((patches - self.mean).T))
        self.basis = vectors[:, -CHANNELS:].flip(1)  # (12, channels)
        deviation = values[-CHANNELS:].flip(0).sqrt()
        scale = deviation.sqrt()
        self.scale = (
            scale * (deviation / scale).square().mean().sqrt()
        )  # latents have a variance of one over all channels
        self.error = float(values[:-CHANNELS].sum() / len(values))

    def encode(self, pictures: Tensor) -> Tensor:
        """(n, 3, SIDE, SIDE) in -1..1 to latents (n, CHANNELS, SIDE / 2, SIDE / 2)."""
        patches = functional.pixel_unshuffle(pictures, PATCH).permute(0, 2, 3, 1)
        latents: Tensor = (patches - self.mean) @ self.basis / self.scale
        return latents.permute(0, 3, 1, 2).contiguous()

    def decode(self, latents: Tensor) -> Tensor:
        patches = latents.permute(0, 2, 3, 1) * self.scale @ self.basis.T + self.mean
        return functional.pixel_shuffle(patches.permute(0, 3, 1, 2), PATCH).clamp(-1, 1)


class Painter:
    """Makes training pictures with their captions."""

    def __init__(self, world: World) -> None:
        self.subjects = world.subjects
        flat = world.icons.flatten(0, 1).float() / 255
        shape = (*world.icons.shape[:3],)
        self.icons = {
            size: functional.interpolate(flat, (size, size), mode="bilinear", antialias=True)
            .clamp(0, 1)
            .reshape(*shape, size, size)
            for size in SIZES
        }
        self.hues = [[_dominant_hue(icon) for icon in pair] for pair in self.icons[30]]

    def plain(self) -> Tensor:
        """Every icon in both styles on white: (subjects * styles, 3, SIDE, SIDE)."""
        icons = self.icons[ICON].flatten(0, 1)
        pad = (SIDE - ICON) // 2
        return functional.pad((icons[:, :3] + 1 - icons[:, 3:]).clamp(0, 1), (pad,) * 4, value=1.0) * 2 - 1

    def paint(self, count: int, rng: random.Random, mix: Mix) -> tuple[Tensor, list[str]]:
        pairs = [self._paint_one(rng, mix) for _ in range(count)]
        return torch.stack([picture for picture, _ in pairs]) * 2 - 1, [text for _, text in pairs]

    def _paint_one(self, rng: random.Random, mix: Mix) -> tuple[Tensor, str]:
        style_number = rng.randrange(len(STYLES))
        ground = rng.choice([*COLOURS]) if rng.random() < mix.ground else None
        canvas = torch.ones(3, SIDE, SIDE)
        if ground is not None:
            canvas = canvas * (torch.tensor(COLOURS[ground][0]) / 255)[:, None, None]
        if rng.random() < mix.pair:
            numbers = rng.sample(range(len(self.subjects)), 2)
            for column, number in enumerate(numbers):
                _put(canvas, self.icons[30][number, style_number], 17, 1 + 32 * column)
            chosen: list[Subject] = [self.subjects[n] for n in numbers]
            return canvas, caption(chosen, STYLES[style_number], rng, ground=ground)
        number = rng.randrange(len(self.subjects))
        subject = self.subjects[number]
        moved = rng.random() < mix.moved
        size = rng.choice((ICON, 48)) if moved else ICON
        icon = self.icons[size][number, style_number]
        hue, own = None, self.hues[number][style_number]
        if own is not None and rng.random() < mix.hue:
            hue = rng.choice(("red", "orange", "yellow", "green", "blue", "purple", "pink"))
            icon = turn_hue(icon, hue_of(hue) - own)
        if not subject.directed and rng.random() < mix.mirrored:
            icon = icon.flip(-1)
        room = SIDE - size
        top, left = (rng.randint(0, room), rng.randint(0, room)) if moved else (room // 2, room // 2)
        _put(canvas, icon, top, left)
        return canvas, caption([subject], STYLES[style_number], rng, ground=ground, hue=hue)


def _put(canvas: Tensor, icon: Tensor, top: int, left: int) -> None:
    size = icon.shape[-1]
    window = canvas[:, top : top + size, left : left + size]
    window.mul_(1 - icon[3:]).add_(icon[:3])


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
    turn = torch.eye(3)
    turn[1:, 1:] = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = torch.linalg.inv(_YIQ) @ turn @ _YIQ
    colour = torch.einsum("ac,chw->ahw", matrix, icon[:3])
    return torch.cat([torch.minimum(colour.clamp(min=0), icon[3:]), icon[3:]])
