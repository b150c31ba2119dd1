"""Told: what the denoiser hears of a caption, found in a table where the encoder would be dear.

The encoder never changes while the denoiser learns, and what registers hold of the picture is the same for all captions of
one scene but for how surely its words are recognised. So that is read once for each thing, alone and on either side of a
pair. What they tell in words, colours among it, is read of each caption anew, once for each half.
"""

from collections.abc import Sequence
from copy import copy

import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from runtime.models.starter.captions import GRID, LONGEST, PAIRS, STYLE_WORDS, STYLES, TOKENS
from runtime.models.starter.data import World
from runtime.models.starter.pictures import Scene
from runtime.models.starter.words import LAYERS, WORDS, word_states

AT_ONCE = 32
HALVES = torch.tensor([0, GRID // 2])  # a register of each
LEFT = torch.arange(GRID * GRID) % GRID < GRID // 2  # registers of the left half


class Told:
    def __init__(self, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, world: World) -> None:
        self.encoder, self.words, self.tokenizer = encoder, _learned(encoder), tokenizer
        things = [
            (subject.names["en"][0], STYLE_WORDS[s]["en"][0]) for subject in world.subjects for s in STYLES
        ]
        seconds = [
            *things[len(STYLES) :],
            *things[: len(STYLES)],
        ]  # beside each the next subject, in its style
        self.alone = self._registers([f"{name}, {style}" for name, style in things])
        pairs = self._registers([
            f"{PAIRS['en'][0].format(a=name, b=other)}, {style}" for (name, style), (other, _) in zip(things, seconds, strict=True)
        ])  # fmt: skip
        self.left, self.right = pairs, pairs.roll(len(STYLES), 0)
        self.nothing = self._registers([""])[0]

    def states(self, scenes: Sequence[Scene], captions: Sequence[str], dropped: Sequence[bool]) -> Tensor:
        """(scenes, TOKENS, WIDTH): the states of the words from the words' own layers, and the registers of the table."""
        texts = ["" if drop else text for text, drop in zip(captions, dropped, strict=True)]
        registers = [
            self.nothing if drop else self._of(scene) for scene, drop in zip(scenes, dropped, strict=True)
        ]
        return self._said(texts, torch.stack(registers))

    @torch.no_grad()
    def _said(self, texts: Sequence[str], registers: Tensor) -> Tensor:
        """What the whole encoder makes of words: of its memory they feel the constants at the end alone, and registers keep
        beside it what the first layers told them."""
        states = word_states(
            self.words,
            self._ids(texts)[:, :LONGEST],
            HALVES.to(self.words.device).expand(len(texts), -1),
            normal=False,
        )
        left = LEFT[:, None].to(states.device)
        halves = torch.where(left, states[:, -2, None, WORDS], states[:, -1, None, WORDS])
        spoken = states[:, :LONGEST] + self.encoder.encoder.layers[-1].mlp.fc2.bias
        registers = torch.cat([registers[..., : WORDS.start], halves, registers[..., WORDS.stop :]], -1)
        heard: Tensor = self.encoder.final_layer_norm(torch.cat([spoken, registers], 1))
        return heard

    @torch.no_grad()
    def read(self, captions: Sequence[str]) -> Tensor:
        """(captions, TOKENS, WIDTH), by the whole encoder, as the pipeline reads them."""
        return torch.cat([self.encoder(input_ids=part).last_hidden_state for part in self._parts(captions)])

    def _of(self, scene: Scene) -> Tensor:
        if len(scene.things) == 1:
            return self.alone[scene.things[0]]
        first, second = scene.things
        return torch.where(LEFT[:, None].to(self.left.device), self.left[first], self.right[second])

    @torch.no_grad()
    def _registers(self, captions: Sequence[str]) -> Tensor:
        """Before the last normalisation."""
        return torch.cat(
            [
                self.encoder(input_ids=part, output_hidden_states=True).hidden_states[-1][:, LONGEST:]
                for part in self._parts(captions)
            ]
        )

    def _parts(self, captions: Sequence[str]) -> tuple[Tensor, ...]:
        return torch.split(self._ids(captions), AT_ONCE)

    def _ids(self, captions: Sequence[str]) -> Tensor:
        ids: Tensor = self.tokenizer(
            list(captions), padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt"
        ).input_ids
        return ids.to(self.encoder.device)


def _learned(encoder: CLIPTextModel) -> CLIPTextModel:
    """The encoder's layers that know words, alone."""
    config = copy(encoder.config)
    config.num_hidden_layers = LAYERS
    words = CLIPTextModel(config).to(encoder.device).requires_grad_(False)
    words.embeddings.load_state_dict(encoder.embeddings.state_dict())
    for layer, whole in zip(words.encoder.layers, encoder.encoder.layers, strict=False):
        layer.load_state_dict(whole.state_dict())
    return words
