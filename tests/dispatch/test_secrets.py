"""Keys of providers as files: by their names, and by nothing that leads elsewhere."""

from pathlib import Path

import pytest

from runtime.dispatch.secrets import open_files

NAME = "provider.ours.0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "other").write_text("of others")
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    made = tmp_path / "secrets" / "providers"
    made.mkdir(parents=True)
    return made


def test_a_key_is_the_content_of_its_file(folder: Path) -> None:
    (folder / NAME).write_text("key-1\n")
    assert open_files().read(NAME) == "key-1"


def test_they_may_lie_elsewhere(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).write_text("key-2")
    monkeypatch.setenv("SLUICEWAY_SECRET_FILES", str(tmp_path))
    assert open_files().read(NAME) == "key-2"


@pytest.mark.parametrize("name", ["", NAME, "../../other", "/etc/passwd", "..", ".", "a/b", "a\0b"])
def test_what_is_not_there_is_no_key(folder: Path, name: str) -> None:
    assert open_files().read(name) is None


def test_an_empty_file_is_no_key(folder: Path) -> None:
    (folder / NAME).write_text(" \n")
    assert open_files().read(NAME) is None
