"""What every store does, on a disk and in a bucket of a real S3 server."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from runtime.assets.disk import DiskStore
from runtime.assets.s3 import S3Store
from runtime.assets.store import Store
from runtime.errors import OperationalError
from runtime.values import AssetRef
from tests.fixtures.s3 import bucket

__all__ = ["bucket"]

ABSENT = "a" * 64
_numbers = count()


@dataclass
class Tried:
    """A store, and a way to change what it holds behind its back."""

    store: Store
    spoil: Callable[[str, bytes], None]


def on_disk(folder: Path) -> Tried:
    store = DiskStore(folder)
    return Tried(store, lambda sha256, content: void(store.path(sha256).write_bytes(content)))


def in_bucket(request: pytest.FixtureRequest) -> Tried:
    import obstore

    place = request.getfixturevalue("bucket").owner
    store = S3Store(type(place)(place.url, place.bucket, f"tried/{next(_numbers)}", *(
        place.region, place.access_key, place.secret_key
    )))  # fmt: skip
    return Tried(store, lambda sha256, content: void(obstore.put(store._client, store.key(sha256), content)))


def void(done: object) -> None:
    """What spoiling gives is of no interest."""


@pytest.fixture(params=["disk", "s3"])
def tried(request: pytest.FixtureRequest, tmp_path: Path) -> Tried:
    return on_disk(tmp_path / "assets") if request.param == "disk" else in_bucket(request)


@pytest.fixture
def store(tried: Tried) -> Store:
    return tried.store


def test_what_is_written_is_read_back_and_named_by_its_hash(store: Store) -> None:
    ref = store.write(b"content", "image/png", 4, 5)
    assert ref == AssetRef(hashlib.sha256(b"content").hexdigest(), "image/png", 7, 4, 5)
    assert store.read(ref) == b"content" and store.has(ref.sha256)


def test_nothing_is_content_too(store: Store) -> None:
    ref = store.write(b"", "text/plain")
    assert store.read(ref) == b"" and store.has(ref.sha256)
    with store.open(ref.sha256) as file:
        assert file.read() == b""


def test_what_is_not_there_is_a_problem_of_the_operator(store: Store) -> None:
    assert not store.has(ABSENT) and store.written(ABSENT) is None
    for ask in (lambda: store.read(AssetRef(ABSENT, "image/png", 1)), lambda: store.open(ABSENT)):
        with pytest.raises(OperationalError) as caught:
            ask()
        assert caught.value.code == "asset_missing"


def test_content_that_was_changed_is_not_given_out(tried: Tried) -> None:
    ref = tried.store.write(b"content", "image/png")
    tried.spoil(ref.sha256, b"another")
    with pytest.raises(OperationalError) as caught:
        tried.store.read(ref)
    assert caught.value.code == "asset_damaged"


def test_a_large_content_is_read_in_pieces_from_any_place(store: Store) -> None:
    content = b"".join(number.to_bytes(4, "big") for number in range(1_000_000))
    ref = store.write(content, "audio/wav")
    with store.open(ref.sha256) as file:
        assert file.read(8) == content[:8]
        file.seek(3_000_001)
        assert file.read(1_000) == content[3_000_001:3_001_001]
        file.seek(-4, 2)
        assert file.read() == content[-4:] and file.read(1) == b""
        file.seek(0)
        assert hashlib.sha256(file.read()).hexdigest() == ref.sha256


def test_what_is_written_again_is_stored_once_and_young_again(store: Store) -> None:
    ref = store.write(b"content", "image/png")
    first = store.written(ref.sha256)
    assert first is not None
    time.sleep(1.1)  # a bucket knows whole seconds
    assert store.write(b"content", "image/jpeg").sha256 == ref.sha256
    again = store.written(ref.sha256)
    assert again is not None and again > first
    assert [name for name, _ in store.shelf(int(ref.sha256[:2], 16))] == [ref.sha256]


def test_what_was_taken_away_is_gone_and_may_be_taken_away_again(store: Store) -> None:
    ref = store.write(b"content", "image/png")
    for _ in range(2):
        store.remove(ref.sha256)
        assert not store.has(ref.sha256)
    assert list(store.shelf(int(ref.sha256[:2], 16))) == []


def test_a_shelf_has_all_that_begins_with_its_number_and_nothing_else(store: Store) -> None:
    refs = [store.write(bytes([number]), "image/png") for number in range(100)]
    for number in {int(ref.sha256[:2], 16) for ref in refs}:
        named = {ref.sha256 for ref in refs if ref.sha256.startswith(f"{number:02x}")}
        found = dict(store.shelf(number))
        assert found.keys() == named
        assert all(abs(found[name] - (store.written(name) or 0)) < 1 for name in named)


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", ""])
def test_what_is_no_hash_is_asked_of_nobody(store: Store, name: str) -> None:
    for ask in (store.has, store.open, store.written, store.remove):
        with pytest.raises(ValueError, match="SHA-256"):
            ask(name)


def test_only_drafts_are_removed_as_drafts(store: Store) -> None:
    store.remove_draft(1, ".draft-of-nobody")
    for name in ("a" * 64, ".draft-/../a", "draft"):
        with pytest.raises(ValueError, match="draft"):
            store.remove_draft(1, name)
