"""The autoencoder: an encoder that is set to the linear code, and a decoder that is trained to read it."""

import math
import time
from collections.abc import Callable

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from runtime.models.starter.captions import seeded
from runtime.models.starter.data import SIDE
from runtime.models.starter.pictures import CHANNELS, PATCH, LinearCode, Mix, Painter

WIDE, NARROW = 48, 24  # channels at half size and at full size
GROUPS = 8  # of the normalisation: at half size six channels each, two signed pairs and one pair of constants
STEADY = 64.0  # the constants; large beside what the pairs carry, so that they alone decide the norm
NUMBERS = 3 * PATCH * PATCH  # in a patch
BATCH = 16
RATE = 2e-3
# Latents that the denoiser makes are never quite right: the decoder learns to look past errors of up to this size.
NOISE = 0.25


def make_autoencoder(code: LinearCode) -> AutoencoderKL:
    model = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=CHANNELS, sample_size=SIDE, block_out_channels=(NARROW, WIDE),
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1,
        norm_num_groups=GROUPS, mid_block_add_attention=False, use_quant_conv=False, use_post_quant_conv=False,
        scaling_factor=1.0,
    )  # fmt: skip
    with torch.no_grad():
        set_encoder(model, code)
    model.encoder.requires_grad_(False)
    return model


def set_encoder(model: AutoencoderKL, code: LinearCode) -> None:
    """Sets an ordinary encoder's weights so that it computes the linear code, to within a part in a thousand.

    Residual branches are silent. The last activation is undone by carrying each number with both signs:
    silu(x) - silu(-x) = x. The last normalisation is made constant by constants that outweigh what it measures.
    """
    encoder = model.encoder
    for module in encoder.modules():
        if hasattr(module, "conv2"):
            module.conv2.weight.zero_()
            module.conv2.bias.zero_()
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


def _clear(convolution: nn.Conv2d) -> None:
    convolution.weight.zero_()
    if convolution.bias is not None:
        convolution.bias.zero_()


def teach_decoder(
    model: AutoencoderKL,
    code: LinearCode,
    painter: Painter,
    seconds: float,
    seed: int,
    note: Callable[..., None],
) -> None:
    """Trains the decoder for `seconds` of wall time on pictures whose latents carry some noise."""
    device = next(model.parameters()).device
    rng, began, step, smooth = seeded(seed), time.monotonic(), 0, 0.0
    parameters = list(model.decoder.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
    while (fraction := (time.monotonic() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * fraction))
        pictures, _ = painter.paint(BATCH, rng, Mix(moved=0.3))
        latents = code.encode(pictures)
        latents = latents + torch.randn_like(latents) * torch.rand(BATCH, 1, 1, 1) * NOISE
        loss = _distance(model.decode(latents.to(device)).sample, pictures.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        smooth = loss.item() if step == 1 else 0.97 * smooth + 0.03 * loss.item()
        if step % 50 == 0:
            note(stage="decoder", step=step, loss=round(smooth, 5))


def _distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Absolute differences, which leave edges sharp, and the same of their neighbours' differences, which sharpens more."""
    loss = functional.l1_loss(made, wanted)
    for axis in (2, 3):
        loss = loss + functional.l1_loss(made.diff(dim=axis), wanted.diff(dim=axis))
    return loss
