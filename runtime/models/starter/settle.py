"""Settle: the heads once more, alone, when the encoder has learned its words.

Learned together, the two meet each name too seldom to end what is nearly right: "dog" was as surely the dog's face as the dog,
and the memory paints whatever is sure, so that both were painted over each other. With the encoder's states kept, a step
costs a thousandth, and a head meets every name hundreds of times.
"""

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from runtime.models.starter.captions import BESIDES, GRID, STYLES, Subject, bare_caption, seeded
from runtime.models.starter.pictures import Mix, Painter
from runtime.models.starter.words import SURE, UNSURE, WORDS, Heads, token_ids, word_states

CAPTIONS, AT_ONCE = 40_000, 64
BARE = 0.5  # of the captions are a name alone, in either style: what people type first
STEPS, BATCH, RATE = 4_000, 1_024, 4e-3
CLEAR = 4.0  # how far below what is named all else must stay; the memory's units answer to less
LOUD = 0.05  # how much each logit above that weighs


def settle(
    model: CLIPTextModel,
    heads: Heads,
    tokenizer: CLIPTokenizer,
    painter: Painter,
    count: int = CAPTIONS,
    steps: int = STEPS,
) -> float:
    """Teaches the head of subjects alone, by `count` captions; the share of their states that it tells right in the end."""
    states, wanted = _told(model, tokenizer, painter, count)
    head = deepcopy(heads.subject)  # until it is done: what is stopped within leaves the heads as they were
    optimizer = torch.optim.Adam(head.parameters(), lr=RATE)
    chance = torch.Generator(device="cpu").manual_seed(0)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - step / steps)
        chosen = torch.randint(len(wanted), (BATCH,), generator=chance).to(wanted.device)
        loss = _loss(head(states[chosen]), wanted[chosen])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it bare
        optimizer.step()
        _keep_apart(head)
    heads.subject.load_state_dict(head.state_dict())
    with torch.no_grad():
        right = torch.cat([head(part).argmax(1) for part in torch.split(states, BATCH)]) == wanted
    return float(right.float().mean())


@torch.no_grad()
def _keep_apart(head: nn.Linear) -> None:
    """As `Heads.keep_apart`."""
    head.weight[:, : WORDS.start] = 0
    head.weight[:, WORDS.stop :] = 0


def _loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """As the words' loss, and dear for whatever comes near what is named."""
    named = logits.gather(1, wanted[:, None])[:, 0]
    near = (logits - (SURE - CLEAR)).relu().square().sum(1) - (named - (SURE - CLEAR)).relu().square()
    others = (logits - UNSURE).relu().square().sum(1) - (named - UNSURE).relu().square()
    return (
        functional.cross_entropy(logits, wanted)
        + 0.2 * (named - SURE).square().mean()
        + 0.002 * others.mean()
        + LOUD * near.mean()
    )


@torch.no_grad()
def _told(
    model: CLIPTextModel, tokenizer: CLIPTokenizer, painter: Painter, count: int
) -> tuple[Tensor, Tensor]:
    """(n, WIDTH) states of registers behind captions, and the subjects that they are to tell."""
    rng, device = seeded(1), model.device
    idle = _idle_names(painter.subjects)
    states, wanted = [], []
    for _ in range(count // AT_ONCE):
        scenes, captions = painter.plan(AT_ONCE, rng, Mix(pair=0.15, ground=0.15, hue=0.1))
        for place, scene in enumerate(scenes):
            if len(scene.icons) == 1 and rng.random() < BARE:
                subject = painter.subjects[scene.icons[0].subject]
                captions[place] = bare_caption(subject, STYLES[scene.icons[0].style], rng)
        rows = [rng.randrange(GRID) * GRID + rng.randrange(GRID // 2) for _ in range(2 * AT_ONCE)]
        registers = torch.tensor(rows, device=device).view(AT_ONCE, 2) + torch.tensor(
            [0, GRID // 2], device=device
        )
        told = word_states(model, token_ids(tokenizer, captions).to(device), registers)[:, -2:]
        clear = [
            _is_clear(text, scene.icons[0].subject, idle)
            for text, scene in zip(captions, scenes, strict=True)
        ]
        states.append(told[torch.tensor(clear, device=device)].flatten(0, 1))
        wanted += [
            icon.subject
            for scene, is_clear in zip(scenes, clear, strict=True)
            for icon in (scene.icons[0], scene.icons[-1])
            if is_clear
        ]
    return torch.cat(states), torch.tensor(wanted, device=device)


def _idle_names(subjects: Sequence[Subject]) -> list[tuple[str, int, bool]]:
    """(name, subject, whether it is its first) of names with a word that changes nothing elsewhere: "old key"."""
    words = {word for _, of_it, _ in BESIDES.values() for word in of_it}
    return [
        (name, number, place == 0)
        for number, subject in enumerate(subjects)
        for place, name in enumerate(subject.names["en"])
        if words & {*name.split()}
    ]


def _is_clear(text: str, subject: int, idle: list[tuple[str, int, bool]]) -> bool:
    """Not "old key" for any key, nor "happy cat" for the smiling one: what says both teaches neither."""
    return not any(name in text and (owner != subject or not first) for name, owner, first in idle)
