"""A run store that does what the real one does, and then says that it failed; or ends its process; or lies about time.

Wraps `DatabaseRunStore`, whose code stays as it is. It is told what to do by variables (SLUICEWAY_CHAOS_*) and by files
(`points`): each call is carried out and one in ten then raises; the clock jumps; the disk is full; the fence is off.
"""

import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from builder.runs import store  # isort: skip - it sets Django up, before anything else of it can be loaded

from django.db import OperationalError, connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from builder.runs import end_segment
from builder.runs.store import DatabaseRunStore
from runtime.dispatch.store import LEASE, Claim, Progress
from tests.chaos import points

NO_END = 2**32 - 2  # pages of a SQLite file, which are as many as there may be
FORBEARING = 1_000_000


class ChaosStore(DatabaseRunStore):
    """One in so many of its answers is lost, though all was done."""

    def __init__(self, lease: float, errors: float, seed: str) -> None:
        super().__init__(lease)
        self._errors = errors
        self._random = random.Random(f"{seed} {os.getpid()}")
        for name in (
            "claim", "heartbeat", "peek", "record", "finish", "release", "sweep", "report", "publish_partial",
        ):  # fmt: skip
            setattr(self, name, self._unsure(name, getattr(self, name)))

    def _unsure(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with _disk_that_may_be_full():
                answer = call(*args, **kwargs)
            if name == "claim" and answer is not None:
                points.reach(points.CLAIMED)
            if name == "finish":
                points.reach(points.AFTER)
            if self._random.random() < self._errors:
                raise OperationalError(f"the answer to {name} was lost")
            return answer

        return wrapped


@contextmanager
def _disk_that_may_be_full() -> Iterator[None]:
    """SQLite itself says then that it is full, in the middle of whatever needs one page more."""
    if connection.vendor != "sqlite" or not points.is_full():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count=1")  # it takes this for as many as there are
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count={NO_END}")


def _noting(write: Callable[..., None]) -> Callable[..., None]:
    """Notes each write with its fence, inside its transaction: in the order in which they came to be."""

    def wrapped(ledger: Any, claim: Claim, progress: Progress) -> None:
        write(ledger, claim, progress)
        points.note(points.WRITES, f"{claim.run} {claim.segment} {claim.fence}")

    return wrapped


def _dying(end: Callable[..., None]) -> Callable[..., None]:
    def wrapped(*args: Any) -> None:
        end(*args)
        points.reach(points.BEFORE)

    return wrapped


def _held_by_anybody(claim: Claim) -> Any:
    """What the store looks for, but for the fence."""
    return store.Segment.objects.filter(run_id=claim.run, index=claim.segment, state="leased")


def _anybodys(run: UUID, index: int, fence: int) -> Any:
    """The same, as the store asks before it writes."""
    return store.Segment.objects.filter(run_id=run, index=index, state="leased").first()


class Clock:
    """The wall clock as this worker sees it: Python's in what it writes, and SQLite's in leases.

    SQLite has no clock but its process's, so where leases are judged by that, a jump of the machine's moves them, too.
    """

    def __init__(self) -> None:
        self._now = timezone.now
        self._lock = threading.Lock()
        self._sqlite = sqlite3.connect(":memory:", check_same_thread=False)

    def now(self) -> datetime:
        return self._now() + timedelta(seconds=points.jumped())

    def strftime(self, *args: object) -> object:
        off = points.jumped() if "now" in args else 0.0
        more = (f"{off:+.3f} seconds",) if off else ()
        marks = ", ".join("?" * (len(args) + len(more)))
        with self._lock:
            return self._sqlite.execute(f"SELECT strftime({marks})", (*args, *more)).fetchone()[0]

    def put(self) -> None:
        timezone.now = self.now

        def teach(connection: Any, **_: Any) -> None:
            if connection.vendor == "sqlite":
                connection.connection.create_function("strftime", -1, self.strftime)

        connection_created.connect(teach, weak=False)


def open_store() -> ChaosStore:
    # Nobody is to blame for what dies here each second; that three losses are one too many, other tests hold.
    end_segment.LOSSES = FORBEARING
    store.write_progress = _noting(store.write_progress)
    store.end = _dying(store.end)
    if os.environ.get("SLUICEWAY_CHAOS_UNFENCED"):
        store._held, store.held_segment = _held_by_anybody, _anybodys
    if os.environ.get("SLUICEWAY_CHAOS_CLOCK"):
        Clock().put()
    return ChaosStore(
        float(os.environ.get("SLUICEWAY_LEASE_SECONDS") or LEASE),
        float(os.environ.get("SLUICEWAY_CHAOS_ERRORS") or 0),
        os.environ.get("SLUICEWAY_CHAOS_SEED", ""),
    )
