"""Which models are here, and what results are known by: files that nobody has read are no ground for that."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from builder.catalog.installed_models import installed_models, model_digest
from runtime.models.shelf import Shelf
from runtime.provenance import PROVENANCE

CONTENT = b"right"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path))
    home = tmp_path / "one"
    home.mkdir()
    (home / "w").write_bytes(CONTENT)
    files = [{"path": "w", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}]
    (home / PROVENANCE).write_text(json.dumps({"capability": "text", "files": files}))
    time.sleep(0.02)  # the clock of files ticks slowly
    return home


def test_a_file_that_changed_has_no_digest_until_somebody_has_read_it(home: Path) -> None:
    before = model_digest("one")
    assert before is not None
    (home / "w").write_bytes(CONTENT)
    os.utime(home / "w", ns=(0, 0))
    assert model_digest("one") is None
    assert installed_models() == {"one"}
    assert Shelf(home.parent, {}).is_unchanged("one")
    assert model_digest("one") == before, "it is the same file"


def test_another_file_of_the_same_size_has_none_ever(home: Path) -> None:
    (home / "w").write_bytes(b"wrong")
    assert not Shelf(home.parent, {}).is_unchanged("one")
    assert model_digest("one") is None


@pytest.mark.parametrize("name", ["", "two", "../one", "one/w"])
def test_what_is_not_here_has_none(home: Path, name: str) -> None:
    assert model_digest(name) is None
