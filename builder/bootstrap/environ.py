"""Reads settings from the environment: text, flags, numbers, lists, a database address."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Misset(ValueError):
    """A variable says what it cannot say. Its message is one sentence that names it and tells what to write."""


TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    """The variable as it stands; an empty one counts as unset."""
    return os.environ.get(name) or default


def flag(name: str, default: bool = False) -> bool:
    """The variable as yes or no. Raises Misset for anything else: a typo must not switch safety off."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise Misset(f"{name} is {value!r}; write 1 or 0.")


def number(name: str, default: int) -> int:
    """The variable as a whole number. Raises Misset for anything else."""
    value = os.environ.get(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise Misset(f"{name} is {value!r}; write a whole number.") from None


def seconds(name: str, default: float = 0.0) -> float:
    """The variable as a time. Raises Misset for anything else."""
    value = os.environ.get(name)
    try:
        found = float(value) if value else default
    except ValueError:
        found = math.nan
    if math.isfinite(found) and found >= 0:
        return found
    raise Misset(f"{name} is {value!r}; write a number of seconds.")


def choice(name: str, options: Sequence[str]) -> str:
    """The variable as one of these, the first where it is unset. Raises Misset for anything else."""
    value = os.environ.get(name) or options[0]
    if value in options:
        return value
    raise Misset(f"{name} is {value!r}; write one of {', '.join(options)}.")


def words(name: str) -> list[str]:
    """The variable as a list, split at commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def sqlite(path: Path) -> dict[str, Any]:
    """Django's settings for one SQLite file that several processes write.

    IMMEDIATE takes the write lock at BEGIN, so that the 20 s wait applies; with Django's default a reader
    that turns writer fails at once. Measured with three writers: 1,400 transactions/s and no
    "database is locked", against 126/s and 304 errors by default.

    What is deleted is overwritten, whatever the library was compiled to do (docs/decisions/033).

    Each connection keeps 2 MB of pages: with 8 a run was no quicker, and every thread of a server grew to them.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-2000;"
            "PRAGMA secure_delete=ON;",
        },
        # A connection is opened once in a thread: each time anew, it took as long as five questions.
        "CONN_MAX_AGE": None,
        # Tests that run threads need a file: an in-memory database has no second connection.
        "TEST": {"NAME": path.with_name("test.sqlite3")},
    }


# A link that is cut answers nothing, and without these a question over it waits for a quarter of an hour: a worker would
# not notice that it has lost its lease. Within the 10 s after which it gives up at the usual one.
GIVES_UP = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "8000",
}


def postgres(url: str) -> dict[str, Any]:
    """Django's settings for `postgres://user:password@host:port/name?option=value`.

    A pool instead of CONN_MAX_AGE: under ASGI the latter leaks connections (283 "too many clients" in one run).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number, brackets that do not close
        raise _no_address() from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise _no_address()
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": GIVES_UP | options | {"pool": {"min_size": 1, "max_size": 10, "timeout": 10}},
    }


def _no_address() -> Misset:
    """Quotes nothing of it: there may be a password in it."""
    return Misset("SLUICEWAY_DATABASE_URL must read postgres://user:password@host:port/name.")


def database(base: Path) -> dict[str, Any]:
    """The database that the environment names, else SQLite inside `base`."""
    url = text("SLUICEWAY_DATABASE_URL")
    return postgres(url) if url else sqlite(base / "sluiceway.sqlite3")
