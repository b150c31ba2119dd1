"""A model is what was installed, whoever has touched its folder since: that is read before it is used, and once."""

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from builder.catalog.installed_models import installed_models, model_digest
from runtime import provenance
from runtime.errors import OperationalError
from runtime.models.manager import ModelManager
from runtime.models.shelf import Shelf, sha256_of
from runtime.provenance import PROVENANCE

RIGHT, WRONG = b"right", b"wrong"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that nobody has used yet. Beside it lies another that looks like it, and is older."""
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(settings, "HOME", tmp_path / "home")
    for name, content in (("other", WRONG), ("models/one", RIGHT)):
        (tmp_path / name / "part").mkdir(parents=True)
        (tmp_path / name / "part" / "w").write_bytes(content)
    files = [{"path": "part/w", "size": len(RIGHT), "sha256": hashlib.sha256(RIGHT).hexdigest()}]
    written = json.dumps({"capability": "text", "files": files})
    (tmp_path / "models" / "one" / PROVENANCE).write_text(written)
    time.sleep(0.02)  # the clock of files ticks slowly
    return tmp_path / "models" / "one"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files whose bytes were read, one after the other."""
    found: list[Path] = []

    def noted(path: Path) -> str:
        found.append(path)
        return sha256_of(path)

    monkeypatch.setattr("runtime.models.shelf.sha256_of", noted)
    return found


def load(folder: Path) -> bytes:
    return (folder / "part" / "w").read_bytes()


def used(model: Path, manager: ModelManager | None = None) -> bytes:
    with (manager or ModelManager(Shelf(model.parent, {}))).use("one", load, "text") as loaded:
        return loaded


def overwritten(w: Path, other: Path) -> None:
    w.write_bytes(WRONG)
    os.utime(w, ns=(0, 0))  # its age is no excuse


def linked(w: Path, other: Path) -> None:
    w.unlink()
    w.symlink_to(other / "part" / "w")


def moved(w: Path, other: Path) -> None:
    shutil.rmtree(w.parent)
    (other / "part").rename(w.parent)


def added(w: Path, other: Path) -> None:
    (w.parent / "adapter").write_bytes(WRONG)


def gone(w: Path, other: Path) -> None:
    w.unlink()


def longer(w: Path, other: Path) -> None:
    w.write_bytes(RIGHT + WRONG)


@pytest.mark.parametrize("change", [overwritten, linked, moved, added, gone, longer])
def test_what_is_not_what_was_installed_is_not_used_and_known_by_nothing(
    model: Path, tmp_path: Path, change: Callable[[Path, Path], None]
) -> None:
    manager = ModelManager(Shelf(model.parent, {}))
    assert used(model, manager) == RIGHT and model_digest("one")
    change(model / "part" / "w", tmp_path / "other")
    for again in (manager, None):
        with pytest.raises(OperationalError, match="model_changed"):
            used(model, again)
    assert model_digest("one") is None


def test_a_model_is_read_once_in_a_home_and_known_from_then_on(model: Path, read: list[Path]) -> None:
    assert model_digest("one") is None and installed_models() == {"one"}
    assert used(model) == used(model) == RIGHT
    provenance._read.clear()  # as in another process
    assert used(model) == RIGHT and model_digest("one")
    assert read == [model / "part" / "w"]


def touched(model: Path) -> None:
    (model / "part" / "w").chmod(0o600)


def copied(model: Path) -> None:
    shutil.copytree(model, model.with_name("copy"))
    shutil.rmtree(model)
    model.with_name("copy").rename(model)


@pytest.mark.parametrize("change", [touched, copied])
def test_what_only_looks_otherwise_is_read_once_more_and_stays_loaded(
    model: Path, read: list[Path], change: Callable[[Path], None]
) -> None:
    manager = ModelManager(Shelf(model.parent, {}))
    before, digest = used(model, manager), model_digest("one")
    change(model)
    assert model_digest("one") is None, "nobody has read it"
    assert used(model, manager) == before and model_digest("one") == digest
    assert used(model, manager) == before and len(read) == 2


def test_where_the_home_cannot_be_written_each_process_reads_it_once(
    model: Path, tmp_path: Path, read: list[Path]
) -> None:
    (tmp_path / "home").write_text("no folder")
    assert used(model) == used(model) == RIGHT
    assert len(read) == 1 and model_digest("one")


def test_many_who_want_it_at_once_wait_for_one_that_reads(model: Path, read: list[Path]) -> None:
    shelf = Shelf(model.parent, {})
    threads = [threading.Thread(target=shelf.is_unchanged, args=("one",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 1


@pytest.mark.parametrize("name", ["", "two", "../one", "one/part"])
def test_what_is_not_here_is_known_by_nothing(model: Path, name: str) -> None:
    assert model_digest(name) is None
