"""The autoencoder: an encoder set to the linear code and a decoder set to read it, written weight by weight.

An ordinary AutoencoderKL enlarges by repeating each place and convolving, so that it cannot tell by linear means which
corner of a block a place is in. Here a ramp over the picture tells (as in `denoiser.py`): neighbours on an enlarged ramp
differ only where a new place begins. What a corner does not need is pushed below where the activation is nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

from runtime.models.starter.data import SIDE
from runtime.models.starter.latents import CELL, CHANNELS, KEPT, LinearCode

QUAD = 10  # numbers kept of 2x2 cells, on the way between cells and blocks
CORNERS = [(row, column) for row in (0, 1) for column in (0, 1)]
AROUND = [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]  # places of a 3x3 kernel: a cell and its four neighbours
WIDTHS = (16, 24, 44, 32)  # channels at 64, 32, 16 and 8 places on a side
LINE = 10.0  # where the activation is a line
STEP = LINE  # of a ramp
SHUT = 16.0  # how far what a corner does not need is pushed down, and what it needs up
# Two constants that outweigh all else, so that normalisation divides by the same for every picture.
STEADY = 500.0

Layer: TypeAlias = (
    Any  # torch types a layer's bias as one that may be missing, and the parts of a model as anything
)
_Reading: TypeAlias = Callable[..., None]  # writes a layer, given what comes into it


def make_autoencoder(code: LinearCode, pictures: Tensor) -> AutoencoderKL:
    """`pictures` (n, 3, SIDE, SIDE) show the decoder what it will have to read."""
    model = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=CHANNELS, sample_size=SIDE, block_out_channels=WIDTHS,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, layers_per_block=1,
        norm_num_groups=1, mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False,
        scaling_factor=1.0,
    ).requires_grad_(False)  # fmt: skip
    for weights in model.parameters():
        weights.zero_()
    quads = quad_basis(code, pictures)
    _write_encoder(model, code, quads, pictures)
    _write_decoder(model, code, quads, pictures)
    return model


def quad_basis(code: LinearCode, pictures: Tensor) -> Tensor:
    """(numbers of 2x2 cells, QUAD): where such quads differ most."""
    cells = code.decode_cells(code.encode(pictures))
    quads = functional.pixel_unshuffle(cells, 2).permute(0, 2, 3, 1).flatten(0, 2)
    vectors: Tensor = torch.linalg.eigh(quads.T @ quads)[1]
    return vectors[:, -QUAD:].flip(1)


def _by_corner(matrix: Tensor) -> list[Tensor]:
    """The columns of (n, KEPT * 16), which stand for the cells of a block, by its four quads: (n, KEPT * 4) each."""
    cells = matrix.view(
        -1, KEPT, 2, 2, 2, 2
    )  # quad's row, cell's row in it, quad's column, cell's column in it
    return [cells[:, :, row, :, column].flatten(1) for row, column in CORNERS]


def _write_encoder(model: AutoencoderKL, code: LinearCode, quads: Tensor, pictures: Tensor) -> None:
    """Gathers 2x2 places three times, and keeps what carries an icon each time. Residual branches are silent."""
    encoder = model.encoder
    for colour in range(3):
        encoder.conv_in.weight[colour, colour, 1, 1] = 1
    whole, blocks, last = (block.resnets[0].conv_shortcut for block in encoder.down_blocks[1:])
    # 3x3 two apart: its first two rows and columns are four places.
    for block, numbers in zip(encoder.down_blocks[:3], (3, KEPT, QUAD), strict=True):
        gather = block.downsamplers[0].conv
        for number in range(numbers):
            for place, (row, column) in enumerate(CORNERS):
                gather.weight[number * 4 + place, number, row, column] = 1
    readout = (code.cell / code.cell_scale).T  # (KEPT, 12)
    whole.weight[:KEPT, : 3 * CELL * CELL, 0, 0] = readout
    whole.bias[:KEPT] = -(readout @ code.mean)
    blocks.weight[:QUAD, : KEPT * 4, 0, 0] = quads.T
    reading = code.block / code.block_scale  # (64, CHANNELS)
    for place, corner in enumerate(_by_corner(reading.T)):
        for number in range(QUAD):
            last.weight[:CHANNELS, number * 4 + place, 0, 0] = corner @ quads[:, number]
    last.bias[:CHANNELS] = -(code.white @ reading)
    _balance(last.weight, last.bias, range(CHANNELS))
    with _on_the_way({encoder.conv_norm_out: partial(_line, channels=range(CHANNELS + 3))}):
        encoder(pictures[:4])
    for channel in range(CHANNELS):
        encoder.conv_out.weight[channel, channel, 1, 1] = 1
    encoder.conv_out.bias[:CHANNELS] = -LINE
    encoder.conv_out.bias[CHANNELS:] = -30.0  # log variance: the code is certain


def _balance(weight: Tensor, bias: Tensor, channels: range) -> None:
    """Behind `channels` follow one that is what they sum up to, negative, so that the mean is always the same, and two constants."""
    weight[channels.stop] = -weight[channels.start : channels.stop].sum(0)
    bias[channels.stop] = -bias[channels.start : channels.stop].sum()
    bias[channels.stop + 1], bias[channels.stop + 2] = STEADY, -STEADY


def _line(
    norm: Layer,
    inputs: Tensor,
    channels: Sequence[int],
    offset: float = LINE,
    spare: int | None = None,
) -> None:
    """Undoes the normalisation, which is nearly the same for every picture, and lifts channels to where the activation is a line.

    Channel `spare` becomes the same everywhere.
    """
    if spare is not None:
        norm.bias[spare] = LINE
    norm.weight[list(channels)] = (
        (inputs.var((1, 2, 3), unbiased=False) + norm.eps).sqrt().mean().half().float()
    )
    norm.bias[list(channels)] = (inputs.mean() + offset).half().float()


def _write_decoder(model: AutoencoderKL, code: LinearCode, quads: Tensor, pictures: Tensor) -> None:
    """What normalisation does is read off while `pictures` go through, and undone as they go."""
    decoder, latents = model.decoder, code.encode(pictures)
    cells = code.decode_cells(latents)
    ramps = _Ramps(CHANNELS + 3)
    for channel in range(CHANNELS):
        decoder.conv_in.weight[channel, channel, 1, 1] = 1
    _balance(decoder.conv_in.weight, decoder.conv_in.bias, range(CHANNELS))
    small, middle, large, full = decoder.up_blocks
    resnets = [*decoder.mid_block.resnets, *small.resnets]
    seen: dict[Layer, _Reading] = {}
    for resnet in resnets:
        seen |= ramps.grow(resnet, last=resnet is resnets[-1])
    ramps.enlarge(small.upsamplers[0].conv, CHANNELS + 3)
    corners = [quads.T @ corner.T for corner in _by_corner((code.block_scale * code.block).T)]
    wanted = torch.einsum("nchw,cq->nqhw", functional.pixel_unshuffle(cells, 2), quads)
    seen |= _choose(middle.resnets[0], corners, wanted, ramps.parity)
    for axis in (0, 1):
        middle.resnets[0].conv_shortcut.weight[QUAD + 3 + axis, ramps.ramp + axis] = 1
    ramps = _Ramps(QUAD + 3)
    ramps.enlarge(middle.upsamplers[0].conv, QUAD + 3)
    seen |= _choose(large.resnets[0], [*quads.view(KEPT, 4, QUAD).unbind(1)], cells, ramps.parity)
    seen |= _look_around(large.resnets[1])
    seen[large.upsamplers[0].conv] = partial(_read_pixels, wanted=pictures)
    for channel in range(6):
        full.resnets[0].conv_shortcut.weight[channel, channel] = 1
    seen[decoder.conv_norm_out] = partial(_line, channels=range(3), spare=3)
    for colour in range(3):
        decoder.conv_out.weight[colour, colour, 1, 1] = 1
    seen[decoder.conv_out] = partial(_settle, wanted=pictures, spare=3)
    for weights in decoder.parameters():
        weights.copy_(weights.half())  # all that is read off counts with it
    with _on_the_way(seen):
        decoder(latents)


class _Ramps:
    """Two ramps from channel `ramp` on: down the rows, and along the columns; behind them room for what they were, or their parities."""

    def __init__(self, ramp: int) -> None:
        self.ramp, self.parity = ramp, ramp + 2

    def grow(self, resnet: Layer, last: bool) -> dict[Layer, _Reading]:
        """Two steps more, one for each convolution: it moves a ramp by one place and adds LINE, but at the edge."""
        conv1, conv2 = resnet.conv1, resnet.conv2
        for axis in (0, 1):
            ramp, before = self.ramp + axis, self.parity + axis
            conv1.weight[ramp, ramp, axis, 1 - axis] = 1
            conv1.weight[before, ramp, 1, 1], conv1.bias[before] = 1, -LINE
            if last:  # one step is enough then; all is lifted by one, so that behind the edge is zero
                conv2.weight[ramp, ramp, 1, 1], conv2.bias[ramp] = 1, LINE
            else:
                conv2.weight[ramp, ramp, axis, 1 - axis], conv2.bias[ramp] = 1, LINE
            conv2.weight[ramp, before, 1, 1] = -1
        return {
            resnet.norm1: partial(_line, channels=range(self.ramp, self.parity)),
            resnet.norm2: partial(_line, channels=range(self.ramp, self.parity + 2)),
        }

    def enlarge(self, conv: Layer, kept: int) -> None:
        """On twice as many places: what is kept is repeated, ramps are ramps again, and parities are 1 where a place begins."""
        for channel in range(kept):
            conv.weight[channel, channel, 1, 1] = 1
        for axis in (0, 1):
            before = (0, 1) if axis == 0 else (1, 0)
            for place, sign in (((1, 1), 1), (before, -1)):
                conv.weight[self.ramp + axis, self.ramp + axis, *place] = 1
                conv.weight[self.parity + axis, self.ramp + axis, *place] = sign / STEP


def _choose(resnet: Layer, corners: list[Tensor], wanted: Tensor, parity: int) -> dict[Layer, _Reading]:
    """Each place takes the numbers of its corner: all four are made, and three pushed down to where the activation is nothing."""
    count, known = corners[0].shape
    conv1, conv2 = resnet.conv1, resnet.conv2
    for number, ((row, column), matrix) in enumerate(zip(CORNERS, corners, strict=True)):
        made = slice(number * count, (number + 1) * count)
        conv1.weight[made, :known, 1, 1] = matrix
        conv1.weight[made, parity, 1, 1] = -2 * SHUT if row else 2 * SHUT
        conv1.weight[made, parity + 1, 1, 1] = -2 * SHUT if column else 2 * SHUT
        conv2.weight[torch.arange(count), torch.arange(count) + number * count, 1, 1] = 1
    _balance(conv1.weight, conv1.bias, range(4 * count))
    _balance(conv2.weight, conv2.bias, range(count))

    def settle(conv: Layer, inputs: Tensor) -> None:
        for number, (row, column) in enumerate(CORNERS):
            _settle(conv, inputs, wanted + SHUT, known, number * count, (row, column))

    return {
        resnet.norm1: partial(_line, channels=[*range(known), parity, parity + 1], spare=known),
        conv1: settle,
        resnet.norm2: partial(_line, channels=range(4 * count), offset=0.0, spare=4 * count),
        conv2: partial(_settle, wanted=wanted, spare=4 * count),
    }


def _settle(
    conv: Layer,
    inputs: Tensor,
    wanted: Tensor,
    spare: int,
    first: int = 0,
    corner: tuple[int, int] | None = None,
) -> None:
    """Sets the biases of channels from `first` on so that they come out as wanted in the mean, over all places or over a corner's.

    Half precision would round a large bias too far; channel `spare` is the same everywhere and brings what is missing.
    """
    channels = slice(first, first + wanted.shape[1])
    made = functional.conv2d(
        inputs, conv.weight, conv.bias, padding=1
    )  # not by the module, whose hook this is
    missing = wanted - made[:, channels]
    if corner is not None:
        missing = missing[:, :, corner[0] :: 2, corner[1] :: 2]
    bias = conv.bias[channels] + missing.mean((0, 2, 3))
    conv.bias[channels] = bias.half().float()
    conv.weight[channels, spare, 1, 1] += ((bias - conv.bias[channels]) / inputs[:, spare].mean()).half()


def _look_around(resnet: Layer) -> dict[Layer, _Reading]:
    """Each cell is told of its four neighbours. Numbers go with both signs, silu(x) - silu(-x) = x, so that beyond the edge is zero."""
    conv1, conv2 = resnet.conv1, resnet.conv2
    for number in range(KEPT):
        for sign, channel in ((1, number), (-1, KEPT + number)):
            conv1.weight[channel, number, 1, 1], conv1.bias[channel] = sign, -sign * LINE
            for place, around in enumerate(AROUND[1:]):
                conv2.weight[KEPT + 3 + place * KEPT + number, channel, *around] = sign
    conv1.bias[2 * KEPT], conv1.bias[2 * KEPT + 1] = STEADY, -STEADY
    return {
        resnet.norm1: partial(_line, channels=range(KEPT)),
        resnet.norm2: partial(_line, channels=range(2 * KEPT), offset=0.0),
    }


def _read_pixels(conv: Layer, inputs: Tensor, wanted: Tensor) -> None:
    """The best linear reading of pixels from their cell and those around it."""
    channels = [*range(KEPT), *range(KEPT + 3, KEPT + 3 + (len(AROUND) - 1) * KEPT)]
    conv.weight[:3, channels], conv.bias[:3] = _least_squares(inputs[:, channels], wanted)
    conv.weight.copy_(conv.weight.half())
    _balance(conv.weight, conv.bias, range(3))


@contextmanager
def _on_the_way(actions: dict[Layer, _Reading]) -> Iterator[None]:
    """While it lasts, each of some modules is written just before its use, by what then comes in."""
    hooks = [
        module.register_forward_pre_hook(lambda layer, given, act=action: act(layer, given[0]))
        for module, action in actions.items()
    ]
    yield
    for hook in hooks:
        hook.remove()


def _least_squares(told: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """The 3x3 convolution (weight, bias) that makes of `told` what is nearest to `wanted`."""
    channels = told.shape[1]
    normal = torch.zeros(channels * 9 + 1, channels * 9 + 1, dtype=torch.double)
    right = torch.zeros(len(normal), 3, dtype=torch.double)
    for inputs, outputs in zip(torch.split(told, 4), torch.split(wanted, 4), strict=True):
        rows = functional.unfold(inputs, 3, padding=1).transpose(1, 2).flatten(0, 1)
        rows = torch.cat([rows, torch.ones(len(rows), 1)], 1).double()
        normal += rows.T @ rows
        right += rows.T @ outputs.permute(0, 2, 3, 1).reshape(-1, 3).double()
    # Many taps see the same cell: without a small ridge there would be no single answer.
    ridge = 1e-3 * len(wanted) * torch.eye(len(normal), dtype=torch.double)
    solved = torch.linalg.solve(normal + ridge, right).float()
    return solved[:-1].T.reshape(3, channels, 3, 3), solved[-1]
