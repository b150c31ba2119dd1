"""The disk store beside what every store does: files of the owner's, whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.assets.disk import DiskStore, open_store
from runtime.errors import OperationalError


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "assets")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_written_lies_in_a_file_that_is_named_by_its_hash(store: DiskStore, tmp_path: Path) -> None:
    ref = store.write(b"content", "image/png")
    assert files(tmp_path) == [tmp_path / "assets" / ref.sha256[:2] / ref.sha256[2:4] / ref.sha256]


def test_the_same_content_is_stored_once(store: DiskStore, tmp_path: Path) -> None:
    first = store.write(b"content", "image/png")
    before = files(tmp_path)[0].stat()
    assert store.write(b"content", "image/jpeg").sha256 == first.sha256
    assert files(tmp_path)[0].stat().st_ino == before.st_ino


def test_only_the_owner_may_read_what_is_stored(store: DiskStore, tmp_path: Path) -> None:
    store.write(b"content", "image/png")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files(tmp_path))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing_half_written(
    store: DiskStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OperationalError) as caught:
        store.write(b"content", "image/png")
    assert caught.value.code == "no_space" and caught.value.retryable
    assert files(tmp_path) == []


@given(st.text(max_size=80))
def test_a_path_is_made_of_a_hash_and_of_nothing_else(name: str) -> None:
    store = DiskStore(Path("/nowhere"))
    try:
        path = store.path(name)
    except ValueError:
        return
    assert len(name) == 64 and path.name == name


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 64 + "/..", ""]
)
def test_what_is_no_hash_has_no_path(store: DiskStore, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.path(name)


def test_the_store_of_an_installation_lies_in_its_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    ref = open_store().write(b"content", "image/png")
    assert files(tmp_path / "assets")[0].name == ref.sha256
