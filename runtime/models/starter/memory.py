"""Memory: every icon written into the text encoder's last layers, in closed form.

Behind the caption stand 64 registers, one for each block of the picture. Behind the layers that know words follow others
that are computed: in one for each part of the picture (and one for the halves of a picture of two), a unit for each thing
recognises it in a register's state and writes the code of that part of its icon, in principal components; the last two
make of that code the block that stands at the register. Learning the same by gradients took hours and stayed blurred
(docs/decisions/017); computed, it takes seconds and is exact but for what the components leave out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer
from transformers.models.clip.modeling_clip import CLIPEncoderLayer

from runtime.models.starter.captions import GRID, LONGEST, STYLE_WORDS, STYLES, TOKENS, Subject
from runtime.models.starter.latents import BLOCK, CHANNELS, LinearCode
from runtime.models.starter.pictures import SMALL, Painter
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
    SPOKEN,
    SURE,
    WIDTH,
    WORDS,
    Heads,
    make_encoder,
    plain,
    token_ids,
    word_states,
)  # fmt: skip

NUMBERS = CODE.stop - CODE.start  # of a code
# Registers of a part: eight parts, for each of which 170 components are enough (docs/decisions/024).
TALL, BROAD = 4, 2
PARTS = tuple((top, left) for top in range(0, GRID, TALL) for left in range(0, GRID, BROAD))
HALF = GRID // 2
SMALL_ROWS = range(2, 6)  # of registers, where the icons of a pair stand
CLOSED = 12.0  # how far a gate pushes a unit down: from SURE to where the activation is nothing
APART = (
    60.0  # and where it is not for them to answer: what they make of words themselves nobody has taught them
)
# Units answer STRESS times (logit - DOUBT): of a thousand that are a little wrong together little is left.
STRESS, DOUBT = 3.0, 4.5
LENGTH = 250.0  # of all codes, to outweigh all else in a state
HEARD = LENGTH / WIDTH**0.5  # what normalisation divides by where a code is written
# Blocks pass where the activation is a line; those of other registers are shut, and all of them in words.
STEADY, AJAR, OUT = 20.0, 72.0, 36.0
MUTE = 500.0  # what units make of words themselves nobody has taught them
ABSENT = 20.0  # how much each deviation of what is left of the constants pushes blocks down
SHUT = 3.0  # times CLOSED: how far blocks of one are pushed down where the caption names two, and the other way round
REACH = 3.0  # blocks are scaled so that few numbers exceed it
RAISED = 600.0  # what the constants become in the end, to outweigh codes in their turn
LOUD = 2.0  # how the denoiser is told: blocks to this deviation
SIGNS = torch.tensor([1.0, -1.0] * 4)  # of the constants, so that they move no mean


@dataclass(frozen=True, slots=True)
class Part:
    """The code of one part of all pictures, and how its blocks follow from it."""

    codes: Tensor  # (things, NUMBERS), all of LENGTH, and of a sum of zero
    mean: Tensor  # (rows, columns, CHANNELS)
    decode: Tensor  # (rows, columns, CHANNELS, NUMBERS)

    @classmethod
    def of(cls, latents: Tensor) -> "Part":
        """`latents` (things, CHANNELS, rows, columns).

        How surely words are recognised differs, and with it how loudly a code is written. One more number gives all
        codes the same length, so that the next normalisation takes that difference away.
        """
        blocks = latents.permute(0, 2, 3, 1)
        shape, rows = blocks.shape[1:], blocks.flatten(1)
        mean = rows.mean(0)
        kept = min(NUMBERS - 2, len(rows))
        _, _, directions = torch.linalg.svd(rows - mean, full_matrices=False)
        codes = (rows - mean) @ directions[:kept].T
        squares = codes.square().sum(1, keepdim=True)
        longest = squares.max()
        codes = torch.cat([codes, (longest - squares).clamp(min=0).sqrt()], 1)
        size = float(longest.sqrt()) / LENGTH
        basis = _without_sum(NUMBERS)[:, : kept + 1]
        decode = functional.pad(directions[:kept].T * size, (0, 1)) @ basis.T
        return cls(codes / size @ basis.T, mean.view(shape), decode.view(*shape, NUMBERS))


def _without_sum(count: int) -> Tensor:
    """(count, count - 1): an orthonormal basis of what has a sum of zero, since normalisation takes the mean away."""
    ones = torch.ones(count, 1)
    basis: Tensor = torch.linalg.qr(torch.cat([ones, torch.eye(count)[:, 1:]], 1))[0]
    return basis[:, 1:]


def small_latents(painter: Painter, code: LinearCode) -> Tensor:
    """The left half of a picture of two, where the icons are: (things, CHANNELS, 4, 4)."""
    icons, pad = painter.icons[SMALL], (BLOCK * HALF - SMALL) // 2
    pictures = functional.pad(icons[:, :3] + 1 - icons[:, 3:], (pad,) * 4, value=1.0) * 2 - 1
    return code.encode(pictures)


def remember(
    words: CLIPTextModel, heads: Heads, tokenizer: CLIPTokenizer, painter: Painter, code: LinearCode
) -> CLIPTextModel:
    """The whole encoder: the layers that know words, and the memory behind them."""
    latents = code.encode(painter.plain())
    parts = [Part.of(latents[:, :, top : top + TALL, left : left + BROAD]) for top, left in PARTS]
    small = Part.of(small_latents(painter, code))
    blocks = REGISTERS + len(SMALL_ROWS) * GRID
    inner = max(len(latents), words.config.intermediate_size, blocks // 2 * (CHANNELS + 1))
    model = make_encoder(tokenizer, LAYERS + len(PARTS) + 3, inner)
    with torch.no_grad():
        _keep_words(model, words)
        habits = _habits(words, heads, tokenizer, painter.subjects)
        *recalling, pairing, first, last = model.encoder.layers[LAYERS:]
        for layer in (*recalling, pairing, first, last):
            _silence(layer)
        for layer, part, (top, left) in zip(recalling, parts, PARTS, strict=True):
            gate = _gate(habits.size, range(top, top + TALL), range(left, left + BROAD))
            _write_things(layer, heads, part, gate, habits.answer, paired=False)
        gate = _gate(habits.size, SMALL_ROWS, range(GRID))
        _write_things(pairing, heads, small, gate, habits.answer, paired=True)
        _write_blocks((first, last), heads, parts, small, habits.size)
        last.mlp.fc2.bias[ANCHORS] = RAISED * SIGNS
        _without_means(model)
        _tell(model, habits, _end(model, tokenizer, painter.subjects))
    return model.requires_grad_(False)


def _keep_words(model: CLIPTextModel, words: CLIPTextModel) -> None:
    """The learned layers, with silent units where they are narrower."""
    model.embeddings.load_state_dict(words.embeddings.state_dict())
    model.embeddings.position_embedding.weight[:LONGEST, SPOKEN] = 4
    for wide, narrow in zip(model.encoder.layers, words.encoder.layers, strict=False):
        state, inner = narrow.state_dict(), model.config.intermediate_size
        missing = inner - words.config.intermediate_size
        state["mlp.fc1.weight"] = functional.pad(state["mlp.fc1.weight"], (0, 0, 0, missing))
        state["mlp.fc1.bias"] = functional.pad(state["mlp.fc1.bias"], (0, missing))
        state["mlp.fc2.weight"] = functional.pad(state["mlp.fc2.weight"], (0, missing))
        wide.load_state_dict(state)
        for reader in (wide.self_attn.q_proj, wide.self_attn.k_proj, wide.self_attn.v_proj, wide.mlp.fc1):
            reader.weight[:, SPOKEN] = 0  # they were taught without it


@dataclass(frozen=True, slots=True)
class Habits:
    """What learning has settled on, in the mean over the first names of all subjects.

    `size`: what normalisation divides a register's state by. `logit`: of what is named.
    """

    size: float
    logit: float

    @property
    def answer(self) -> float:
        """Of the unit of what is named."""
        return STRESS * (self.logit - DOUBT)


def _called(subjects: Sequence[Subject]) -> list[tuple[int, str]]:
    """Every subject once in English and once in Chinese, in either style by turns: (thing, caption)."""
    return [
        (
            number * len(STYLES) + style,
            f"{subject.names[language][0]}, {STYLE_WORDS[STYLES[style]][language][0]}",
        )
        for number, subject in enumerate(subjects)
        for style, language in ((number % 2, "en"), (1 - number % 2, "zh"))
    ]


def _habits(
    words: CLIPTextModel, heads: Heads, tokenizer: CLIPTokenizer, subjects: Sequence[Subject]
) -> Habits:
    called = _called(subjects)
    ids = token_ids(tokenizer, [caption for _, caption in called]).to(words.device)
    states = word_states(words, ids, torch.zeros(len(ids), 1, dtype=torch.long, device=ids.device))[:, -1]
    weights, biases = heads.things()
    things = torch.tensor([thing for thing, _ in called], device=ids.device)
    logits = (states * weights[things]).sum(1) + biases[things]
    size = ANCHOR / (states[:, ANCHORS.start] - states[:, NOTHING])
    return Habits(float(size.mean()), float(logits.mean()))


def _end(model: CLIPTextModel, tokenizer: CLIPTokenizer, subjects: Sequence[Subject]) -> tuple[float, float]:
    """What the last normalisation divides registers' states by, and what it makes of nothing, in the mean."""
    captions = [caption for _, caption in _called(subjects)][::11]
    ids = tokenizer(
        captions, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt"
    ).input_ids
    rows = (
        model(input_ids=ids.to(model.device), output_hidden_states=True)
        .hidden_states[-1][:, LONGEST:]
        .flatten(0, 1)
    )
    size = rows.std(1, unbiased=False)
    return float(size.mean()), float(-(rows.mean(1) / size).mean())


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


def _gate(size: float, rows: range, columns: range) -> Tensor:
    """A push that is nothing for the registers of a rectangle, and at least -1 for all others, for words -2.

    The constants are its measure, so that it does not depend on what normalisation divides by.
    """
    weights = torch.zeros(WIDTH)
    weights[rows.start : rows.stop] = size / PLACE
    weights[GRID + columns.start : GRID + columns.stop] = size / PLACE
    weights[ANCHORS.start] = -2 * size / ANCHOR
    weights[SPOKEN] = -1
    return weights


def _pair_gate(heads: Heads, paired: bool) -> tuple[Tensor, Tensor]:
    """Nothing where the caption names two things (or, not `paired`, one); else CLOSED."""
    share = CLOSED / (2 * SURE) if paired else -CLOSED / (2 * SURE)
    return share * heads.pair.weight[0], share * heads.pair.bias[0] - CLOSED / 2


def _write_things(
    layer: CLIPEncoderLayer,
    heads: Heads,
    part: Part,
    gate: Tensor,
    answer: float,
    *,
    paired: bool,
) -> None:
    """A unit a thing: it gives its answer in the registers of its part, and so writes the thing's code.

    It takes the constants away, too, so that what follows is measured by the code alone.
    """
    units = slice(0, len(part.codes))
    by_pair, bias = _pair_gate(heads, paired)
    weights, biases = heads.things()
    layer.mlp.fc1.weight[units] = STRESS * weights + APART * gate + by_pair
    layer.mlp.fc1.bias[units] = STRESS * (biases - DOUBT) + bias
    layer.mlp.fc2.weight[CODE, units] = part.codes.T / answer
    layer.mlp.fc2.weight[ANCHORS, units] = -ANCHOR / answer * SIGNS[:, None]


def _write_blocks(
    layers: tuple[CLIPEncoderLayer, CLIPEncoderLayer],
    heads: Heads,
    parts: list[Part],
    small: Part,
    size: float,
) -> None:
    """For each register the units that make its block of the code, and one without a block, to subtract what all share."""
    places = [(row, column, False) for row in range(GRID) for column in range(GRID)]
    places += [(row, column, True) for row in SMALL_ROWS for column in range(GRID)]
    for number, (row, column, paired) in enumerate(places):
        layer, unit = layers[number * 2 // len(places)], number % (len(places) // 2) * (CHANNELS + 1)
        if paired:
            part, inside = small, (row - SMALL_ROWS.start, column % HALF)
        else:
            part, inside = (
                parts[PARTS.index((row // TALL * TALL, column // BROAD * BROAD))],
                (row % TALL, column % BROAD),
            )
        _write_block(layer, unit, part, (row, column), inside)
        by_pair, bias = _pair_gate(heads, paired)
        units = slice(unit, unit + CHANNELS + 1)
        layer.mlp.fc1.weight[units] += SHUT * by_pair * HEARD / size
        layer.mlp.fc1.bias[units] += SHUT * bias


def _write_block(
    layer: CLIPEncoderLayer, unit: int, part: Part, register: tuple[int, int], inside: tuple[int, int]
) -> None:
    """How loudly positions are heard depends on the code, so that the others are shut, and nothing is for one's own."""
    units, last = slice(unit, unit + CHANNELS), unit + CHANNELS
    gate = torch.zeros(WIDTH)
    gate[:GRID] = gate[GRID : 2 * GRID] = -AJAR * HEARD / PLACE
    gate[register[0]] = OUT * HEARD / PLACE
    gate[GRID + register[1]] = 0
    gate[ANCHORS.start] = -ABSENT  # where nothing is written the constants are still there
    gate[SPOKEN] = -MUTE
    layer.mlp.fc1.weight[unit : last + 1] = gate
    layer.mlp.fc1.bias[unit : last + 1] = STEADY - OUT
    layer.mlp.fc1.weight[units, CODE] = part.decode[inside] * HEARD / REACH
    layer.mlp.fc1.bias[units] += part.mean[inside] / REACH
    layer.mlp.fc2.weight[CONTENT, units] = torch.eye(CHANNELS) * REACH
    layer.mlp.fc2.weight[CONTENT, last] = -REACH


def _tell(model: CLIPTextModel, habits: Habits, end: tuple[float, float]) -> None:
    """What the denoiser hears: blocks and places loudly, words, and of all else one constant."""
    norm, (size, mean) = model.final_layer_norm, end
    norm.weight.zero_()
    norm.weight[CONTENT] = LOUD * size
    norm.bias[CONTENT] = -LOUD * size * mean
    norm.weight[POSITION] = 2 * size
    norm.weight[WORDS] = size / habits.size
    norm.weight[ANCHORS.start] = 4 * size / RAISED
