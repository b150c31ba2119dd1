"""Silence: what no caption ever said says nothing, instead of whatever its place in the table began with."""

import torch
from transformers import CLIPTextModel, CLIPTokenizer

from runtime.models.starter.captions import COLOURS, STYLE_WORDS, Subject, caption, seeded

# So many captions have every token that is met at all often enough to have been learned.
CAPTIONS = 60_000
# It stands in captions anywhere, and changes no picture.
QUIET = ",</w>"
# Some captions have one of these inside; at the end of a sentence they mean nothing.
ENDS = tuple(f"{sign}{end}" for sign in ".!?;:," for end in ("", "</w>"))


def silence(encoder: CLIPTextModel, tokenizer: CLIPTokenizer, subjects: tuple[Subject, ...]) -> int:
    """Tokens that training never met (a full stop, "can you") are read as a comma; how many there are.

    Whoever ends a sentence with a stop otherwise gets half a picture of noise.
    """
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    kept = (_met(tokenizer, subjects) | set(tokenizer.all_special_ids)) - {vocabulary[sign] for sign in ENDS}
    quiet = [number for number in vocabulary.values() if number not in kept]
    table = encoder.get_input_embeddings().weight
    with torch.no_grad():
        table[quiet] = table[vocabulary[QUIET]].clone()
    return len(quiet)


def _met(tokenizer: CLIPTokenizer, subjects: tuple[Subject, ...]) -> set[int]:
    rng, styles, colours = seeded(0), tuple(STYLE_WORDS), tuple(COLOURS)
    met: set[int] = set()
    for number in range(CAPTIONS):
        some = [subjects[number % len(subjects)], *rng.sample(subjects, int(rng.random() < 0.3))]
        ground = rng.choice(colours) if rng.random() < 0.3 else None
        hue = rng.choice(colours) if len(some) == 1 and rng.random() < 0.3 else None
        met.update(tokenizer(caption(some, rng.choice(styles), rng, ground=ground, hue=hue)).input_ids)
    return met
