"""Latents: the linear code that the model paints in, exact to compute, nothing to train.

Every 2x2 cell of a picture becomes four numbers, and every block of 4x4 cells becomes 24: one block for each register
behind the caption.
"""

from copy import copy
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

CELL = 2  # pixels on a side of a cell: 12 numbers
KEPT = 4  # numbers of a cell
CELLS = 4  # on a side of a block
BLOCK = CELL * CELLS  # pixels on a side of a block
CHANNELS = 24  # numbers of a block


class LinearCode:
    """The first principal components of cells, and of blocks of them.

    Components are divided by the root of their deviation, not by the deviation: whole shapes then outweigh fine
    detail in the loss and survive the noise for longer, so that they are learned first. White is zero.
    """

    def __init__(self, pictures: Tensor) -> None:
        cells = functional.pixel_unshuffle(pictures, CELL).permute(0, 2, 3, 1).flatten(0, 2)
        self.mean = cells.mean(0)
        self.cell, deviation = _components(cells - self.mean, KEPT)
        self.cell_scale = deviation.sqrt() * deviation.square().mean().sqrt() / deviation.mean().sqrt()
        blocks = self.blocks(pictures).flatten(0, 2)
        self.white = self.blocks(torch.ones_like(pictures[:1]))[0, 0, 0]
        self.block, deviation = _components(blocks - blocks.mean(0), CHANNELS)
        spoken = (blocks - self.white) @ self.block / deviation.sqrt()
        self.block_scale = deviation.sqrt() * spoken.square().mean().sqrt()

    def to(self, device: torch.device | str) -> Self:
        moved = copy(self)
        for name, tensor in vars(self).items():
            setattr(moved, name, tensor.to(device))
        return moved

    def cells(self, pictures: Tensor) -> Tensor:
        """(n, 3, h, w) in -1..1 to (n, KEPT, h / CELL, w / CELL)."""
        rows = functional.pixel_unshuffle(pictures, CELL).permute(0, 2, 3, 1)
        return ((rows - self.mean) @ self.cell / self.cell_scale).permute(0, 3, 1, 2)

    def blocks(self, pictures: Tensor) -> Tensor:
        """(n, 3, h, w) in -1..1 to (n, h / BLOCK, w / BLOCK, KEPT * CELLS * CELLS): the cells of each block."""
        return functional.pixel_unshuffle(self.cells(pictures), CELLS).permute(0, 2, 3, 1)

    def encode(self, pictures: Tensor) -> Tensor:
        """(n, 3, h, w) in -1..1 to latents (n, CHANNELS, h / BLOCK, w / BLOCK), of a deviation about one."""
        numbers = (self.blocks(pictures) - self.white) @ self.block / self.block_scale
        return numbers.permute(0, 3, 1, 2).contiguous()

    def decode_cells(self, latents: Tensor) -> Tensor:
        """Latents to the cells that they stand for, (n, KEPT, h, w)."""
        blocks = latents.permute(0, 2, 3, 1) * self.block_scale @ self.block.T + self.white
        return functional.pixel_shuffle(blocks.permute(0, 3, 1, 2), CELLS)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents to pictures, each cell by itself; the autoencoder reads better (`autoencoder.py`)."""
        cells = self.decode_cells(latents).permute(0, 2, 3, 1) * self.cell_scale @ self.cell.T + self.mean
        return functional.pixel_shuffle(cells.permute(0, 3, 1, 2), CELL).clamp(-1, 1)


def _components(rows: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The directions (numbers, count) in which rows differ most, and their deviations along them."""
    values, vectors = torch.linalg.eigh(rows.T @ rows / len(rows))
    return vectors[:, -count:].flip(1), values[-count:].flip(0).sqrt()
