"""Lets one process at a time do a thing: one `up` per home, one installation per checkout."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from builder.bootstrap import places
from builder.bootstrap.talk import say


@contextmanager
def waiting(path: Path) -> Iterator[None]:
    """Hold the file's lock, after whoever holds it now."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("• waiting for another installation in this folder to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class HomeLock:
    """Says that services run for a home, and where. The kernel drops it with the process, however that dies."""

    def __init__(self, base: Path) -> None:
        self._path = places.make_private(base) / "up.lock"
        self._file: TextIO | None = None

    def take(self) -> bool:
        """Take the lock; False when another process holds it."""
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        self.describe("starting")
        return True

    def describe(self, address: str) -> None:
        """Write down who holds the lock and where it answers."""
        assert self._file is not None, "take the lock first"
        self._file.truncate(0)
        self._file.write(json.dumps({"process": os.getpid(), "address": address}))
        self._file.flush()

    def holder(self) -> str:
        """Who holds it, in words."""
        try:
            facts = json.loads(self._path.read_text())
            return f"process {facts['process']}, {facts['address']}"
        except (ValueError, KeyError):
            return "a process that has just begun"  # between taking the lock and writing its name

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
