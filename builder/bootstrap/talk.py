"""How the commands speak: steps with their times, and one sentence when something is wrong."""

import errno
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Refusal(Exception):
    """A command cannot go on. Its message is one sentence that says why and what to do."""


def say(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    say(f"• {title}")
    start = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - start:.1f} s")


class Progress:
    """One line that is rewritten in place on a terminal, and printed now and then elsewhere."""

    def __init__(self, every: float = 10.0) -> None:
        self._tty = sys.stdout.isatty()
        self._pause = 0.1 if self._tty else every
        self._start = self._next = time.monotonic()

    def show(self, text: str) -> None:
        """Show `text` with the seconds since the start, unless something was shown a moment ago."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._pause
        line = f"  {now - self._start:4.0f} s  {text}"
        if self._tty:
            width = os.get_terminal_size().columns
            line = f"\r{line[: width - 1]:<{width - 1}}"
        print(line, end="" if self._tty else "\n", flush=True)

    def clear(self) -> None:
        """Wipe the line, so that the next output starts on an empty one."""
        if self._tty:
            print("\r\033[K", end="", flush=True)


def sentence(error: BaseException) -> str | None:
    """What an error of the machine or of the database means for a person; None for one that is a fault of ours.

    What brought it about counts as well: Django wraps what its databases raise.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return _of_machine(cause)
        if isinstance(cause, sqlite3.Error):
            return _of_sqlite(cause)
        if _is_of_postgres(cause, "Error"):
            return _of_postgres(cause)
        # `migrate` raises another while it handles the first, and does not say that one is for the other.
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def _of_sqlite(error: sqlite3.Error) -> str | None:
    if str(error).startswith("no such table"):
        return _UNPREPARED
    return _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


def _of_machine(error: OSError) -> str | None:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full{where}. Free some space and start again."
    if error.errno == errno.EFBIG:
        return f"The disk takes no file of this size{where}. Choose another one."
    if error.errno == errno.ENAMETOOLONG:
        return "A name is too long for this disk. Choose a shorter one."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"This user may not write here{where}. Choose another folder with SLUICEWAY_HOME, or fix its owner."
    return None


_FULL = "The database cannot be written: the disk is full, or it fails. Free some space and start again."
_CLOSED = "This user may not open or write the database. Choose another folder with SLUICEWAY_HOME, or fix its owner."
_BUSY = "Another program keeps the database to itself for too long. Wait until it is done, and start again."
_UNPREPARED = (
    "The database is not prepared yet. Run `python3 manage.py migrate`, or start with `up`, which does it."
)
_DAMAGED = "The database's file is damaged. Keep a copy of it, and restore the last backup."
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FULL,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
    sqlite3.SQLITE_READONLY: _CLOSED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


_SILENT = (
    "The database does not answer, or lets nobody in. Look at the server that SLUICEWAY_DATABASE_URL names, "
    "and whether user, password and database are right there."
)
_REFUSED = (
    "The database refuses what was asked of it: look at user, password and name in SLUICEWAY_DATABASE_URL, "
    "and at what that user may do."
)
# By the code that the server gave.
_OF_POSTGRES = {
    "28000": _REFUSED,
    "28P01": _REFUSED,
    "3D000": _REFUSED,
    "42501": _REFUSED,
    "42P01": _UNPREPARED,
    "57P01": _SILENT,
    "57P02": _SILENT,
    "57P03": _SILENT,
    "53100": _FULL,
    "58030": _FULL,
}


def _of_postgres(error: BaseException) -> str | None:
    code = getattr(error, "sqlstate", None)
    if code is None:
        return _SILENT if _is_of_postgres(error, "OperationalError") else None
    return _OF_POSTGRES.get(code)


def _is_of_postgres(error: BaseException, name: str) -> bool:
    """Its library is not known here, only what it calls its errors."""
    return any(kind.__module__ == "psycopg" and kind.__name__ == name for kind in type(error).__mro__)
