"""Training pictures and the linear code that they are learned in."""

import math

import pytest
import torch

from runtime.models.starter.captions import COLOURS, seeded
from runtime.models.starter.data import SIDE
from runtime.models.starter.latents import BLOCK, CHANNELS, LinearCode
from runtime.models.starter.pictures import Mix, Painter, turn_hue
from tests.models.starter.worlds import small_world

NOTHING = Mix(pair=0, ground=0, hue=0, moved=0, mirrored=0)


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(small_world())


def test_the_code_gives_a_picture_back_nearly_whole(painter: Painter) -> None:
    pictures = painter.plain()
    code = LinearCode(pictures)
    latents = code.encode(pictures)
    assert latents.shape == (6, CHANNELS, SIDE // BLOCK, SIDE // BLOCK)
    error = (code.decode(latents) - pictures).square().mean() / 4
    assert -10 * math.log10(float(error)) > 25  # decibels


def test_white_is_zero(painter: Painter) -> None:
    code = LinearCode(painter.plain())
    assert code.encode(torch.ones(1, 3, SIDE, SIDE)).abs().max() < 1e-4


def test_latents_have_a_variance_of_one(painter: Painter) -> None:
    latents = LinearCode(painter.plain()).encode(painter.plain())
    assert float(latents.square().mean()) == pytest.approx(1.0, abs=0.05)


def test_a_plain_picture_is_an_icon_in_the_middle_of_white(painter: Painter) -> None:
    pictures, _ = painter.paint(8, seeded(0), NOTHING)
    plain = painter.plain()
    for picture in pictures:
        assert (plain - picture).abs().amax((1, 2, 3)).min() < 1e-5


def test_the_ground_has_the_colour_that_the_caption_names(painter: Painter) -> None:
    pictures, captions = painter.paint(20, seeded(0), Mix(pair=0, ground=1, hue=0, moved=0, mirrored=0))
    for picture, text in zip(pictures, captions, strict=True):
        corner = (picture[:, 0, 0] + 1) * 127.5
        (named,) = [en for en, (rgb, _) in COLOURS.items() if (corner - torch.tensor(rgb)).abs().max() < 1]
        assert named in text or COLOURS[named][1] in text


def test_two_icons_stand_side_by_side_with_both_names(painter: Painter) -> None:
    pictures, captions = painter.paint(10, seeded(0), Mix(pair=1, ground=0))
    for picture, text in zip(pictures, captions, strict=True):
        left, right = picture[:, :, : SIDE // 2], picture[:, :, SIDE // 2 :]
        assert left.min() < 0 and right.min() < 0
        assert any(word in text for word in ("and", "next to", "with", "和", "与", "旁边"))


def test_pictures_repeat_with_their_seed(painter: Painter) -> None:
    first, second = (painter.paint(12, seeded(3), Mix()) for _ in range(2))
    assert first[1] == second[1]
    assert torch.equal(first[0], second[0])


def test_a_mirrored_picture_is_the_mirror_of_a_plain_one(painter: Painter) -> None:
    pictures, _ = painter.paint(8, seeded(0), Mix(pair=0, ground=0, hue=0, moved=0, mirrored=1))
    for picture in pictures:
        assert (painter.plain() - picture.flip(-1)).abs().amax((1, 2, 3)).min() < 1e-5


def test_turning_the_hue_all_the_way_changes_nothing(painter: Painter) -> None:
    icon = painter.icons[48][0]
    assert (turn_hue(icon, 2 * math.pi) - icon).abs().max() < 0.01


def test_turning_the_hue_makes_red_another_colour_of_the_same_shape(painter: Painter) -> None:
    icon = painter.icons[48][0]
    turned = turn_hue(icon, math.pi)
    assert torch.equal(turned[3], icon[3])
    assert turned[:, 24, 24].argmax() != 0
