"""Snapshot: the database as it was at one moment, in a file, and what it names. Nobody waits for it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from builder.operations.backup import postgres
from builder.operations.backup.private import private

SQLITE, POSTGRES = "sqlite", "postgresql"
FILES = {SQLITE: "database.sqlite3", POSTGRES: "database.dump"}

NAMES = "SELECT sha256 FROM assets_asset UNION SELECT sha256 FROM runs_contentuse"
HEAD = "SELECT hash FROM safety_auditentry ORDER BY sequence DESC LIMIT 1"
UNFINISHED = "SELECT count(*) FROM runs_run WHERE state IN ('queued', 'running', 'waiting')"
RUNS = "SELECT count(*) FROM runs_run"
MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"

Ask = Callable[[str], list[Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`names` is the SHA-256 of all stored bytes that its rows name; `head` the audit log's newest hash."""

    kind: str
    file: str
    names: frozenset[str]
    migrations: tuple[str, ...]
    head: str | None
    runs: int
    unfinished: int


def take_snapshot(folder: Path) -> Snapshot:
    """Write the database's file into `folder`, in place of one of an earlier try."""
    kind = connection.vendor
    target = folder / FILES[kind]
    target.unlink(missing_ok=True)
    if kind == SQLITE:
        return _sqlite(target)
    with transaction.atomic(), connection.cursor() as cursor:
        # What is asked here and what pg_dump writes is of the same moment.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        private(target).close()  # pg_dump would make it for everybody to read
        postgres.dump(target, cursor.fetchone()[0])

        def ask(statement: str) -> list[Any]:
            cursor.execute(statement)
            return list(cursor.fetchall())

        return _described(kind, target, ask)


def _sqlite(target: Path) -> Snapshot:
    """Written anew, row by row, in one read transaction: free pages, where deleted bytes may lie, are not in it."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])
    target.chmod(0o600)
    with closing(sqlite3.connect(target)) as copy:
        # Whoever has such a key is signed in at the installation that goes on.
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("DELETE FROM django_session")
        copy.commit()
        copy.execute("VACUUM")
        return _described(SQLITE, target, lambda statement: list(copy.execute(statement)))


def _described(kind: str, target: Path, ask: Ask) -> Snapshot:
    head = ask(HEAD)
    return Snapshot(
        kind=kind,
        file=target.name,
        names=frozenset(name for (name,) in ask(NAMES)),
        migrations=tuple(f"{app}.{name}" for app, name in ask(MIGRATIONS)),
        head=head[0][0] if head else None,
        runs=ask(RUNS)[0][0],
        unfinished=ask(UNFINISHED)[0][0],
    )
