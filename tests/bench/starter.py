"""starter: whether the starter model paints what is asked, how differently, and how fast."""

import math
import os
import random
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from torch import Tensor
from torch.nn import functional

from runtime.models.starter.captions import COLOURS, STYLES, kept_out_caption, seeded
from runtime.models.starter.data import ICON, SIDE, data_folder, fetch, read_world
from runtime.models.starter.pictures import Painter, Placed, Scene, hue_of, hue_of_picture
from runtime.packs.image.diffusion import Order, load
from tests.bench.figures import Figure
from tests.models.starter.judge import Judge

WEIGHTS = Path("runtime/models/weights/starter")
PROMPTS, SEEDS = 200, 4
STEPS, GUIDANCE = 20, 1.5
BATCH = 25  # prompts at a time
# What the project promises of its starter.
BAR_FIRST, BAR_FIFTH = 0.50, 0.75
BAR_SECONDS = (
    15.0  # prompt to picture on two cores, upscaling and gates included: the painting must leave room
)
HUES = ("red", "yellow", "green", "blue", "purple")


class Studio:
    """The model, the judge, and all real icons with the features that the judge sees in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pipeline: Any = StableDiffusionPipeline.from_pretrained(str(folder))
        self.pipeline.set_progress_bar_config(disable=True)
        fetch(data_folder())
        self.painter = Painter(read_world(data_folder()))
        self.subjects = self.painter.subjects
        self.judge = Judge(data_folder())
        self.real = self.painter.plain()
        self.gallery = self.judge.features(self.real)
        self.missed: dict[str, list[Missed]] = {}

    def miss(self, figure: str, prompts: Sequence[str], pictures: Tensor, right: Sequence[bool]) -> None:
        """Keeps what was not answered, to be shown on the card."""
        self.missed[figure] = [
            Missed(prompt, picture)
            for prompt, picture, hit in zip(prompts, pictures, right, strict=True)
            if not hit
        ]

    def paint(self, prompts: Sequence[str], seed: int, steps: int = STEPS) -> Tensor:
        """(prompts, 3, SIDE, SIDE) in -1..1; each prompt begins from the same noise that it would alone."""
        made = []
        for start in range(0, len(prompts), BATCH):
            part = list(prompts[start : start + BATCH])
            generators = [torch.Generator().manual_seed(seed) for _ in part]
            made.append(
                self.pipeline(
                    part,
                    num_inference_steps=steps,
                    guidance_scale=GUIDANCE,
                    generator=generators,
                    output_type="pt",
                ).images
            )
        return torch.cat(made).float() * 2 - 1


@dataclass(frozen=True, slots=True)
class Missed:
    """A prompt that was not answered, and its picture (3, SIDE, SIDE) in -1..1, of seed 0."""

    prompt: str
    picture: Tensor


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured, and what was not answered, by the figure that it spoiled."""

    figures: tuple[Figure, ...]
    missed: Mapping[str, Sequence[Missed]]
    things: Sequence[str]  # all that it was taught, by first names


def measure() -> Sequence[Figure]:
    return evaluate(Path(os.environ.get("SLUICEWAY_STARTER") or WEIGHTS)).figures


def evaluate(folder: Path) -> Evaluation:
    """All of it on the model in `folder` (SystemExit where there is none)."""
    if not (folder / "model_index.json").exists():
        raise SystemExit(f"There is no model in {folder}. Train one with `python3 manage.py train-starter`.")
    torch.set_num_threads(os.cpu_count() or 1)
    studio = Studio(folder)
    figures = (
        *_judge_itself(studio),
        *_adherence(studio),
        *_colours(studio),
        *_shapes(studio),
        *_pairs(studio),
        *_redraws(studio),
        *_seconds(studio),
    )
    return Evaluation(figures, studio.missed, [s.names["en"][0] for s in studio.subjects])


def kept_out_prompts(studio: Studio, count: int = PROMPTS) -> list[tuple[int, int, str, str]]:
    """(subject, style, language, prompt): each subject at most once, styles and languages by turns."""
    rng = seeded(11)
    chosen = []
    for place, number in enumerate(rng.sample(range(len(studio.subjects)), count)):
        style, language = place % 2, ("en", "zh")[place // 2 % 2]
        prompt = kept_out_caption(studio.subjects[number], STYLES[style], language, rng)
        chosen.append((number, style, language, prompt))
    return chosen


def _judge_itself(studio: Studio) -> list[Figure]:
    """Real icons through encoder and decoder: what the judge would say of a perfect denoiser."""
    wanted = torch.arange(0, len(studio.real), 9)
    with torch.inference_mode():
        latents = studio.pipeline.vae.encode(studio.real[wanted]).latent_dist.mode()
        decoded = studio.pipeline.vae.decode(latents).sample.clamp(-1, 1)
    error = (decoded - studio.real[wanted]).square().mean() / 4
    first, fifth = _hits(studio.judge.ranks(decoded, studio.gallery), wanted)
    return [
        Figure("real_icons_first", first, "share"),
        Figure("real_icons_among_five", fifth, "share"),
        Figure("autoencoder", float(-10 * error.log10()), "dB"),
    ]


def _adherence(studio: Studio) -> list[Figure]:
    """Kept-out prompts, and how different the pictures of one prompt are from each other and from what was learned."""
    prompts = kept_out_prompts(studio)
    wanted = torch.tensor([number * len(STYLES) + style for number, style, _, _ in prompts])
    by_seed = [studio.paint([prompt for *_, prompt in prompts], seed) for seed in range(SEEDS)]
    ranks = [studio.judge.ranks(pictures, studio.gallery) for pictures in by_seed]
    everything, all_wanted = torch.cat(ranks), wanted.repeat(SEEDS)
    first, fifth = _hits(everything, all_wanted)
    figures = [
        Figure("first", first, "share", BAR_FIRST, "at least"),
        Figure("among_five", fifth, "share", BAR_FIFTH, "at least"),
        Figure("first_in_either_style", _hits(everything // 2, all_wanted // 2)[0], "share"),
    ]
    for style in range(len(STYLES)):
        figures += _part(
            f"{STYLES[style].lower()}", everything, all_wanted, [s == style for _, s, _, _ in prompts]
        )
    for language in ("en", "zh"):
        figures += _part(language, everything, all_wanted, [lang == language for _, _, lang, _ in prompts])
    small = [functional.avg_pool2d(pictures, 4).flatten(1) for pictures in by_seed]
    between = torch.stack([_rms(a, b) for i, a in enumerate(small) for b in small[i + 1 :]])
    nearest = torch.cdist(torch.cat(small), functional.avg_pool2d(studio.real, 4).flatten(1)).amin(1)
    figures += [
        Figure("between_seeds", float(between.mean()) / 2, "of the range"),
        Figure("to_nearest_training_picture", float(nearest.mean()) / small[0].shape[1] ** 0.5 / 2, "of the range"),
    ]  # fmt: skip
    found = torch.stack([(part[:, :5] == wanted[:, None]).any(1) for part in ranks]).any(0)
    studio.miss("among_five", [prompt for *_, prompt in prompts], by_seed[0], found.tolist())
    return figures


def _part(name: str, ranks: Tensor, wanted: Tensor, chosen: list[bool]) -> list[Figure]:
    mask = torch.tensor(chosen).repeat(SEEDS)
    first, fifth = _hits(ranks[mask], wanted[mask])
    return [Figure(f"first_{name}", first, "share"), Figure(f"among_five_{name}", fifth, "share")]


def _colours(studio: Studio) -> list[Figure]:
    """Grounds by their corners; colours of things, none of them their own, by the hue of what is not white.

    Beside each, how often the thing that was asked for is there as well: nearest among five of all icons on that ground,
    or of all icons without their colours.
    """
    rng = seeded(12)
    grounds = [name for name in COLOURS for _ in range(3)]
    things = rng.sample(range(len(studio.subjects)), len(grounds))
    prompts = [f"{_name(studio, n)} on {c}" for n, c in zip(things, grounds, strict=True)]
    pictures = studio.paint(prompts, 0)
    palette = torch.tensor([rgb for rgb, _ in COLOURS.values()]) / 127.5 - 1
    guessed = torch.cdist(pictures[:, :, :3, :3].mean((2, 3)), palette).argmin(1).tolist()
    on = [[*COLOURS][g] == ground for g, ground in zip(guessed, grounds, strict=True)]
    there = [
        n in _nearest(picture, _on(studio, ground))
        for picture, n, ground in zip(pictures, things, grounds, strict=True)
    ]
    both = [*map(all, zip(on, there, strict=True))]
    studio.miss("ground_colour_and_thing", prompts, pictures, both)
    things, hues = _other_hues(studio, rng)
    prompts = [f"{c} {_name(studio, n)}" for n, c in zip(things, hues, strict=True)]
    pictures = studio.paint(prompts, 0)
    grey = studio.real.mean(1, keepdim=True)
    near = [_is_hue(picture, colour) for picture, colour in zip(pictures, hues, strict=True)]
    known = [
        n in _nearest(picture.mean(0, keepdim=True), grey)
        for picture, n in zip(pictures, things, strict=True)
    ]
    coloured = [*map(all, zip(near, known, strict=True))]
    studio.miss("thing_colour_and_thing", prompts, pictures, coloured)
    return [
        Figure("ground_colour", _share(on), "share"),
        Figure("ground_colour_and_thing", _share(both), "share"),
        Figure("thing_colour", _share(near), "share"),
        Figure("thing_colour_and_thing", _share(coloured), "share"),
    ]


def _other_hues(studio: Studio, rng: random.Random, count: int = 40) -> tuple[list[int], list[str]]:
    """Things that have a colour, by lot, and for each one far from it (70 degrees and more)."""
    chosen: list[tuple[int, str]] = []
    for n in rng.sample(range(len(studio.subjects)), len(studio.subjects)):
        own = hue_of_picture(studio.real[n * len(STYLES)])
        others = [] if own is None else [hue for hue in HUES if _apart(own, hue_of(hue)) > 1.22]
        if others:
            chosen.append((n, rng.choice(others)))
    return [n for n, _ in chosen[:count]], [hue for _, hue in chosen[:count]]


def _name(studio: Studio, number: int) -> str:
    return studio.subjects[number].names["en"][0]


def _on(studio: Studio, ground: str) -> Tensor:
    """Every icon in the first style and the second, on a ground."""
    every = range(len(studio.subjects) * len(STYLES))
    pad = (SIDE - ICON) // 2
    return studio.painter.draw(
        [Scene((Placed(*divmod(n, len(STYLES)), ICON, pad, pad),), ground) for n in every]
    )


def _nearest(picture: Tensor, gallery: Tensor, count: int = 5) -> set[int]:
    """The subjects whose pictures in `gallery` are nearest to this one, by thumbnails of 16 pixels."""
    small = functional.avg_pool2d(gallery, SIDE // 16).flatten(1)
    away = (small - functional.avg_pool2d(picture[None], SIDE // 16).flatten(1)).square().sum(1)
    return {int(n) // len(STYLES) for n in away.argsort()[:count]}


def _share(right: Iterable[bool]) -> float:
    answers = [*right]
    return sum(answers) / len(answers)


def _shapes(studio: Studio) -> list[Figure]:
    """Hearts, stars, moons and the like: whether what is not white covers what it covers in the real icon."""
    shapes = re.compile(r"\b(heart|star|moon|droplet|ball|ring|bell|cloud|fire|egg|balloon)\b")
    chosen = [n for n, subject in enumerate(studio.subjects) if shapes.search(subject.names["en"][0])]
    pictures = studio.paint([studio.subjects[n].names["en"][0] for n in chosen], 0)
    drawn, real = (
        images.amin(1) < 0.8 for images in (pictures, studio.real[[n * len(STYLES) for n in chosen]])
    )
    overlap = (drawn & real).sum((1, 2)) / (drawn | real).sum((1, 2)).clamp(min=1)
    return [Figure("shape_overlap", float(overlap.mean()), "share")]


def _is_hue(picture: Tensor, colour: str) -> bool:
    """Within 35 degrees of the named colour."""
    found = hue_of_picture(picture)
    return found is not None and _apart(found, hue_of(colour)) < 0.61


def _apart(one: float, other: float) -> float:
    """Radians between two hues."""
    away = abs(one - other) % math.tau
    return min(away, math.tau - away)


def _redraws(studio: Studio) -> list[Figure]:
    """Icons redrawn under another thing's caption: what the judge still sees of either among the nearest five.

    What is neither has fallen apart. Inside of a mask, by thumbnails: whether its half shows that half of what was named.
    """
    rng = seeded(14)
    pairs = [rng.sample(range(len(studio.subjects)), 2) for _ in range(24)]
    painter = load(studio.folder)
    figures, strengths = [], (0.3, 0.6, 0.9)
    for strength in strengths:
        made = torch.stack([_redrawn(studio, painter, pair, strength) for pair in pairs])
        nearest = (studio.judge.ranks(made, studio.gallery)[:, :5] // len(STYLES)).tolist()
        kept, named = ([pair[i] in five for pair, five in zip(pairs, nearest, strict=True)] for i in (0, 1))
        either = [*map(any, zip(kept, named, strict=True))]
        called = [f"{_name(studio, a)} as {_name(studio, b)}, {strength:g}" for a, b in pairs]
        studio.miss(f"redrawn_{strength:g}_either", called, made, either)
        figures += [
            Figure(f"redrawn_{strength:g}_kept", _share(kept), "share"),
            Figure(f"redrawn_{strength:g}_named", _share(named), "share"),
            Figure(f"redrawn_{strength:g}_either", _share(either), "share"),
        ]
    mask = Image.new("L", (SIDE, SIDE), 0)
    mask.paste(255, (SIDE // 2, 0, SIDE, SIDE))
    halves = [_redrawn(studio, painter, pair, 1.0, mask)[:, :, SIDE // 2 :] for pair in pairs]
    gallery = studio.real[:, :, :, SIDE // 2 :]
    right = [named in _nearest(half, gallery) for half, (_, named) in zip(halves, pairs, strict=True)]
    return [*figures, Figure("painted_in_mask", _share(right), "share")]


def _redrawn(
    studio: Studio, painter: Any, pair: Sequence[int], strength: float, mask: Image.Image | None = None
) -> Tensor:
    """The first of a pair under the second's name: (3, SIDE, SIDE) in -1..1, as `image.redraw` and `image.inpaint` make it."""
    pixels = ((studio.real[pair[0] * len(STYLES)] + 1) * 127.5).round().to(torch.uint8)
    picture = Image.fromarray(pixels.permute(1, 2, 0).numpy())
    order = Order(
        _name(studio, pair[1]), "", STEPS, GUIDANCE, 0, picture=picture, mask=mask, strength=strength
    )
    made = painter.paint(order, lambda done, preview: None)
    return torch.from_numpy(np.asarray(made).copy()).permute(2, 0, 1) / 127.5 - 1


def _pairs(studio: Studio) -> list[Figure]:
    """Two icons: each half must be nearest, among five, to the small picture of one of the two, in either order."""
    rng = seeded(13)
    pairs = [rng.sample(range(len(studio.subjects)), 2) for _ in range(24)]
    prompts = ["{} and {}".format(*(studio.subjects[n].names["en"][0] for n in pair)) for pair in pairs]
    pictures = studio.paint(prompts, 0)
    small = studio.painter.icons[30]
    gallery = studio.judge.features(
        functional.pad(small[:, :3] + 1 - small[:, 3:], (1,) * 4, value=1.0) * 2 - 1
    )
    rows = slice(SIDE // 4, SIDE * 3 // 4)
    halves = [pictures[:, :, rows, : SIDE // 2], pictures[:, :, rows, SIDE // 2 :]]
    found = [studio.judge.ranks(half, gallery)[:, :5] // len(STYLES) for half in halves]
    hits = []
    for place, pair in enumerate(pairs):
        seen = [{*half[place].tolist()} for half in found]
        orders = (pair, pair[::-1])
        hits.append(
            max(sum(wanted in half for wanted, half in zip(order, seen, strict=True)) for order in orders)
        )
    both, one = ([count >= least for count in hits] for least in (2, 1))
    studio.miss("pairs_both", prompts, pictures, both)
    return [Figure("pairs_both", _share(both), "share"), Figure("pairs_one", _share(one), "share")]


def _seconds(studio: Studio) -> list[Figure]:
    figures = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for steps in (8, STEPS):
            bar = BAR_SECONDS / 2 if threads == 2 else None
            seconds = min(_timed(studio, steps) for _ in range(3))
            figures.append(Figure(f"seconds_{threads}_threads_{steps}_steps", seconds, "s", bar))
    return figures


def _timed(studio: Studio, steps: int) -> float:
    begun = time.perf_counter()
    studio.paint(["a smiling cat"], 0, steps)
    return time.perf_counter() - begun


def _hits(ranks: Tensor, wanted: Tensor) -> tuple[float, float]:
    """The shares of those that are nearest, and of those among the nearest five."""
    found = ranks == wanted[:, None]
    return float(found[:, 0].float().mean()), float(found[:, :5].any(1).float().mean())


def _rms(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).square().mean(1).sqrt()
