"""The weights that the product ships: what the catalogue says they are, and pictures of what they are asked for."""

import hashlib
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from runtime.errors import UserError
from runtime.models.catalog import ROOT, load_catalog
from runtime.models.starter.data import SIDE
from runtime.packs.image.diffusion import Order, load

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


@pytest.mark.parametrize(
    ("said", "besides"),
    [
        ("cat", "kitten"),
        ("red apple", "can you draw a big red apple in a garden please"),
        ("lion", "a beautiful lion, highly detailed, masterpiece, digital art, 4k"),
        ("一只大象", "请帮我画一只漂亮的大象，高清，谢谢"),
    ],
)
def test_what_is_said_besides_changes_no_picture(said: str, besides: str, pipeline: Any) -> None:
    assert likeness(paint(pipeline, said), paint(pipeline, besides)) > 0.9


def redrawn(source: np.ndarray, prompt: str, strength: float) -> np.ndarray:
    picture = Image.fromarray((source * 255).round().astype(np.uint8))
    order = Order(prompt, "", 20, 1.5, 0, picture=picture, strength=strength)
    return np.asarray(load(WEIGHTS).paint(order, lambda *_: None)) / 255


def test_redrawing_leads_from_what_is_there_to_what_is_named(pipeline: Any) -> None:
    apple, lion = paint(pipeline, "red apple"), paint(pipeline, "lion")
    little, much = (redrawn(apple, "lion", strength) for strength in (0.2, 0.9))
    assert likeness(little, apple) > 0.8 > likeness(little, lion)
    assert likeness(much, lion) > 0.9 > likeness(much, apple)
    between = redrawn(apple, "lion", 0.55)
    assert likeness(between, lion) > likeness(apple, lion), "no longer an apple"
    assert between[20:44, 20:44, 0].mean() - between[20:44, 20:44, 2].mean() > 0.2, "and still warm as one"


def test_a_ground_has_the_colour_that_is_asked_for_up_to_its_edge(pipeline: Any) -> None:
    blue = paint(pipeline, "lion on blue")
    edge = np.concatenate([blue[0], blue[-1], blue[:, 0], blue[:, -1]])
    assert edge[:, 2].mean() > 0.7 and edge[:, 0].mean() < 0.5
    assert np.abs(edge - blue[1, 1]).mean() < 0.1


@pytest.mark.parametrize("unknown", ["", "unicorn", "please draw a unicorn, flat", "😀"])
def test_who_says_nothing_that_it_knows_is_told(unknown: str) -> None:
    with pytest.raises(UserError, match="prompt_says_nothing"):
        load(WEIGHTS).paint(Order(unknown, "", 2, 1.5, 0), lambda *_: None)


def test_who_says_more_than_it_reads_is_told() -> None:
    painter = load(WEIGHTS)
    painter.paint(Order("apple " * 42, "", 1, 1.5, 0), lambda *_: None)
    with pytest.raises(UserError, match=r"prompt_too_long.*45 tokens, and it takes 44"):
        painter.paint(Order("apple " * 43, "", 1, 1.5, 0), lambda *_: None)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("apple", "five apples"),
        ("bird", "birds"),
        ("heart", "two hearts"),
        ("lion", "2 lions"),
        ("blue car", "蓝色的汽车"),
        ("猫", "四只猫"),
    ],
)
def test_plurals_counts_and_colours_of_cars_bring_the_same_picture(
    said: str, written: str, pipeline: Any
) -> None:
    assert likeness(paint(pipeline, said), paint(pipeline, written)) > 0.95
