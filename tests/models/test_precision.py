"""Picture models work in the precision that the installation chose, else in what suits the device."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from runtime.models.precision import VARIABLE, precision
from runtime.packs.image.diffusion import Order, load
from tests.packs.pipelines import save_stable_diffusion


@pytest.mark.parametrize(
    ("named", "device", "given"),
    [("", "cpu", "fp32"), ("auto", "cuda", "fp16"), ("bf16", "cpu", "bf16"), ("fp32", "cuda", "fp32")],
)
def test_what_is_named_counts_and_else_the_device(
    named: str, device: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, named)
    assert precision(device) == given


def test_what_is_no_precision_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "int3")
    with pytest.raises(ValueError, match=r"int3.*auto, fp32, bf16, fp16"):
        precision("cpu")


def test_a_model_is_loaded_in_it_and_paints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "bf16")
    painter = load(save_stable_diffusion(tmp_path / "model"))
    assert painter._pipeline.unet.dtype is torch.bfloat16
    painted = painter.paint(Order("a red circle", "", 2, 3.0, 1), lambda done, preview: None)
    assert isinstance(painted, Image.Image)
