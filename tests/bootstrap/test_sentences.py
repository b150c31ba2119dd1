"""What is wrong with the machine, the database or a setting is said in one sentence, by every command."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from builder.bootstrap import places
from builder.bootstrap.talk import sentence

NOISE = bytes(range(256)) * 64


def said(verb: str, *arguments: str, home: Path, **variables: str) -> str:
    """What a command says that fails: one line, and no traceback."""
    done = subprocess.run(
        [sys.executable, "manage.py", verb, *arguments],
        cwd=places.ROOT,
        env={**os.environ, "SLUICEWAY_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("SLUICEWAY_DATABASE_URL", "nonsense", "must read postgres://user:password@host:port/name"),
        ("SLUICEWAY_DATABASE_URL", "mysql://u:p@h/n", "must read postgres://user:password@host:port/name"),
        ("SLUICEWAY_CACHE_MB", "abc", "write a whole number"),
        ("SLUICEWAY_HTTPS", "yse", "write 1 or 0"),
        ("SLUICEWAY_LOG_FORMAT", "xml", "write one of line, json"),
        ("SLUICEWAY_LEASE_SECONDS", "abc", "write a number of seconds"),
        ("SLUICEWAY_SPACE_NEEDED_MB", "abc", "write a whole number"),
        ("SLUICEWAY_TRACES", "perhaps", "write 1 or 0"),
    ],
)
def test_a_setting_that_says_nothing_is_named(name: str, value: str, hint: str, tmp_path: Path) -> None:
    line = said("doctor", home=tmp_path, **{name: value})
    assert line.startswith(name) and hint in line


def test_a_database_that_is_none_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "sluiceway.sqlite3").write_bytes(NOISE)
    assert "damaged" in said("sign_in_link", home=tmp_path)
    assert "damaged" in said("migrate", home=tmp_path)


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    nobody = "postgres://u:secret-word@127.0.0.1:1/n"
    line = said("sign_in_link", home=tmp_path, SLUICEWAY_DATABASE_URL=nobody)
    assert line.startswith("The database does not answer.") and "secret-word" not in line


def test_a_backup_that_has_no_place_is_refused(tmp_path: Path) -> None:
    assert "No folder can be made at /proc" in said("backup", "/proc/x.tar", home=tmp_path)


def test_what_sqlite_says_is_told_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "database"
    with sqlite3.connect(file) as full:
        full.execute("CREATE TABLE t (x)")
        full.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as fault:
            full.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert "disk is full" in (sentence(fault.value) or "")
    reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as fault:
        reader.execute("INSERT INTO t VALUES (1)")
    assert "may not open or write the database" in (sentence(fault.value) or "")
    with pytest.raises(sqlite3.OperationalError) as fault:
        reader.execute("SELECT * FROM missing")
    assert sentence(fault.value) is None, "a fault of ours keeps its traceback"


def test_what_brought_an_error_about_counts() -> None:
    wrapped = ValueError("wrapped")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device", "x")
    assert sentence(wrapped) == "The disk is full (x). Free some space and start again."
    assert sentence(ValueError("ours")) is None
