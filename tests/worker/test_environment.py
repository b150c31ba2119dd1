"""What a child process is told: nothing secret, and that its libraries keep still."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.worker import environment
from tests.models.cache import real_models

ROOT = Path(__file__).resolve().parents[2]


def test_a_child_is_told_to_call_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    told = environment.for_child()
    silent = ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "DO_NOT_TRACK")
    assert [told.get(name) for name in silent] == ["1"] * len(silent)


def test_a_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SLUICEWAY_SECRET_KEY",
        "SLUICEWAY_REDIS_URL",
        "SLUICEWAY_BROKER_URL",
        "DATABASE_URL",
        "SOME_TOKEN",
    ):
        monkeypatch.setenv(name, "a secret")
    assert "a secret" not in environment.for_child().values()


def load_model(home: Path, environ: dict[str, str], code: str) -> set[str]:
    """The files that a new process leaves in its home after it has made a session with a real model."""
    home.mkdir()
    model = real_models().folder / "opennsfw"
    subprocess.run(
        [sys.executable, "-c", code, model], cwd=ROOT, env=environ | {"HOME": str(home)}, check=True
    )
    return {str(path.relative_to(home)) for path in home.rglob("*")}


def test_running_a_model_leaves_nothing_at_home(tmp_path: Path) -> None:
    bare = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    session = "import onnxruntime, sys; onnxruntime.InferenceSession(sys.argv[1] + '/open-nsfw.onnx')"
    by_hand = (
        "from runtime.packs.safety.nudity import load; import pathlib, sys; load(pathlib.Path(sys.argv[1]))"
    )
    assert load_model(tmp_path / "child", environment.for_child(), session) == set()
    assert load_model(tmp_path / "elsewhere", bare, by_hand) == set()
