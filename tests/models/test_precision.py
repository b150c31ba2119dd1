"""Picture models work in the precision that the installation chose, else in what suits the device."""

import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from runtime.arithmetic import PRECISION
from runtime.errors import OperationalError
from runtime.models.precision import precision
from runtime.packs.image.diffusion import Order, load
from tests.packs.pipelines import save_stable_diffusion


@pytest.mark.parametrize(
    ("named", "device", "given"),
    [
        ("", "cpu", "fp32"),
        ("auto", "cuda", "fp16"),
        ("bf16", "cpu", "bf16"),
        ("fp32", "cuda", "fp32"),
        ("int8", "cpu", "int8"),
        ("int4", "cuda", "int4"),
    ],
)
def test_what_is_named_counts_and_else_the_device(
    named: str, device: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION, named)
    assert precision(device) == given


def test_what_is_no_precision_is_refused_with_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION, "int3")
    folder = save_stable_diffusion(tmp_path / "model")
    with pytest.raises(OperationalError) as refused:
        load(folder)
    assert refused.value.code == "precision_unknown" and "int3" in refused.value.message.zh
    assert refused.value.hint and "auto, fp32, bf16, fp16, int8, int4" in refused.value.hint.en


def test_without_its_library_a_precision_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_stable_diffusion(tmp_path / "model")
    monkeypatch.setenv(PRECISION, "int8")
    _hide(monkeypatch, "torchao")
    with pytest.raises(OperationalError) as refused:
        load(folder)
    assert refused.value.code == "precision_missing" and "torchao" in refused.value.message.en
    assert refused.value.hint and "pip install" in refused.value.hint.en


def _hide(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have Python find no module of this name, wherever it is."""

    class Hidden:
        def find_spec(self, wanted: str, path: object = None, target: object = None) -> None:
            if wanted == name:
                raise ModuleNotFoundError(wanted)

    monkeypatch.setattr(sys, "meta_path", [Hidden(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_model_is_loaded_in_it_and_paints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRECISION, "bf16")
    painter = load(save_stable_diffusion(tmp_path / "model"))
    assert painter._pipeline.unet.dtype is torch.bfloat16
    painted = painter.paint(Order("a red circle", "", 2, 3.0, 1), lambda done, preview: None)
    assert isinstance(painted, Image.Image)
