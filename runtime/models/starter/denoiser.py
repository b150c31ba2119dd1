"""Denoiser: a small network that paints, with the way from each register to its place written into it.

What it paints is known from the registers; where each belongs, a network of convolutions must find out from the zeros
behind the edge of the picture, and did not within hours (docs/decisions/024). So a ramp is written that grows by one with
each row, another for columns, and an attention head that reads with them the register of its own place. All else is
learned, round about them.
"""

from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from runtime.models.starter.captions import GRID
from runtime.models.starter.latents import CHANNELS
from runtime.models.starter.memory import LOUD
from runtime.models.starter.words import CONTENT, POSITION, WIDTH

WIDE, NARROW, GROUPS, HEADS = 96, 32, 16, 4  # channels at 8x8 and at 4x4
ROW, COLUMN, BEFORE = 0, 1, (2, 3)  # channels of the ramps, and of what they were a step before
RAMPS = range(WIDE // GROUPS)  # their group at 8x8: normalisation sees nothing else
LINE = 10.0  # where the activation is a line; also a ramp's step
SHARP = 10.0  # how much less the next register counts: e to this
CONSTANT = (
    24.0  # in the attention's states: outweighs what is learned beside it, so that ramps are heard alike
)
AHEAD = 12.0  # of words, which have no place
READ = range(8, 8 + CHANNELS)  # states that the register of one's own place is written to
PLACED = 4.0  # how loudly registers tell where they stand


class Denoiser:
    """The network, and what of it learning must leave alone."""

    def __init__(self) -> None:
        self.unet = _unet()
        self._written: list[tuple[Tensor, Any, Tensor]] = []
        with torch.no_grad():
            self._write_ramps()
            self._write_reading()

    def hold(self) -> None:
        """Puts back what is written, after a step of learning."""
        with torch.no_grad():
            for weights, place, value in self._written:
                weights[place] = value.to(weights.device)

    def _write(self, weights: Tensor, place: Any, value: Tensor | float) -> None:
        weights[place] = value
        self._written.append((weights, place, weights[place].clone()))

    def _write_ramps(self) -> None:
        """At 4x4 a ramp takes three convolutions: each moves it by one place and adds one step, but at the edge."""
        unet = self.unet
        first, second = unet.down_blocks[1].resnets[0], unet.mid_block.resnets[0]
        for channel in (ROW, COLUMN):  # what is the same everywhere, but nothing behind the edge
            self._write(first.norm1.weight, channel, 0.0)
            self._write(first.norm1.bias, channel, LINE)
        self._untimed(first)
        self._untimed(second)
        self._hop(first.conv1)
        self._line(first.norm2, _ramp(1))
        self._hop(first.conv2)
        self._clear(first.conv_shortcut)
        self._line(second.norm1, _ramp(2))
        self._hop(second.conv1, keep=True)
        self._line(second.norm2, _ramp(3), _ramp(2))
        conv = torch.zeros_like(second.conv2.weight[:4])
        for channel, before in zip((ROW, COLUMN), BEFORE, strict=True):
            conv[channel, channel, 1, 1], conv[channel, before, 1, 1] = 1, -1
        self._write(second.conv2.weight, slice(0, 4), conv)
        self._write(
            second.conv2.bias, slice(0, 4), torch.tensor([LINE, LINE, 0, 0])
        )  # so that behind the edge is zero
        for resnet in unet.up_blocks[0].resnets:
            self._clear(resnet.conv2)
            self._pass(resnet.conv_shortcut, 4)
        # Twice as many places: the sum of two neighbours on the enlarged ramp is a ramp again.
        conv = torch.zeros_like(unet.up_blocks[0].upsamplers[0].conv.weight[:4])
        conv[ROW, ROW, :2, 1] = conv[COLUMN, COLUMN, 1, :2] = 1
        self._write(unet.up_blocks[0].upsamplers[0].conv.weight, slice(0, 4), conv)
        self._write(unet.up_blocks[0].upsamplers[0].conv.bias, slice(0, 4), 0.0)
        resnet = unet.up_blocks[1].resnets[0]
        self._clear(resnet.conv2, len(RAMPS))
        self._pass(resnet.conv_shortcut, len(RAMPS), 1 / LINE, -(GRID + 1) / 2)

    def _write_reading(self) -> None:
        """A head whose logit is -SHARP times the square of the distance between a place and a register."""
        transformer = self.unet.up_blocks[1].attentions[0]
        size = WIDE // HEADS
        places = torch.arange(GRID) - (GRID - 1) / 2
        ramp = torch.zeros(len(RAMPS), GRID, GRID)
        ramp[ROW], ramp[COLUMN] = places[:, None], places[None]
        self._line(transformer.norm, ramp, offset=0.0)
        state = torch.zeros(4, WIDE, 1, 1)
        state[0, ROW], state[1, COLUMN] = 0.5, 0.5
        self._write(transformer.proj_in.weight, slice(0, 4), state)
        self._write(transformer.proj_in.bias, slice(0, 4), torch.tensor([0, 0, CONSTANT, -CONSTANT]))
        block = transformer.transformer_blocks[0]
        self._clear(block.attn1.to_out[0])
        attention = block.attn2
        heard = (2 * CONSTANT**2 / WIDE + 0.3) ** 0.5  # what normalisation divides by, about
        for norm in (block.norm1, block.norm2, block.norm3):
            norm.weight.fill_(heard)
        self._write(block.norm2.weight, slice(0, 4), 1.0)
        self._write(block.norm2.bias, slice(0, 4), 0.0)
        query, key = torch.zeros(size, WIDE), torch.zeros(size, WIDTH)
        value, out = torch.zeros(size, WIDTH), torch.zeros(4 + len(READ), size)
        strength = 2 * SHARP * size**0.5
        query[0, 0] = query[1, 1] = 2 * heard * strength
        query[2, 2] = heard / CONSTANT * strength
        key[0, POSITION.start : POSITION.start + GRID] = key[1, POSITION.start + GRID : POSITION.stop] = (
            places / PLACED
        )
        key[2, POSITION] = ((AHEAD / SHARP - places.square()) / 2 / PLACED).repeat(2)
        for number in range(CHANNELS):
            value[number, CONTENT.start + number] = 1 / LOUD
            out[4 + number, number] = 1
        self._write(attention.to_q.weight, slice(0, size), query)
        self._write(attention.to_k.weight, slice(0, size), key)
        attention.to_v.weight[:size] = value
        attention.to_out[0].weight[READ.start : READ.stop, :size] = out[4:]
        self._write(transformer.proj_out.weight, slice(0, len(RAMPS)), 0.0)
        self._write(transformer.proj_out.bias, slice(0, len(RAMPS)), 0.0)
        for number in READ:
            transformer.proj_out.weight[number, number] = 1

    def _hop(self, conv: Any, keep: bool = False) -> None:
        weights = torch.zeros_like(conv.weight[:4])
        weights[ROW, ROW, 0, 1] = weights[COLUMN, COLUMN, 1, 0] = 1
        if keep:
            weights[BEFORE[0], ROW, 1, 1] = weights[BEFORE[1], COLUMN, 1, 1] = 1
        self._write(conv.weight, slice(0, 4), weights)
        self._write(conv.bias, slice(0, 4), torch.tensor([0.0, 0.0, -LINE, -LINE]) if keep else 0.0)

    def _line(self, norm: Any, ramp: Tensor, before: Tensor | None = None, offset: float = LINE) -> None:
        """Undoes the normalisation of channels whose values are known, and lifts them to where the activation is a line."""
        values = torch.zeros(len(ramp), *ramp.shape[1:]) if before is None else before.roll(2, 0)
        values = (ramp + values).view(-1, norm.num_channels // norm.num_groups, *ramp.shape[1:])
        mean, size = values.mean((1, 2, 3)), (values.var((1, 2, 3), unbiased=False) + norm.eps).sqrt()
        each = values.shape[1]
        self._write(norm.weight, slice(0, len(ramp)), size.repeat_interleave(each))
        self._write(norm.bias, slice(0, len(ramp)), mean.repeat_interleave(each) + offset)

    def _untimed(self, resnet: Any) -> None:
        """Nothing of the time: first come the scales of all channels, then their shifts."""
        channels = resnet.conv1.out_channels
        for first in (0, channels):
            self._write(resnet.time_emb_proj.weight, slice(first, first + 4), 0.0)
            self._write(resnet.time_emb_proj.bias, slice(first, first + 4), 0.0)

    def _clear(self, layer: Any, count: int = 4) -> None:
        self._write(layer.weight, slice(0, count), 0.0)
        self._write(layer.bias, slice(0, count), 0.0)

    def _pass(self, conv: Any, count: int, scale: float = 1.0, offset: float = 0.0) -> None:
        weights = torch.zeros_like(conv.weight[:count])
        bias = torch.zeros(count)
        for channel in (ROW, COLUMN):
            weights[channel, channel] = scale
            bias[channel] = offset
        self._write(conv.weight, slice(0, count), weights)
        self._write(conv.bias, slice(0, count), bias)


def _ramp(steps: int) -> Tensor:
    """What a ramp is after some convolutions at 4x4: (4, rows, columns), two of them empty."""
    line = torch.arange(GRID // 2).clamp(max=steps) * LINE
    ramp = torch.zeros(4, GRID // 2, GRID // 2)
    ramp[ROW], ramp[COLUMN] = line[:, None], line[None]
    return ramp


def _unet() -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=GRID, in_channels=CHANNELS, out_channels=CHANNELS, layers_per_block=1, norm_num_groups=GROUPS,
        block_out_channels=(WIDE, NARROW), cross_attention_dim=WIDTH, attention_head_dim=HEADS, time_embedding_dim=128,
        down_block_types=("DownBlock2D", "DownBlock2D"), mid_block_type="UNetMidBlock2D",
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), resnet_time_scale_shift="scale_shift",
    )  # fmt: skip
    # Plain products: torch's fused attention is slow backwards on a CPU.
    unet.set_attn_processor(AttnProcessor())
    return unet
