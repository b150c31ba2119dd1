"""A contact sheet: what the model makes of 48 prompts, seed 0 of each, none chosen by hand.

python -m runtime.models.starter.sheet FOLDER TARGET
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from runtime.models.starter.captions import STYLE_WORDS, STYLES, Subject, seeded
from runtime.models.starter.data import data_folder, fetch, read_world

COLUMNS, TILE = 8, 96
SEED, STEPS, GUIDANCE = 0, 20, 1.5


def sheet_prompts(subjects: Sequence[Subject]) -> list[str]:
    """24 in English, 12 in Chinese, 12 of two things; the subjects by lot, the styles by turns."""
    rng = seeded(2026)
    prompts = []
    for place, subject in enumerate(rng.sample(subjects, 36)):
        style = STYLES[place % 2]
        language, comma = ("en", ", ") if place < 24 else ("zh", "，")
        prompts.append(f"{subject.names[language][0]}{comma}{STYLE_WORDS[style][language][0]}")
    for _ in range(12):
        first, second = rng.sample(subjects, 2)
        prompts.append(f"{first.names['en'][0]} and {second.names['en'][0]}")
    return prompts


def draw_sheet(pipeline: Any, prompts: Sequence[str]) -> Image.Image:
    sheet = Image.new("RGB", (COLUMNS * TILE, -(-len(prompts) // COLUMNS) * TILE), "white")
    for place, prompt in enumerate(prompts):
        generator = torch.Generator().manual_seed(SEED)
        made = pipeline(
            prompt, num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=generator
        ).images[0]
        row, column = divmod(place, COLUMNS)
        sheet.paste(made.resize((TILE, TILE), Image.Resampling.BICUBIC), (column * TILE, row * TILE))
    return sheet


def page(prompts: Sequence[str], denoiser: str, encoder: str) -> str:
    """The prompts in the order of the tiles, as Markdown."""
    rows = [prompts[start : start + COLUMNS] for start in range(0, len(prompts), COLUMNS)]
    lines = [f"{number}. {' | '.join(row)}" for number, row in enumerate(rows, 1)]
    return "\n".join([
        "# Contact sheet", "", "![48 pictures](sheet.png)", "",
        f"Seed {SEED} of each prompt, {STEPS} steps, guidance {GUIDANCE:g}, none chosen by hand; by the denoiser of SHA-256",
        f"`{denoiser}` and the text encoder of",
        f"`{encoder}`. Drawn by",
        "`python -m runtime.models.starter.sheet runtime/models/weights/starter docs/starter`.", "",
        "Row by row:", "", *lines, "",
    ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the model")
    parser.add_argument("target", type=Path, help="folder for sheet.png and README.md")
    arguments = parser.parse_args()
    fetch(data_folder())
    prompts = sheet_prompts(read_world(data_folder()).subjects)
    pipeline: Any = StableDiffusionPipeline.from_pretrained(str(arguments.folder))
    pipeline.set_progress_bar_config(disable=True)
    denoiser, encoder = (
        hashlib.sha256((arguments.folder / part).read_bytes()).hexdigest()
        for part in ("unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors")
    )
    arguments.target.mkdir(parents=True, exist_ok=True)
    draw_sheet(pipeline, prompts).save(arguments.target / "sheet.png")
    (arguments.target / "README.md").write_text(page(prompts, denoiser, encoder), encoding="utf-8")


if __name__ == "__main__":
    main()
