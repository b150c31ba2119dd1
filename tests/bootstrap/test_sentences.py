"""What is wrong with the machine, the database or a setting is said in one sentence, by every command."""

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from builder.bootstrap import places
from builder.bootstrap.talk import sentence

NOISE = bytes(range(256)) * 64


def said(verb: str, *arguments: str, home: Path, most: int | None = None, **variables: str) -> str:
    """What a command says that fails: one line, and no traceback.

    `most`: bytes beyond which no file grows, as on a full disk.
    """

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        [sys.executable, "manage.py", verb, *arguments],
        cwd=places.ROOT,
        env={**os.environ, "SLUICEWAY_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limit,
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
    assert line.startswith("The database does not answer") and "secret-word" not in line


@pytest.mark.parametrize("verb", ["sign_in_link", "backup"])
def test_before_the_first_start_it_is_said_what_to_do(verb: str, tmp_path: Path) -> None:
    target = [str(tmp_path / "x.tar")] if verb == "backup" else []
    assert "is not prepared yet" in said(verb, *target, home=tmp_path / "home")


def test_a_backup_that_has_no_place_is_refused(tmp_path: Path) -> None:
    assert "No folder can be made at /proc" in said("backup", "/proc/x.tar", home=tmp_path)
    assert "too long" in said("backup", str(tmp_path / ("x" * 300)), home=tmp_path)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database."""
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "SLUICEWAY_HOME": str(home)}
    command = [sys.executable, "manage.py", "migrate", "--no-input", "-v0"]
    subprocess.run(command, cwd=places.ROOT, env=environment, check=True, timeout=120)
    return home


@pytest.mark.parametrize("verb", ["migrate", "sign_in_link"])
def test_a_full_disk_is_said_by_what_writes_the_database(verb: str, prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared / "secrets", tmp_path / "secrets")
    if verb == "sign_in_link":
        shutil.copy(prepared / "sluiceway.sqlite3", tmp_path)
    assert "the disk is full" in said(verb, home=tmp_path, most=1024)


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_full_disk_is_said_of_a_backup_and_nothing_of_it_stays(
    name: str, prepared: Path, tmp_path: Path
) -> None:
    assert "the disk is full" in said("backup", str(tmp_path / name), home=prepared, most=200_000)
    assert list(tmp_path.iterdir()) == []


def test_half_of_a_packed_backup_does_not_stay(prepared: Path, tmp_path: Path) -> None:
    """There is room for the database's copy, and not for the one file of all."""
    most = (prepared / "sluiceway.sqlite3").stat().st_size
    assert "takes no file of this size" in said("backup", str(tmp_path / "x.tar"), home=prepared, most=most)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (psycopg.OperationalError("connection refused"), "does not answer"),
        (psycopg.errors.AdminShutdown("x"), "does not answer"),
        (psycopg.errors.DiskFull("x"), "the disk is full"),
        (psycopg.errors.DeadlockDetected("x"), None),
        (psycopg.errors.UndefinedTable("x"), "is not prepared"),
        (psycopg.errors.InsufficientPrivilege("x"), "what that user may do"),
        (psycopg.errors.QueryCanceled("x"), None),
        (psycopg.errors.UndefinedColumn("x"), None),
        (psycopg.ProgrammingError("x"), None),
    ],
)
def test_what_postgres_says_is_told_by_its_code(fault: psycopg.Error, words: str | None) -> None:
    wrapped = OperationalError("as Django says it")
    wrapped.__cause__ = fault
    told = sentence(wrapped)
    assert words in told if words and told else told == words


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
    assert "not prepared" in (sentence(fault.value) or "")
    with sqlite3.connect(file, timeout=0, isolation_level=None) as first:
        first.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as fault:
            sqlite3.connect(file, timeout=0).execute("SELECT * FROM t")
    assert "keeps the database to itself" in (sentence(fault.value) or "")
    with pytest.raises(sqlite3.OperationalError) as fault:
        reader.execute("SELECT missing FROM t")
    assert sentence(fault.value) is None, "a fault of ours keeps its traceback"


def test_what_brought_an_error_about_counts() -> None:
    wrapped = ValueError("wrapped")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device", "x")
    assert sentence(wrapped) == "The disk is full (x). Free some space and start again."
    assert sentence(ValueError("ours")) is None
    meanwhile = ValueError("raised while that was handled")
    meanwhile.__context__ = wrapped.__cause__
    assert "The disk is full" in (sentence(meanwhile) or "")
    meanwhile.__suppress_context__ = True
    assert sentence(meanwhile) is None
