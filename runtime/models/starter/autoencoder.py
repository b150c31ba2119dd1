"""The autoencoder: an encoder set to the linear code and a decoder set to its best linear reading; nothing is trained."""

import math

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from runtime.models.starter.data import SIDE
from runtime.models.starter.pictures import CHANNELS, PATCH, LinearCode

WIDE, NARROW = 48, 24  # channels at half size and at full size
GROUPS = 8  # of the normalisation: at half size six channels each, two signed pairs and one pair of constants
STEADY = 64.0  # the constants; large beside what the pairs carry, so that they alone decide the norm
NUMBERS = 3 * PATCH * PATCH  # in a patch


def make_autoencoder(code: LinearCode, pictures: Tensor) -> AutoencoderKL:
    """`pictures` (n, 3, SIDE, SIDE) show the decoder what it will have to read."""
    model = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=CHANNELS, sample_size=SIDE, block_out_channels=(NARROW, WIDE),
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1,
        norm_num_groups=GROUPS, mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False,
        scaling_factor=1.0,
    )  # fmt: skip
    with torch.no_grad():
        set_encoder(model, code)
        set_decoder(model, code, pictures)
    return model.requires_grad_(False)


def set_encoder(model: AutoencoderKL, code: LinearCode) -> None:
    """Sets an ordinary encoder's weights so that it computes the linear code, to within a part in a thousand.

    Residual branches are silent. The last activation is undone by carrying each number with both signs:
    silu(x) - silu(-x) = x. The last normalisation is made constant by constants that outweigh what it measures.
    """
    encoder = model.encoder
    _silence(encoder)
    _clear(encoder.conv_in)
    for colour in range(3):
        encoder.conv_in.weight[colour, colour, 1, 1] = 1
    gather = (
        encoder.down_blocks[0].downsamplers[0].conv
    )  # 3x3, two apart: its first two rows and columns are a patch
    _clear(gather)
    for number in range(NUMBERS):
        colour, place = divmod(number, PATCH * PATCH)
        row, column = divmod(place, PATCH)
        gather.weight[number, colour, row, column] = 1
    signs = encoder.down_blocks[1].resnets[0].conv_shortcut
    _clear(signs)
    _clear(encoder.conv_out)
    norm = encoder.conv_norm_out
    size = WIDE // GROUPS
    norm.weight.fill_(STEADY * math.sqrt(2 / size))  # what the constants make it divide by
    norm.bias.zero_()
    readout = (code.basis / code.scale).T  # (channels, 12)
    for number in range(NUMBERS):
        plus = number // 2 * size + number % 2 * 2
        signs.weight[plus, number], signs.weight[plus + 1, number] = 1, -1
        encoder.conv_out.weight[:CHANNELS, plus, 1, 1] = readout[:, number]
        encoder.conv_out.weight[:CHANNELS, plus + 1, 1, 1] = -readout[:, number]
    for group in range(GROUPS):
        signs.bias[group * size + 4], signs.bias[group * size + 5] = STEADY, -STEADY
    encoder.conv_out.bias[:CHANNELS] = -(readout @ code.mean)
    encoder.conv_out.bias[CHANNELS:] = -30.0  # log variance: the code is certain


def set_decoder(model: AutoencoderKL, code: LinearCode, pictures: Tensor) -> None:
    """Sets the decoder to the best reading that is linear, by least squares over `pictures`.

    Each pixel is read from the cells around it and not from its own alone: 31.9 dB, where the inverse of the code gives
    26.3 dB, with teeth along every edge.
    """
    decoder = model.decoder
    _silence(decoder)
    _clear(decoder.conv_in)
    for place in range(9):  # each cell is told of its eight neighbours
        row, column = divmod(place, 3)
        for channel in range(CHANNELS):
            decoder.conv_in.weight[place * CHANNELS + channel, channel, row, column] = 1
    spread = decoder.up_blocks[0].upsamplers[0].conv
    told = functional.interpolate(decoder.conv_in(code.encode(pictures)), scale_factor=2.0)
    _clear(spread)
    spread.weight[:3], spread.bias[:3] = _least_squares(told, pictures)
    signs = decoder.up_blocks[1].resnets[0].conv_shortcut
    _clear(signs)
    _clear(decoder.conv_out)
    size = NARROW // GROUPS  # a pair and one constant, which also moves the mean
    decoder.conv_norm_out.weight.fill_(STEADY * math.sqrt(2) / size)
    decoder.conv_norm_out.bias.fill_(STEADY / size)
    for colour in range(3):
        plus = colour * size
        signs.weight[plus, colour], signs.weight[plus + 1, colour] = 1, -1
        signs.bias[plus + 2] = STEADY
        decoder.conv_out.weight[colour, plus, 1, 1], decoder.conv_out.weight[colour, plus + 1, 1, 1] = 1, -1


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
    solved = torch.linalg.solve(
        normal + 1e-3 * len(wanted) * torch.eye(len(normal), dtype=torch.double), right
    ).float()
    return solved[:-1].T.reshape(3, channels, 3, 3), solved[-1]


def _silence(part: nn.Module) -> None:
    """Residual branches add nothing."""
    for name, module in part.named_modules():
        if name.endswith("conv2") and isinstance(module, nn.Conv2d):
            _clear(module)


def _clear(convolution: nn.Conv2d) -> None:
    convolution.weight.zero_()
    if convolution.bias is not None:
        convolution.bias.zero_()
