"""What is written into the denoiser: each place knows where it stands, and reads its own register."""

from typing import Any

import pytest
import torch
from torch import Tensor

from runtime.models.starter.captions import GRID, LONGEST, TOKENS
from runtime.models.starter.denoiser import COLUMN, PLACED, ROW, Denoiser
from runtime.models.starter.latents import CHANNELS
from runtime.models.starter.memory import LOUD
from runtime.models.starter.train import RATE
from runtime.models.starter.words import CONTENT, POSITION, WIDTH, WORDS


def told() -> Tensor:
    """Some words, and registers that say where they stand and hold something each."""
    states = torch.zeros(2, TOKENS, WIDTH)
    states[:, :, WORDS] = torch.randn(2, TOKENS, WORDS.stop - WORDS.start)
    for register in range(GRID * GRID):
        row, column = divmod(register, GRID)
        states[:, LONGEST + register, POSITION.start + row] = PLACED
        states[:, LONGEST + register, POSITION.start + GRID + column] = PLACED
    states[:, LONGEST:, CONTENT] = LOUD * torch.randn(2, GRID * GRID, CHANNELS)
    return states


def watch(denoiser: Denoiser, part: Any, time: int = 999) -> dict[str, Any]:
    """What goes into and comes out of a part, at some noise."""
    seen: dict[str, Any] = {}

    def hook(_module: Any, given: Any, named: Any, out: Any) -> None:
        seen.update(given=given, named=named, out=out)

    handle = part.register_forward_hook(hook, with_kwargs=True)
    states = told()
    with torch.no_grad():
        denoiser.unet(torch.randn(2, CHANNELS, GRID, GRID), time, states)
    handle.remove()
    return {**seen, "states": states}


@pytest.fixture
def denoiser() -> Denoiser:
    torch.manual_seed(0)
    return Denoiser()


def test_ramps_rise_by_one_from_place_to_place(denoiser: Denoiser) -> None:
    out = watch(denoiser, denoiser.unet.up_blocks[1].resnets[0])["out"]
    line = torch.arange(GRID) - (GRID - 1) / 2
    assert torch.allclose(out[:, ROW], line[:, None].expand(GRID, GRID), atol=1e-2)
    assert torch.allclose(out[:, COLUMN], line[None].expand(GRID, GRID), atol=1e-2)


@pytest.mark.parametrize("time", [999, 500, 1])
def test_each_place_reads_its_own_register(denoiser: Denoiser, time: int) -> None:
    attention = denoiser.unet.up_blocks[1].attentions[0].transformer_blocks[0].attn2
    seen = watch(denoiser, attention, time)
    size = attention.inner_dim // attention.heads
    asked, offered = attention.to_q(seen["given"][0]), attention.to_k(seen["states"])
    looks = (asked[..., :size] @ offered[..., :size].transpose(1, 2) / size**0.5).softmax(-1)
    own = looks[:, torch.arange(GRID * GRID), LONGEST + torch.arange(GRID * GRID)]
    assert own.min() > 0.9
    assert looks[..., :LONGEST].max() < 1e-4


def test_learning_leaves_alone_what_is_written(denoiser: Denoiser) -> None:
    optimizer = torch.optim.AdamW(denoiser.unet.parameters(), lr=RATE)
    for _ in range(10):
        loss = denoiser.unet(torch.randn(2, CHANNELS, GRID, GRID), 500, told()).sample.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        denoiser.hold()
    test_ramps_rise_by_one_from_place_to_place(denoiser)
    test_each_place_reads_its_own_register(denoiser, 999)
