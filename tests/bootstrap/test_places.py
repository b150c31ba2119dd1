"""Where things are, and the secrets that are made there."""

import socket
import threading
from pathlib import Path

import pytest

from builder.bootstrap import places


def test_the_home_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "data"))
    assert places.home() == tmp_path / "data"
    monkeypatch.delenv("SLUICEWAY_HOME")
    assert places.home() == places.ROOT / "var"


@pytest.mark.parametrize("depth", [1, 10, 30])
def test_a_socket_can_be_opened_for_a_home_of_any_length(tmp_path: Path, depth: int) -> None:
    path = places.socket_path(tmp_path.joinpath(*["folder"] * depth))
    places.make_private(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    finally:
        path.unlink()
        path.parent.rmdir()


def test_two_homes_with_long_names_get_different_sockets(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    assert places.socket_path(long / "one") != places.socket_path(long / "two")


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = places.secret(tmp_path, "key")
    assert len(first) >= 50
    assert places.secret(tmp_path, "key") == first
    path = tmp_path / "secrets" / "key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_processes_that_make_a_secret_at_once_agree(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(places.secret(tmp_path, "key"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
