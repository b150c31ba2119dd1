"""Redraw: what image-to-image is to make of a picture that is not the one that the caption names.

A memory that knows the picture of every caption would paint it over whatever it is given, or fall apart where the two
differ, because it never saw them differ. So a part of the training begins from other pictures, and this says where it is
to lead: as noise drowns details before it drowns colours, so the caption's details come at little strength, and its
colours and large shapes at more. Little noise leaves everything as it is.
"""

import math
import random

import torch
from torch import Tensor
from torch.nn import functional

# Between these shares of the noise what the caption names takes the place of what is there.
DETAILS, COLOURS = (0.3, 0.5), (0.45, 0.85)
SOFT = 5.0  # pixels: the deviation of the blur that colours and large shapes outlive
EARLIEST, LATEST = 0.02, 0.95  # shares of the noise to begin redrawing from; past it nothing can be seen


def begin_from(named: Tensor, others: Tensor, rng: random.Random) -> Tensor:
    """Pictures to redraw, (n, 3, side, side) in -1..1: other ones, and all that lies between them and those named.

    What a step leaves is between the two, in its details and in its colours; what a mask puts back is a part of one in
    the other; what people draw themselves is a rough thing in few colours.
    """
    made = []
    for one, other in zip(named, others, strict=True):
        kind = rng.random()
        if kind < 0.3:
            made.append(other)
        elif kind < 0.65:
            made.append(_between(one, other, rng))
        elif kind < 0.85:
            made.append(_patched(one, other, rng))
        else:
            made.append(_roughly(one if rng.random() < 0.5 else other, rng))
    return torch.stack(made)


def redrawn(seen: Tensor, named: Tensor, noise: Tensor) -> Tensor:
    """What `seen` becomes where the caption names `named` (both (n, 3, side, side)) and `noise` (n,) of it is noise, 0 to 1."""
    missing = named - seen
    coarse = soften(missing)
    details, colours = (_eased(noise, *ends)[:, None, None, None] for ends in (DETAILS, COLOURS))
    return seen + colours * coarse + details * (missing - coarse)


def soften(pictures: Tensor, deviation: float = SOFT) -> Tensor:
    """Gaussian blur; the edge goes on beyond itself."""
    reach = round(2.5 * deviation)
    line = torch.arange(-reach, reach + 1, device=pictures.device).float()
    kernel = (-(line**2) / (2 * deviation**2)).exp()
    kernel = (kernel / kernel.sum()).repeat(pictures.shape[1], 1, 1)
    padded = functional.pad(pictures, (reach,) * 4, mode="replicate")
    rows = functional.conv2d(padded, kernel[:, :, None, :], groups=len(kernel))
    return functional.conv2d(rows, kernel[:, :, :, None], groups=len(kernel))


def _eased(value: Tensor, first: float, last: float) -> Tensor:
    """0 up to `first`, 1 from `last` on, and smoothly from one to the other."""
    share = ((value - first) / (last - first)).clamp(0, 1)
    return share * share * (3 - 2 * share)


def _between(one: Tensor, other: Tensor, rng: random.Random) -> Tensor:
    colours = rng.random()
    details = colours * rng.random()  # of the other one: they go first
    missing = other - one
    coarse = soften(missing[None])[0]
    return one + colours * coarse + details * (missing - coarse)


def _patched(one: Tensor, other: Tensor, rng: random.Random) -> Tensor:
    """A rectangle of one of them in the other."""
    inside, around = (one, other) if rng.random() < 0.5 else (other, one)
    side = one.shape[-1]
    height, width = rng.randint(side // 4, side), rng.randint(side // 4, side)
    top, left = rng.randint(0, side - height), rng.randint(0, side - width)
    patched = around.clone()
    window = (slice(None), slice(top, top + height), slice(left, left + width))
    patched[window] = inside[window]
    return patched


def _roughly(picture: Tensor, rng: random.Random) -> Tensor:
    """As a hand without patience would draw it: blurred, moved, turned, in a few colours."""
    angle, scale = rng.uniform(-0.4, 0.4), rng.uniform(0.7, 1.4)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * scale
    moved = torch.cat([turn, torch.tensor([[rng.uniform(-0.3, 0.3)], [rng.uniform(-0.3, 0.3)]])], 1)
    grid = functional.affine_grid(moved[None], [1, *picture.shape], align_corners=False).to(picture.device)
    drawn = functional.grid_sample(picture[None], grid, padding_mode="border", align_corners=False)
    drawn = soften(drawn, rng.uniform(0.5, 3.0))[0]
    colours = rng.choice((2, 3, 4, 8))
    return (drawn.add(1).mul(colours / 2).round() / colours * 2 - 1).clamp(-1, 1)
