"""The weights that the product ships: what the catalogue says they are, and pictures of what they are asked for."""

import hashlib
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from runtime.models.catalog import ROOT, load_catalog
from runtime.models.starter.data import SIDE

WEIGHTS = ROOT / "runtime" / "models" / "weights" / "starter"
LIMIT = 40_000_000  # bytes


@pytest.fixture(scope="module")
def pipeline() -> Any:
    torch.set_num_threads(1)
    opened = StableDiffusionPipeline.from_pretrained(str(WEIGHTS))
    opened.set_progress_bar_config(disable=True)
    return opened


def paint(pipeline: Any, prompt: str, seed: int = 0) -> np.ndarray:
    """(SIDE, SIDE, 3) from 0 to 1."""
    generator = torch.Generator().manual_seed(seed)
    made = pipeline(
        prompt, num_inference_steps=8, guidance_scale=1.5, generator=generator, output_type="np"
    ).images[0]
    assert made.shape == (SIDE, SIDE, 3)
    return np.asarray(made)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_the_files_are_those_of_the_catalogue() -> None:
    record = load_catalog(ROOT / "runtime" / "models" / "catalog.toml")["starter"]
    assert record.available and record.default
    listed = {file.path: (file.size, file.sha256) for file in record.files}
    found = {
        path.relative_to(WEIGHTS).as_posix(): (
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in WEIGHTS.rglob("*")
        if path.suffix in {".json", ".safetensors"}
    }
    assert listed == found
    assert sum(size for path, (size, _) in listed.items() if path.endswith(".safetensors")) <= LIMIT


def test_english_and_chinese_bring_the_same_cat_and_it_is_no_apple(pipeline: Any) -> None:
    cat, again, apple = (paint(pipeline, prompt) for prompt in ("a smiling cat", "一只微笑的猫", "red apple"))
    assert likeness(cat, again) > 0.9
    assert likeness(cat, apple) < 0.8


def test_a_red_apple_is_red_on_white_and_a_flat_one_is_another(pipeline: Any) -> None:
    apple, flat = paint(pipeline, "red apple"), paint(pipeline, "red apple, flat")
    red, green, blue = apple[24:48, 20:44].reshape(-1, 3).mean(0)
    assert red > 0.6 and green < 0.4 and blue < 0.5
    assert apple[:6, :6].min() > 0.8
    assert 0.5 < likeness(apple, flat) < 0.99


def test_two_things_stand_side_by_side(pipeline: Any) -> None:
    both = paint(pipeline, "banana and strawberry")
    assert both[:10].mean() > 0.9, "icons of two are small"
    left, right = both[16:48, :32].reshape(-1, 3), both[16:48, 32:].reshape(-1, 3)
    yellow, red = left[left.min(1) < 0.6].mean(0), right[right.min(1) < 0.6].mean(0)
    assert yellow[1] > red[1] + 0.2


def test_the_same_seed_gives_the_same_picture_bit_for_bit(pipeline: Any) -> None:
    assert np.array_equal(paint(pipeline, "dragon", 5), paint(pipeline, "dragon", 5))
    assert not np.array_equal(paint(pipeline, "dragon", 5), paint(pipeline, "dragon", 6))


@pytest.mark.parametrize(
    ("said", "with_sign"),
    [("a smiling cat", "A smiling cat."), ("red apple", "Red apple!"), ("一只微笑的猫", "一只微笑的猫。")],
)
def test_who_ends_a_sentence_gets_the_same_picture(said: str, with_sign: str, pipeline: Any) -> None:
    assert likeness(paint(pipeline, said), paint(pipeline, with_sign)) > 0.95
