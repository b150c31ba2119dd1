"""The memory behind the words: what the registers hold is the picture that the caption names."""

import math

import pytest
import torch
from torch import Tensor
from transformers import CLIPTextModel

from runtime.models.starter.captions import (
    COLOURS,
    GRID,
    GROUNDS,
    LONGEST,
    PAIRS,
    STYLE_WORDS,
    STYLES,
    TOKENS,
    make_tokenizer,
    seeded,
)
from runtime.models.starter.latents import CHANNELS, LinearCode
from runtime.models.starter.memory import LOUD, remember
from runtime.models.starter.pictures import Mix, Painter, Scene
from runtime.models.starter.told import Told
from runtime.models.starter.words import CONTENT, WORDS, Heads, keep_apart, make_encoder, word_loss
from tests.models.starter.worlds import small_world

STEPS, RATE = 400, 2e-3


class Learned:
    """The small world's words, learned in some seconds, and the encoder made of them."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.world = small_world()
        self.painter = Painter(self.world)
        self.code = LinearCode(self.painter.plain())
        self.tokenizer = make_tokenizer(self.world.subjects)
        self.words, self.heads = make_encoder(self.tokenizer), Heads(len(self.world.subjects))
        self.right = self._learn()
        self.encoder = remember(self.words, self.heads, self.tokenizer, self.painter, self.code)
        self.told = Told(self.encoder, self.tokenizer, self.world)

    def _learn(self) -> float:
        parameters = [*self.words.parameters(), *self.heads.parameters()]
        optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98))
        rng, right = seeded(0), 0.0
        for step in range(STEPS):
            for group in optimizer.param_groups:
                group["lr"] = RATE * math.cos(step / STEPS * math.pi / 2)
            scenes, _ = self.painter.plan(16, rng, Mix(pair=0.4, hue=0))
            captions = [self.called(scene, rng.choice(("en", "zh"))) for scene in scenes]
            loss, right = word_loss(self.words, self.heads, self.tokenizer, scenes, captions)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            keep_apart(self.words)
            self.heads.keep_apart()
        return right

    def called(self, scene: Scene, language: str = "en") -> str:
        """In one form of words alone: what is tested here is the memory."""
        names = [self.world.subjects[icon.subject].names[language][0] for icon in scene.icons]
        both = names[0] if len(names) == 1 else PAIRS[language][0].format(a=names[0], b=names[1])
        if scene.ground is not None:
            word = scene.ground if language == "en" else COLOURS[scene.ground][1]
            both = GROUNDS[language][0].format(x=both, c=word)
        return f"{both}, {STYLE_WORDS[STYLES[scene.icons[0].style]][language][0]}"

    def pictures(self, captions: list[str]) -> Tensor:
        return held(self.told.read(captions), self.code)


def held(states: Tensor, code: LinearCode) -> Tensor:
    """The pictures that registers hold."""
    blocks = states[:, LONGEST:, CONTENT] / LOUD
    return code.decode(blocks.view(-1, GRID, GRID, CHANNELS).permute(0, 3, 1, 2))


@pytest.fixture(scope="module")
def learned() -> Learned:
    return Learned()


def error(made: Tensor, wanted: Tensor) -> float:
    return float((made - wanted).square().mean().sqrt()) / 2


def test_the_registers_hold_the_picture_that_is_named(learned: Learned) -> None:
    assert learned.right == 1
    plain = learned.painter.plain()
    captions = [
        "red disc, 3D",
        "red disc, flat",
        "green bar, 3D",
        "green bar, flat",
        "蓝框, 3D",
        "蓝框, 扁平",
    ]
    made = learned.pictures(captions)
    for number, picture in enumerate(made):
        away = [error(picture, other) for other in plain]
        assert min(away) == away[number] < 0.12, (captions[number], away)


def test_of_two_things_each_half_holds_its_own(learned: Learned) -> None:
    rng = seeded(1)
    scenes, _ = learned.painter.plan(6, rng, Mix(pair=1, ground=0))
    made, wanted = learned.pictures([learned.called(scene) for scene in scenes]), learned.painter.draw(scenes)
    assert error(made, wanted) < 0.15


def test_every_register_tells_the_ground_that_is_named(learned: Learned) -> None:
    rng = seeded(4)
    scenes, _ = learned.painter.plan(18, rng, Mix(pair=0.4, ground=1, hue=0))
    captions = [learned.called(scene) for scene in scenes]
    whole = learned.told.read(captions)[:, LONGEST:]
    table = learned.told.states(scenes, captions, [False] * 18)[:, LONGEST:]
    away = (table[..., WORDS] - whole[..., WORDS]).square().mean() / whole[..., WORDS].square().mean()
    assert away < 0.01
    told = whole[..., WORDS] @ learned.heads.ground.weight[:, WORDS].T + learned.heads.ground.bias
    nearest = told.argmax(-1) - 1
    wanted = torch.tensor([[*COLOURS].index(scene.ground) for scene in scenes])
    assert (nearest == wanted[:, None]).float().mean() > 0.9


def test_no_words_are_no_picture_in_particular(learned: Learned) -> None:
    (made,) = learned.pictures([""])
    assert torch.isfinite(made).all()


def test_the_table_says_what_the_whole_encoder_says(learned: Learned) -> None:
    rng = seeded(2)
    scenes, _ = learned.painter.plan(8, rng, Mix(pair=0.4, ground=0, hue=0))
    captions = [learned.called(scene) for scene in scenes]
    table = learned.told.states(scenes, captions, [False] * 8)
    whole = learned.told.read(captions)
    assert table.shape == whole.shape == (8, TOKENS, whole.shape[2])
    assert torch.allclose(table[:, :LONGEST], whole[:, :LONGEST], atol=1e-4)
    near = (table[:, LONGEST:] - whole[:, LONGEST:]).square().mean() / whole[:, LONGEST:].square().mean()
    assert near < 0.1, "but for how strongly a thing comes"


def test_the_words_do_not_depend_on_the_padding_behind_them(learned: Learned) -> None:
    model: CLIPTextModel = learned.words
    short = learned.tokenizer(["red disc"], return_tensors="pt").input_ids
    long = learned.tokenizer(["red disc"], padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        states = [model(input_ids=ids).last_hidden_state[0, : short.shape[1]] for ids in (short, long)]
    assert torch.allclose(states[0], states[1], atol=1e-4)


def test_dropped_captions_are_told_as_nothing(learned: Learned) -> None:
    scene = Scene(learned.painter.plan(1, seeded(3), Mix(pair=0))[0][0].icons)
    dropped = learned.told.states([scene], ["red disc"], [True])
    assert torch.allclose(dropped[:, :LONGEST], learned.told.read([""])[:, :LONGEST], atol=1e-4)
