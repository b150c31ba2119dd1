"""Stamps say what is finished, and never what is half-written."""

from pathlib import Path

import pytest

from builder.bootstrap import stamps


def test_work_without_a_stamp_is_unfinished(tmp_path: Path) -> None:
    assert not stamps.is_fresh(tmp_path / "stamp", "value")
    assert not stamps.is_fresh(tmp_path / "no such folder" / "stamp", "value")


def test_a_stamp_holds_for_exactly_its_inputs(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("one")
    stamp = tmp_path / "stamp"
    stamps.write(stamp, stamps.fingerprint(tmp_path, [source]))
    assert stamps.is_fresh(stamp, stamps.fingerprint(tmp_path, [source]))
    source.write_text("two")
    assert not stamps.is_fresh(stamp, stamps.fingerprint(tmp_path, [source]))


def test_the_order_of_files_changes_nothing_but_their_names_do(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("x")
    second.write_text("y")
    before = stamps.fingerprint(tmp_path, [first, second])
    assert stamps.fingerprint(tmp_path, [second, first]) == before
    second.rename(tmp_path / "c")
    assert stamps.fingerprint(tmp_path, [first, tmp_path / "c"]) != before


def test_a_crash_while_writing_leaves_the_old_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = tmp_path / "stamp"
    stamps.write(stamp, "old")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(OSError, match="No space"):
        stamps.write(stamp, "new")
    assert stamps.is_fresh(stamp, "old")
