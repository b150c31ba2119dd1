"""starter: whether the starter model paints what is asked, how differently, and how fast."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor
from torch.nn import functional

from runtime.models.starter.captions import COLOURS, STYLES, kept_out_caption, seeded
from runtime.models.starter.data import SIDE, data_folder, fetch, read_world
from runtime.models.starter.pictures import Painter, hue_of, hue_of_picture
from tests.bench.figures import Figure
from tests.models.starter.judge import Judge

WEIGHTS = Path("runtime/models/weights/starter")
PROMPTS, SEEDS = 200, 4
STEPS, GUIDANCE = 20, 3.0
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
        self.pipeline: Any = StableDiffusionPipeline.from_pretrained(str(folder))
        self.pipeline.set_progress_bar_config(disable=True)
        fetch(data_folder())
        self.painter = Painter(read_world(data_folder()))
        self.subjects = self.painter.subjects
        self.judge = Judge(data_folder())
        self.real = self.painter.plain()
        self.gallery = self.judge.features(self.real)

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


def measure() -> Sequence[Figure]:
    folder = Path(os.environ.get("SLUICEWAY_STARTER") or WEIGHTS)
    if not (folder / "model_index.json").exists():
        raise SystemExit(f"There is no model in {folder}. Train one with `python3 manage.py train_starter`.")
    torch.set_num_threads(os.cpu_count() or 1)
    studio = Studio(folder)
    return [
        *_judge_itself(studio),
        *_adherence(studio),
        *_colours(studio),
        *_pairs(studio),
        *_seconds(studio),
    ]


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
    return [
        *figures,
        Figure("between_seeds", float(between.mean()) / 2, "of the range"),
        Figure(
            "to_nearest_training_picture",
            float(nearest.mean()) / small[0].shape[1] ** 0.5 / 2,
            "of the range",
        ),
    ]


def _part(name: str, ranks: Tensor, wanted: Tensor, chosen: list[bool]) -> list[Figure]:
    mask = torch.tensor(chosen).repeat(SEEDS)
    first, fifth = _hits(ranks[mask], wanted[mask])
    return [Figure(f"first_{name}", first, "share"), Figure(f"among_five_{name}", fifth, "share")]


def _colours(studio: Studio) -> list[Figure]:
    """Grounds by their corners; colours of things by the hue of what is not ground."""
    rng = seeded(12)
    numbers = rng.sample(range(len(studio.subjects)), 27)
    grounds = [name for name in COLOURS for _ in range(3)]
    prompts = [
        f"{studio.subjects[n].names['en'][0]} on {ground}" for n, ground in zip(numbers, grounds, strict=True)
    ]
    palette = torch.tensor([rgb for rgb, _ in COLOURS.values()]) / 127.5 - 1
    corners = studio.paint(prompts, 0)[:, :, :3, :3].mean((2, 3))
    guessed = torch.cdist(corners, palette).argmin(1).tolist()
    right = sum([*COLOURS][g] == ground for g, ground in zip(guessed, grounds, strict=True)) / len(grounds)
    asked = [
        (colour, f"{colour} {thing}")
        for colour in HUES
        for thing in ("balloon", "umbrella", "wrapped gift", "t shirt")
    ]
    pictures = studio.paint([prompt for _, prompt in asked], 0)
    near = [_is_hue(picture, colour) for picture, (colour, _) in zip(pictures, asked, strict=True)]
    return [Figure("ground_colour", right, "share"), Figure("thing_colour", sum(near) / len(near), "share")]


def _is_hue(picture: Tensor, colour: str) -> bool:
    """Within 35 degrees of the named colour."""
    found = hue_of_picture(picture)
    if found is None:
        return False
    away = abs(found - hue_of(colour)) % 6.2832
    return min(away, 6.2832 - away) < 0.61


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
    both = one = 0
    for place, pair in enumerate(pairs):
        seen = [{*half[place].tolist()} for half in found]
        hits = max(
            sum(wanted in half for wanted, half in zip(order, seen, strict=True))
            for order in (pair, pair[::-1])
        )
        both, one = both + (hits == 2), one + (hits >= 1)
    return [Figure("pairs_both", both / len(pairs), "share"), Figure("pairs_one", one / len(pairs), "share")]


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
