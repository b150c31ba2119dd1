"""Models that paint squares of one size: what is asked of them in others, and what they are given in other shapes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runtime.errors import OperationalError, UserError
from runtime.models.manager import ModelManager
from runtime.packs.image.diffusion import load
from runtime.packs.image.image_generate import image_generate
from runtime.packs.image.image_inpaint import image_inpaint
from runtime.packs.image.image_redraw import image_redraw
from runtime.packs.image.side import SIZES
from tests.packs.doubles import MemoryContext
from tests.packs.pipelines import SIDE, save_stable_diffusion
from tests.packs.test_image_nodes import CHANGE, PAINT, drawn, installed, opened, stored


def save_square(folder: Path) -> Path:
    save_stable_diffusion(folder)
    (folder / SIZES).write_text(json.dumps({"only_side": SIDE}))
    return folder


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> ModelManager:
    return installed(tmp_path_factory.mktemp("square"), save_square)


@pytest.mark.parametrize("size", [(None, None), (SIDE, None), (SIDE, SIDE)])
def test_its_own_size_is_painted(squares: ModelManager, size: tuple[int | None, int | None]) -> None:
    context = MemoryContext(models=squares)
    asked = PAINT | dict(zip(("width", "height"), size, strict=True))
    assert opened(context, image_generate.run(context, **asked)).size == (SIDE, SIDE)


@pytest.mark.parametrize("size", [(128, 128), (SIDE, 32), (None, 72)])
def test_another_size_is_refused_before_work_and_says_what_to_do(
    squares: ModelManager, size: tuple[int | None, int | None]
) -> None:
    context = MemoryContext(models=squares)
    with pytest.raises(UserError) as refused:
        image_generate.run(context, **PAINT | dict(zip(("width", "height"), size, strict=True)))
    assert refused.value.code == "size_not_painted"
    assert f"{SIDE} × {SIDE}" in refused.value.message.en
    assert context.progressed == []


@pytest.mark.parametrize(("given", "expected"), [((200, 100), (SIDE, SIDE // 2)), ((30, 60), (32, SIDE))])
def test_a_picture_of_another_shape_is_redrawn_inside_a_square(
    squares: ModelManager, given: tuple[int, int], expected: tuple[int, int]
) -> None:
    context = MemoryContext(models=squares)
    made = image_redraw.run(context, image=stored(context, drawn(*given)), strength=0.5, **CHANGE)
    assert opened(context, made).size == expected


def test_a_square_is_redrawn_as_by_any_other_model(squares: ModelManager, tmp_path: Path) -> None:
    others = installed(tmp_path, save_stable_diffusion)
    made = []
    for manager in (squares, others):
        context = MemoryContext(models=manager)
        ref = stored(context, drawn(SIDE, SIDE))
        made.append(opened(context, image_redraw.run(context, image=ref, strength=0.5, **CHANGE)))
    assert np.array_equal(*made)


def test_what_a_mask_keeps_stays_where_it_was(squares: ModelManager) -> None:
    context = MemoryContext(models=squares)
    picture, mask = drawn(150, 90), Image.new("L", (150, 90), 0)
    mask.paste(255, (75, 0, 150, 90))
    refs = {"image": stored(context, picture), "mask": stored(context, mask)}
    made = opened(context, image_inpaint.run(context, **refs, strength=1.0, **CHANGE))
    before, after = np.asarray(picture, int), np.asarray(made, int)
    assert made.size == picture.size
    assert (after[:, :75] == before[:, :75]).all()
    assert np.abs(after[:, 80:] - before[:, 80:]).mean() > 10


@pytest.mark.parametrize("said", ["[]", "{}", '{"only_side": "64"}', '{"only_side": 0}', "not json"])
def test_a_size_that_cannot_be_read_is_no_licence_to_paint_any(tmp_path: Path, said: str) -> None:
    save_square(tmp_path)
    (tmp_path / SIZES).write_text(said)
    with pytest.raises(OperationalError, match="cannot be loaded"):
        load(tmp_path)
