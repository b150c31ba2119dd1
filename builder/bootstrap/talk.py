"""How the commands speak: steps with their times, and one sentence when something is wrong."""

import errno
import os
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


def sentence(error: OSError) -> str | None:
    """What an error of the machine means for a person; None for one that is a fault of ours."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full{where}. Free some space and start again."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"This user may not write here{where}. Choose another folder with SLUICEWAY_HOME, or fix its owner."
    return None
