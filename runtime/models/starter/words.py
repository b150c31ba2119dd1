"""Words: a small text encoder learns which things a caption names, one for each half of the picture, and which colours.

States have fixed places (`WORDS` and the others below), so that `memory.py` can write pictures beside the words.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from runtime.models.starter.captions import COLOURS, GRID, LONGEST, TOKENS
from runtime.models.starter.pictures import HUES, Scene

REGISTERS = GRID * GRID
HEADS = 4
LAYERS, INNER = 2, 640
# Where things stand in a state of 320 numbers.
POSITION = slice(0, 16)  # which register this is: its row, its column
FLAG = 16  # says of padding and registers that they are no words
ANCHORS = slice(
    17, 25
)  # constants that outweigh the rest, so that every normalisation divides by nearly the same
NOTHING = 25  # always zero: what normalisation makes of it is the mean that it has taken from all others
SPOKEN = 26  # of use to the memory: says of words that they are no registers
CONTENT = slice(28, 52)  # a patch of the picture, in the end
WORDS = slice(52, 148)  # all that is learned
CODE = slice(148, 320)  # a quarter of the picture, on the way
WIDTH = CODE.stop
ANCHOR, PLACE = 16.0, 2.0
SURE = 8.0  # the logit that a named thing should have: the memory multiplies by it
UNSURE = -3.0  # and what all others should stay below, where the activation is next to nothing
COLOURFUL = 4.0  # how much colours weigh beside things: at 1 they were not learned in time
SIZE = 2.8  # what normalisation is to divide a register's state by, whatever the caption


def make_encoder(tokenizer: CLIPTokenizer, layers: int = LAYERS, inner: int = INNER) -> CLIPTextModel:
    model = CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=inner, projection_dim=WIDTH, num_hidden_layers=layers,
        num_attention_heads=HEADS, max_position_embeddings=TOKENS, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    ))  # fmt: skip
    with torch.no_grad():
        model.embeddings.token_embedding.weight.normal_()
        for layer in model.encoder.layers:  # the anchors make a normalisation divide by about 2.5
            layer.layer_norm1.weight.fill_(2.5)
            layer.layer_norm2.weight.fill_(2.5)
    keep_apart(model)
    return model


@torch.no_grad()
def keep_apart(model: CLIPTextModel) -> None:
    """What learning must not touch is put back: states outside of WORDS, and that nobody looks at padding."""
    learned = torch.zeros(WIDTH)
    learned[WORDS] = 1
    tokens, positions = model.embeddings.token_embedding.weight, model.embeddings.position_embedding.weight
    learned = learned.to(tokens.device)
    tokens.mul_(learned)
    tokens[model.config.pad_token_id, FLAG] = 4
    positions.mul_(learned)
    positions[LONGEST:] = 0
    positions[:, ANCHORS] = ANCHOR * torch.tensor([1.0, -1.0] * 4, device=positions.device)
    for register in range(REGISTERS):
        row, column = divmod(register, GRID)
        positions[LONGEST + register, row] = positions[LONGEST + register, GRID + column] = PLACE
    size = WIDTH // HEADS
    for layer in model.encoder.layers:
        for writer in (layer.self_attn.out_proj, layer.mlp.fc2):
            writer.weight.mul_(learned[:, None])
            writer.bias.mul_(learned)
        layer.layer_norm1.weight[FLAG], layer.layer_norm1.bias[FLAG] = 1, 0
        for norm in (layer.layer_norm1, layer.layer_norm2):  # their work is done by then
            norm.weight[ANCHORS], norm.bias[ANCHORS] = 0, 0
        query, key = layer.self_attn.q_proj, layer.self_attn.k_proj
        for first in range(
            0, WIDTH, size
        ):  # one number of each head: always asked for, and bad where the flag is
            query.weight[first], query.bias[first] = 0, size**0.5
            key.weight[first], key.bias[first] = 0, 0
            key.weight[first, FLAG] = -16
    plain(model.final_layer_norm)


@torch.no_grad()
def plain(norm: nn.LayerNorm) -> None:
    norm.weight.fill_(1)
    norm.bias.zero_()


class Heads(nn.Module):
    """From a register's state to what its half of the picture shows: which subject, in which style and hue, on which ground,
    and whether there are two."""

    def __init__(self, subjects: int) -> None:
        super().__init__()
        self.subject = nn.Linear(WIDTH, subjects)
        self.style = nn.Linear(WIDTH, 1)  # above zero for the second style
        self.pair = nn.Linear(WIDTH, 1)
        self.ground = nn.Linear(WIDTH, 1 + len(COLOURS))  # the first: none is named
        self.hue = nn.Linear(WIDTH, 1 + len(HUES))
        nn.init.constant_(self.subject.bias, UNSURE)
        self.keep_apart()

    @torch.no_grad()
    def keep_apart(self) -> None:
        for head in (self.subject, self.style, self.pair, self.ground, self.hue):
            head.weight[:, : WORDS.start] = 0
            head.weight[:, WORDS.stop :] = 0

    def things(self) -> tuple[Tensor, Tensor]:
        """Weights and biases of one unit for each thing: the subject's, pushed down in the other style."""
        signs = torch.tensor([-1.0, 1.0]).repeat(len(self.subject.bias))
        weights = self.subject.weight.repeat_interleave(2, 0) + signs[:, None] * self.style.weight
        biases = self.subject.bias.repeat_interleave(2, 0) + signs * self.style.bias - SURE / 2
        return weights, biases


def token_ids(tokenizer: CLIPTokenizer, captions: Sequence[str]) -> Tensor:
    """(captions, longest of them): at most LONGEST tokens each, no registers."""
    ids: Tensor = tokenizer(
        list(captions), padding="longest", max_length=LONGEST, truncation=True, return_tensors="pt"
    ).input_ids
    return ids


def word_states(
    model: CLIPTextModel, ids: Tensor, registers: Tensor | None = None, *, normal: bool = True
) -> Tensor:
    """States of the captions' tokens, and behind them of `registers` (captions, n), given by their numbers.

    Not `normal`: as they are before the last normalisation.
    """
    count, length = ids.shape
    places = torch.arange(length, device=ids.device).expand(count, -1)
    if registers is not None:
        ids = torch.cat([ids, torch.full_like(registers, model.config.pad_token_id)], 1)
        places = torch.cat([places, registers + LONGEST], 1)
    made = model(input_ids=ids, position_ids=places, output_hidden_states=not normal)
    states: Tensor = made.last_hidden_state if normal else made.hidden_states[-1]
    return states


def word_loss(
    model: CLIPTextModel,
    heads: Heads,
    tokenizer: CLIPTokenizer,
    scenes: Sequence[Scene],
    captions: Sequence[str],
) -> tuple[Tensor, float]:
    """The loss over one register of each half, and the share of halves that were told right."""
    device = heads.pair.weight.device
    count = len(scenes)
    rows, columns = torch.randint(GRID, (count, 2)), torch.randint(GRID // 2, (count, 2))
    registers = (rows * GRID + columns + torch.tensor([0, GRID // 2])).to(device)
    ids = token_ids(tokenizer, captions).to(device)
    states = word_states(model, ids, registers)[:, -2:].flatten(0, 1)
    wanted = torch.tensor(
        [[s.icons[0].subject, s.icons[-1].subject] for s in scenes], device=device
    ).flatten()
    style = torch.tensor([[s.icons[0].style] * 2 for s in scenes], device=device).flatten()
    two = torch.tensor([[len(s.icons) > 1] * 2 for s in scenes], device=device).flatten()
    logits, styles, pair = heads.subject(states), heads.style(states)[:, 0], heads.pair(states)[:, 0]
    named = logits.gather(1, wanted[:, None])[:, 0]
    others = (logits - UNSURE).relu().square().sum(1) - (named - UNSURE).relu().square()
    loss = (
        functional.cross_entropy(logits, wanted)
        + 0.2 * (named - SURE).square().mean()
        + 0.002 * others.mean()
        + 0.2 * (styles - SURE / 2 * (2 * style - 1)).square().mean()
        + 0.2 * (pair - SURE * (2 * two.float() - 1)).square().mean()
        + COLOURFUL * _colour_loss(heads.ground(states), [*COLOURS], [s.ground for s in scenes])
        + COLOURFUL * _colour_loss(heads.hue(states), HUES, [s.hue for s in scenes])
        + 2.0 * (ANCHOR / states[:, ANCHORS.start] - SIZE).square().mean()
    )
    right = (logits.argmax(1) == wanted) & ((styles > 0) == style.bool())
    return loss, float(right.float().mean())


def _colour_loss(logits: Tensor, names: Sequence[str], named: Sequence[str | None]) -> Tensor:
    """As surely as things: what is told of a colour is painted as loudly as it is told."""
    wanted = torch.tensor(
        [0 if name is None else 1 + names.index(name) for name in named], device=logits.device
    )
    wanted = wanted.repeat_interleave(2)
    sure = SURE / 2 * (2 * functional.one_hot(wanted, logits.shape[1]) - 1)
    return functional.cross_entropy(logits, wanted) + 0.2 * (logits - sure).square().mean()
