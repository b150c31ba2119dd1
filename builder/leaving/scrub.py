"""scrub: takes what was deleted out of the database's own files. SQLite only: what Postgres keeps, docs/keeping.md says.

SQLite overwrites what it deletes (`secure_delete`, builder/bootstrap/environ.py). Two places are left: the
write-ahead log has pages as they were before, and a row that was moved to another page while the tree was balanced can
lie in the free middle of its old one (docs/decisions/033).
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connection

from builder.keeping.models import Erasure, Turn

log = logging.getLogger(__name__)

# Milliseconds for which writers wait while SQLite waits for a reader; who is slower is waited for by the sweep.
PATIENCE = 200
# Writers wait while the file is written anew: about 10 s for 1 GB, half of what they have patience for.
LARGEST = 1024**3
PERIOD = timedelta(hours=1)
NAME = "rewriting"


def cut_log() -> bool:
    """Empty the write-ahead log. Whether nothing is left of what was committed before.

    False while somebody reads pages that lie in it alone, and inside a transaction: call it again.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    usual = _ask("PRAGMA busy_timeout")
    _ask(f"PRAGMA busy_timeout={PATIENCE}")
    try:
        return _ask("PRAGMA wal_checkpoint(TRUNCATE)") == 0
    finally:
        _ask(f"PRAGMA busy_timeout={usual}")


def rewrite(now: datetime) -> bool:
    """Write the whole file anew, when something was deleted since the last time and that was long enough ago.

    Whether it did.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block or not _is_due(now):
        return False
    try:
        _ask("VACUUM")
    except DatabaseError as fault:  # no space, or somebody writes all the time: the next turn tries again
        log.warning("the database is not written anew: %s", type(fault).__name__)
        return False
    Turn.objects.update_or_create(name=NAME, defaults={"due": now + PERIOD})
    return True


def _is_due(now: datetime) -> bool:
    due = Turn.objects.filter(name=NAME).values_list("due", flat=True).first()
    if due is not None and due > now:
        return False
    ended = Erasure.objects.filter(finished__isnull=False)
    if due is not None:
        ended = ended.filter(finished__gte=due - PERIOD)
    return ended.exists() and _size() <= LARGEST


def _size() -> int:
    path = Path(str(connection.settings_dict["NAME"]))
    return path.stat().st_size if path.is_file() else 0


def _ask(statement: str) -> int | None:
    """Run it, and give the first number of its answer."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None
