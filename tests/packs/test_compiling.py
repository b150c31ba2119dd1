"""Networks are compiled where somebody asks for it and a compiler is there; all else works uncompiled, and the log says so."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from runtime.arithmetic import COMPILE, compiler, here
from runtime.packs.image import compiling
from runtime.packs.image.compiling import COMPILING, FOLDER, compile_network
from runtime.packs.image.diffusion import Order, load
from runtime.packs.image.painting import paint
from tests.packs.doubles import MemoryContext
from tests.packs.pipelines import save_stable_diffusion


class Network(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(8, 8)
        self.calls = 0

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.silu(self.layer(given)) * 2


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    monkeypatch.setenv(COMPILE, "1")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")  # so that it is as it was afterwards
    return tmp_path


@pytest.fixture
def no_compiler(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    monkeypatch.delenv("CXX", raising=False)


def pipeline() -> Any:
    torch.manual_seed(0)
    return SimpleNamespace(unet=Network())


def test_unasked_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(COMPILE, raising=False)
    made = pipeline()
    assert not compile_network(made).is_new("any") and made.unet._compiled_call_impl is None


def test_without_a_compiler_it_works_as_it_did_and_the_log_says_so(
    no_compiler: None, caplog: pytest.LogCaptureFixture
) -> None:
    made = pipeline()
    assert not compile_network(made).is_new("any") and made.unet._compiled_call_impl is None
    assert "there is no C++ compiler" in caplog.text
    assert here().pictures == "fp32"


def test_where_there_is_a_compiler_it_computes_the_same_with_code_in_our_own_folder(home: Path) -> None:
    """Real: this takes what the compiler takes. Where there is none, the test before says what happens."""
    made = pipeline()
    given = torch.randn(4, 8)
    with torch.inference_mode():
        before = made.unet(given)
        compile_network(made)
        after = made.unet(given)
    assert torch.allclose(before, after, atol=1e-5)
    code = list((home / FOLDER).rglob("*.so")) if (home / FOLDER).exists() else []
    assert bool(code) == (compiler() is not None)
    if code:
        assert (home / FOLDER).stat().st_mode & 0o077 == 0
        assert here().pictures == "fp32 compiled"


def test_what_cannot_be_compiled_is_computed_as_it_is_and_the_log_says_so(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = home / "g++"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", (str(broken),))
    torch._dynamo.reset()
    made = pipeline()
    given = torch.randn(3, 8)
    with torch.inference_mode():
        before = made.unet(given)
        compile_network(made)
        after = made.unet(given)
    assert torch.equal(before, after)
    assert "a part of the model is not compiled" in caplog.text


def test_who_waits_for_a_compiler_is_told_once_for_each_form(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are told before the network is used; here it is one that gives up at once, so that nobody waits."""
    monkeypatch.setattr(compiling, "_compiled_or_as_it_is", lambda graph, inputs: graph.forward)
    monkeypatch.setenv("CXX", "/bin/sh")
    painter = load(save_stable_diffusion(tmp_path / "model"))
    context = MemoryContext(models=_Holding(painter))
    for _ in range(2):
        paint(context, "tiny", Order("a red circle", "", 2, 3.0, 1))
    assert [str(note.en) for note in context.notes] == [COMPILING.en]


class _Holding:
    """The one model that there is."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def use(self, ref: str, load: Any, capability: str) -> Any:
        from contextlib import nullcontext

        return nullcontext(self.model)
