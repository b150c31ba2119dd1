"""The heads once more, alone: what is nearly right becomes right, and nothing but the head of subjects changes."""

import torch

from runtime.models.starter.captions import bare_caption, make_tokenizer, seeded
from runtime.models.starter.pictures import Painter
from runtime.models.starter.settle import settle
from runtime.models.starter.words import WORDS, Heads, make_encoder
from tests.models.starter.worlds import small_world


def test_a_head_that_knows_nothing_learns_its_subjects_from_states_that_stay() -> None:
    torch.manual_seed(0)
    world = small_world()
    tokenizer = make_tokenizer(world.subjects)
    encoder, heads = make_encoder(tokenizer), Heads(len(world.subjects))
    before = {name: p.clone() for name, p in (*encoder.named_parameters(), *heads.named_parameters())}
    right = settle(encoder, heads, tokenizer, Painter(world), count=640, steps=300)
    assert right > 0.6, "three subjects: a third by chance"
    changed = {
        name
        for name, p in (*encoder.named_parameters(), *heads.named_parameters())
        if not torch.equal(p, before[name])
    }
    assert changed == {"subject.weight", "subject.bias"}
    assert (
        not heads.subject.weight[:, : WORDS.start].any() and not heads.subject.weight[:, WORDS.stop :].any()
    )


def test_a_bare_caption_is_a_name_and_the_style() -> None:
    rng = seeded(0)
    subject = small_world().subjects[0]
    said = {bare_caption(subject, style, rng) for style in ("3D", "flat") for _ in range(200)}
    assert {"red disc", "a red disc", "红圆", "red disc, flat", "红圆，扁平"} <= said
    assert not any("icon" in text or "draw" in text for text in said)
