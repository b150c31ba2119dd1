"""Memory: every icon written into the text encoder's last layers, in closed form.

Behind the caption stand 64 registers, one for each 8x8 patch of the picture. Four layers follow those that know words:
in three, one unit for each thing recognises it in a register's state and writes the code of the register's quarter of its
icon (principal components); the last makes of that code the patch that stands at the register. Learning the same by
gradients took hours and stayed blurred (docs/decisions/017); computed, it takes seconds and is exact but for what the
components leave out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer
from transformers.models.clip.modeling_clip import CLIPEncoderLayer

from runtime.models.starter.captions import GRID, STYLE_WORDS, STYLES, Subject
from runtime.models.starter.pictures import SMALL, LinearCode, Painter
from runtime.models.starter.words import (
    ANCHOR,
    ANCHORS,
    CODE,
    CONTENT,
    LAYERS,
    NOTHING,
    PLACE,
    POSITION,
    REGISTERS,
    SURE,
    WIDTH,
    WORDS,
    Heads,
    make_encoder,
    plain,
    token_ids,
    word_states,
)  # fmt: skip

NUMBERS = CONTENT.stop - CONTENT.start  # of a patch
KEPT = CODE.stop - CODE.start  # components of a quarter
CELLS = 4  # latents on a side of a patch
HALF = GRID // 2
QUARTERS = tuple((top, left) for top in (0, HALF) for left in (0, HALF))
SMALL_ROWS = range(2, 6)  # of registers, where the icons of a pair stand
CLOSED = 12.0  # how far a gate pushes a unit down: from SURE to where the activation is nothing
# Units answer STRESS times (logit - DOUBT): of a thousand that are a little wrong together little is left. Of 204
# kept-out captions the registers hold what is nearest to the right icon in 29 % as it is, in 42 % at a stress of 2; 3 was
# a little better again.
STRESS, DOUBT = 3.0, 4.5
STEADY, AJAR = 7.0, 16.0  # patches are passed on where the activation is a line, and pushed down from there
REACH = 3.0  # patches are scaled so that few numbers exceed it
LOUD = 2.0  # how the denoiser is told: patches to this deviation


@dataclass(frozen=True, slots=True)
class Patches:
    """The common components of all patches. Zero stands for white."""

    basis: Tensor  # (numbers of a patch, NUMBERS)
    scale: Tensor  # (NUMBERS,)
    white: Tensor  # (numbers of a patch,)

    @classmethod
    def of(cls, latents: Tensor, white: Tensor) -> "Patches":
        rows = patches_of(latents).flatten(0, 2)
        values, vectors = torch.linalg.eigh(torch.cov(rows.T))
        basis, deviation = vectors[:, -NUMBERS:].flip(1), values[-NUMBERS:].flip(0).sqrt()
        # Between true and equal sizes: details are heard, and shapes are louder.
        scale = deviation.sqrt()
        spoken = (rows - white) @ basis / scale
        return cls(basis, scale * spoken.square().mean().sqrt(), white)

    def read(self, patches: Tensor) -> Tensor:
        """(..., numbers of a patch) to (..., NUMBERS), of a deviation about one."""
        return (patches - self.white) @ self.basis / self.scale

    def write(self, numbers: Tensor) -> Tensor:
        return numbers * self.scale @ self.basis.T + self.white


@dataclass(frozen=True, slots=True)
class Region:
    """The code of one part of all pictures, and how each of its patches follows from it."""

    codes: Tensor  # (things, KEPT), of a deviation of one
    mean: Tensor  # (rows, columns, numbers of a patch)
    decode: Tensor  # (rows, columns, numbers of a patch, KEPT)

    @classmethod
    def of(cls, latents: Tensor) -> "Region":
        patches = patches_of(latents)
        shape, rows = patches.shape[1:], patches.flatten(1)
        mean = rows.mean(0)
        kept = min(KEPT, len(rows))
        _, _, directions = torch.linalg.svd(rows - mean, full_matrices=False)
        directions = functional.pad(directions[:kept], (0, 0, 0, KEPT - kept))
        codes = (rows - mean) @ directions.T
        size = codes.square().mean().sqrt()
        return cls(codes / size, mean.view(shape), (directions.T * size).view(*shape, KEPT))


def patches_of(latents: Tensor) -> Tensor:
    """(n, channels, h, w) to (n, h / CELLS, w / CELLS, numbers of a patch)."""
    return functional.pixel_unshuffle(latents, CELLS).permute(0, 2, 3, 1)


def small_latents(painter: Painter, code: LinearCode) -> Tensor:
    """The left half of a picture of two, where the icons are: (things, channels, 16, 16)."""
    icons, pad = painter.icons[SMALL], (GRID * HALF - SMALL) // 2
    pictures = functional.pad(icons[:, :3] + 1 - icons[:, 3:], (pad,) * 4, value=1.0) * 2 - 1
    return code.encode(pictures)


def remember(
    words: CLIPTextModel, heads: Heads, tokenizer: CLIPTokenizer, painter: Painter, code: LinearCode
) -> tuple[CLIPTextModel, Patches]:
    """The whole encoder: the layers that know words, and the memory behind them."""
    latents = code.encode(painter.plain())
    white = patches_of(code.encode(torch.ones_like(painter.plain()[:1])))[0, 0, 0]
    patches = Patches.of(latents, white)
    side = latents.shape[-1] // 2
    quarters = [
        Region.of(latents[:, :, i * side : (i + 1) * side, j * side : (j + 1) * side])
        for i in (0, 1)
        for j in (0, 1)
    ]
    small = Region.of(small_latents(painter, code))
    inner = max(2 * len(latents), (REGISTERS + len(SMALL_ROWS) * GRID) * (NUMBERS + 1))
    model = make_encoder(tokenizer, LAYERS + 4, inner)
    with torch.no_grad():
        _keep_words(model, words)
        habits = _habits(words, heads, tokenizer, painter.subjects)
        for layer in model.encoder.layers[LAYERS:]:
            _silence(layer)
        for number, region in enumerate(quarters):
            gate = _gate(habits.size, *QUARTERS[number], HALF)
            _write_things(
                model.encoder.layers[LAYERS + number // 2],
                number % 2,
                heads,
                region,
                gate,
                habits.answer,
                paired=False,
            )
        _write_things(
            model.encoder.layers[LAYERS + 2],
            0,
            heads,
            small,
            _rows_gate(habits.size),
            habits.answer,
            paired=True,
        )
        _write_patches(model.encoder.layers[LAYERS + 3], heads, patches, quarters, small, habits.size)
        _tell(model, habits)
        _without_means(model)
    return model.requires_grad_(False), patches


def _keep_words(model: CLIPTextModel, words: CLIPTextModel) -> None:
    """The learned layers, with silent units where they are narrower."""
    model.embeddings.load_state_dict(words.embeddings.state_dict())
    for wide, narrow in zip(model.encoder.layers, words.encoder.layers, strict=False):
        state, inner = narrow.state_dict(), model.config.intermediate_size
        missing = inner - words.config.intermediate_size
        state["mlp.fc1.weight"] = functional.pad(state["mlp.fc1.weight"], (0, 0, 0, missing))
        state["mlp.fc1.bias"] = functional.pad(state["mlp.fc1.bias"], (0, missing))
        state["mlp.fc2.weight"] = functional.pad(state["mlp.fc2.weight"], (0, missing))
        wide.load_state_dict(state)


@dataclass(frozen=True, slots=True)
class Habits:
    """What learning has settled on, in the mean over the first names of all subjects.

    `size`: what normalisation divides a register's state by. `mean`: what it makes of nothing. `logit`: of what is named.
    """

    size: float
    mean: float
    logit: float

    @property
    def answer(self) -> float:
        """Of the unit of what is named."""
        return STRESS * (self.logit - DOUBT)


def _habits(
    words: CLIPTextModel, heads: Heads, tokenizer: CLIPTokenizer, subjects: Sequence[Subject]
) -> Habits:
    """Half of it from English, half from Chinese; the styles by turns."""
    called = [
        (
            number * len(STYLES) + style,
            f"{subject.names[language][0]}, {STYLE_WORDS[STYLES[style]][language][0]}",
        )
        for number, subject in enumerate(subjects)
        for style, language in ((number % 2, "en"), (1 - number % 2, "zh"))
    ]
    ids = token_ids(tokenizer, [caption for _, caption in called]).to(words.device)
    states = word_states(words, ids, torch.zeros(len(ids), 1, dtype=torch.long, device=ids.device))[:, -1]
    weights, biases = heads.things()
    things = torch.tensor([thing for thing, _ in called], device=ids.device)
    logits = (states * weights[things]).sum(1) + biases[things]
    nothing = states[:, NOTHING]
    size = ANCHOR / (states[:, ANCHORS.start] - nothing)
    return Habits(float(size.mean()), float(nothing.mean()), float(logits.mean()))


def _without_means(model: CLIPTextModel) -> None:
    """Normalisation takes the mean away; every unit of the memory puts back what it lost by that."""
    for layer in model.encoder.layers[LAYERS:]:
        weight = layer.mlp.fc1.weight
        weight[:, NOTHING] = -(weight.sum(1) - weight[:, WORDS].sum(1) - weight[:, NOTHING])


def _silence(layer: CLIPEncoderLayer) -> None:
    for part in (layer.self_attn.out_proj, layer.mlp.fc1, layer.mlp.fc2):
        part.weight.zero_()
        part.bias.zero_()
    for part in (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj):
        part.weight.zero_()
    plain(layer.layer_norm2)


def _gate(size: float, top: int, left: int, side: int) -> tuple[Tensor, float]:
    """(weights, bias) of a push that is nothing for the registers of a square, and CLOSED at least for all others."""
    weights = torch.zeros(WIDTH)
    weights[top : top + side] = weights[GRID + left : GRID + left + side] = size / PLACE
    return weights, -2.0


def _rows_gate(size: float) -> tuple[Tensor, float]:
    weights = torch.zeros(WIDTH)
    weights[SMALL_ROWS.start : SMALL_ROWS.stop] = size / PLACE
    return weights, -1.0


def _pair_gate(heads: Heads, paired: bool) -> tuple[Tensor, Tensor]:
    """Nothing where the caption names two things (or, not `paired`, one); else CLOSED."""
    share = CLOSED / (2 * SURE) if paired else -CLOSED / (2 * SURE)
    return share * heads.pair.weight[0], share * heads.pair.bias[0] - CLOSED / 2


def _write_things(
    layer: CLIPEncoderLayer,
    place: int,
    heads: Heads,
    region: Region,
    gate: tuple[Tensor, float],
    answer: float,
    *,
    paired: bool,
) -> None:
    """A unit a thing: it gives its answer in the registers of its region, and so writes the thing's code."""
    things = len(region.codes)
    units = slice(place * things, (place + 1) * things)
    by_pair, bias = _pair_gate(heads, paired)
    weights, biases = heads.things()
    layer.mlp.fc1.weight[units] = STRESS * weights + CLOSED * gate[0] + by_pair
    layer.mlp.fc1.bias[units] = STRESS * (biases - DOUBT) + CLOSED * gate[1] + bias
    layer.mlp.fc2.weight[CODE, units] = region.codes.T / answer


def _write_patches(
    layer: CLIPEncoderLayer,
    heads: Heads,
    patches: Patches,
    quarters: list[Region],
    small: Region,
    size: float,
) -> None:
    """For each register the units that make its patch of the code, and one without a patch, to subtract what all share."""
    unit = 0
    for row in range(GRID):
        for column in range(GRID):
            quarter = quarters[row // HALF * 2 + column // HALF]
            unit = _write_patch(
                layer, unit, heads, patches, quarter, (row, column), (row % HALF, column % HALF), size, False
            )
            if row in SMALL_ROWS:
                inside = (row - SMALL_ROWS.start, column % HALF)
                unit = _write_patch(layer, unit, heads, patches, small, (row, column), inside, size, True)


def _write_patch(
    layer: CLIPEncoderLayer, unit: int, heads: Heads, patches: Patches, region: Region, register: tuple[int, int],
    inside: tuple[int, int], size: float, paired: bool,
) -> int:  # fmt: skip
    units, last = slice(unit, unit + NUMBERS), unit + NUMBERS
    gate, shut = _gate(size, *register, 1)
    by_pair, bias = _pair_gate(heads, paired)
    layer.mlp.fc1.weight[unit : last + 1] = AJAR * gate + by_pair
    layer.mlp.fc1.bias[unit : last + 1] = AJAR * shut + bias + STEADY
    directions = (region.decode[inside].T @ patches.basis / patches.scale).T  # (NUMBERS, KEPT)
    layer.mlp.fc1.weight[units, CODE] += directions * size / REACH
    layer.mlp.fc1.bias[units] += patches.read(region.mean[inside]) / REACH
    layer.mlp.fc2.weight[CONTENT, units] = torch.eye(NUMBERS) * REACH
    layer.mlp.fc2.weight[CONTENT, last] = -REACH
    return last + 1


def _tell(model: CLIPTextModel, habits: Habits) -> None:
    """What the denoiser hears: patches and places loudly, words, and of all else one constant."""
    norm, size = model.final_layer_norm, habits.size
    norm.weight.zero_()
    norm.weight[CONTENT] = LOUD * size
    norm.bias[CONTENT] = -LOUD * size * habits.mean
    norm.weight[POSITION] = 2 * size
    norm.weight[WORDS] = 1
    norm.weight[ANCHORS.start] = 4 * size / ANCHOR
