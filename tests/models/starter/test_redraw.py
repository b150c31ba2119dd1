"""What redrawing is to make of a picture, and which pictures it is taught with."""

import pytest
import torch

from runtime.models.starter.captions import seeded
from runtime.models.starter.pictures import Painter
from runtime.models.starter.redraw import COLOURS, DETAILS, begin_from, redrawn, soften
from tests.models.starter.worlds import small_world


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    return Painter(small_world()).plain()


def made(pictures: torch.Tensor, share: float) -> torch.Tensor:
    """The first icons redrawn under the names of the last."""
    return redrawn(pictures[:3], pictures[3:], torch.full((3,), share))


def test_little_noise_leaves_everything_as_it_is(pictures: torch.Tensor) -> None:
    assert torch.equal(made(pictures, DETAILS[0]), pictures[:3])


def test_much_noise_leaves_nothing_of_it(pictures: torch.Tensor) -> None:
    assert torch.allclose(made(pictures, COLOURS[1]), pictures[3:], atol=1e-5)


def test_between_them_details_are_the_named_ones_and_colours_those_that_were_there(
    pictures: torch.Tensor,
) -> None:
    between = made(pictures, DETAILS[1])  # details have come, colours hardly
    there, named = pictures[:3], pictures[3:]

    def away(one: torch.Tensor, other: torch.Tensor) -> float:
        return float((one - other).square().mean())

    assert away(soften(between), soften(there)) < away(soften(between), soften(named)) / 4
    fine, fine_there, fine_named = (p - soften(p) for p in (between, there, named))
    assert away(fine, fine_named) < away(fine, fine_there)


def test_what_already_shows_what_is_named_stays(pictures: torch.Tensor) -> None:
    for share in (0.2, 0.5, 0.9):
        same = redrawn(pictures, pictures, torch.full((len(pictures),), share))
        assert torch.allclose(same, pictures, atol=1e-6)


def test_blurring_keeps_a_plain_picture_plain_up_to_its_edge() -> None:
    plain = torch.tensor([0.5, -0.2, 0.9])[None, :, None, None].expand(1, 3, 64, 64)
    assert torch.allclose(soften(plain), plain, atol=1e-5)


def test_redrawing_begins_from_pictures_of_every_kind_and_is_the_same_by_the_same_seed(
    pictures: torch.Tensor,
) -> None:
    named, others = pictures[:1].repeat(60, 1, 1, 1), pictures[3:4].repeat(60, 1, 1, 1)
    begun = begin_from(named, others, seeded(1))
    assert torch.equal(begun, begin_from(named, others, seeded(1)))
    assert begun.isfinite().all() and begun.shape == named.shape
    whole = (begun == others).flatten(1).all(1)
    assert 5 < int(whole.sum()) < 40
    assert len({picture.numpy().tobytes() for picture in begun[~whole]}) == int((~whole).sum())
