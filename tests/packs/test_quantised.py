"""Pictures of the real starter with weights in eight bits and in four: close to what they were, and told for what they weigh."""

import numpy as np
import pytest
import torch
from PIL import Image

from runtime.arithmetic import PRECISION
from runtime.models.manager import ModelManager
from runtime.packs.image.diffusion import Order, Painter, load
from tests.models.cache import real_models

ORDER = Order("a strawberry", "", 8, 1.5, 1)
# Of 255 shades, the mean of a picture. Measured: 0.3 and 2.5 (decision 052).
CLOSE = {"int8": 1.0, "int4": 6.0}


def painted(painter: Painter, *orders: Order) -> list[np.ndarray]:
    made = painter.paint_each(orders, [lambda done, preview: None] * len(orders))
    assert all(isinstance(item, Image.Image) for item in made), made
    return [np.asarray(item, dtype=float) for item in made]


@pytest.fixture(scope="module")
def whole() -> Painter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PRECISION, "fp32")
        return load(real_models().folder / "starter")


@pytest.mark.parametrize("named", CLOSE)
def test_the_picture_is_nearly_the_same_alone_and_in_company(
    named: str, whole: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION, named)
    small = load(real_models().folder / "starter")
    (there,), (here,) = painted(whole, ORDER), painted(small, ORDER)
    away = np.abs(here - there).mean()
    assert 0 < away < CLOSE[named]
    together = painted(small, ORDER, Order("a lion", "", 8, 1.5, 2))
    assert np.abs(together[0] - here).mean() < 0.1


@pytest.mark.parametrize(("named", "most"), [("int8", 0.27), ("int4", 0.23)])
def test_only_the_denoiser_is_made_smaller_and_by_so_much(
    named: str, most: float, whole: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION, named)
    small = load(real_models().folder / "starter")
    pipeline, before = small._pipeline, whole._pipeline
    for part in ("text_encoder", "vae"):
        pairs = zip(getattr(pipeline, part).parameters(), getattr(before, part).parameters(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs)
    learned = 4 * sum(item.numel() for item in before.unet.parameters())
    assert whole.weighs - small.weighs > 0
    assert (small.weighs - (whole.weighs - learned)) / learned < most
    assert pipeline.unet.dtype is torch.float32


def test_the_manager_counts_what_it_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRECISION, "int8")
    manager = ModelManager(real_models())
    with manager.use("starter", load, "image") as painter:
        (resident,) = manager._residents.values()
        assert resident.size == painter.weighs
