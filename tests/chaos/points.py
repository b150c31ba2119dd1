"""points: what the bench asks of processes that it does not hold: to end themselves where they are, to find a disk full.

It asks by files in the installation's home, because a child is given no variable of ours. Whoever takes such a file away
is the one who was meant.
"""

import os
import signal
from pathlib import Path

CLAIMED = "claimed"  # a segment was leased, and nobody knows yet
ASSET = "asset"  # half of a file was written
BEFORE = "before"  # all that ends a segment was written, and not committed
AFTER = "after"  # it was committed, and nobody knows yet
POINTS = (CLAIMED, ASSET, BEFORE, AFTER)
FULL = "full"
DEATHS, EFFECTS, WRITES, READY, CLOCK = "deaths", "effects", "writes", "ready", "clock"


def folder() -> Path:
    return Path(os.environ["SLUICEWAY_HOME"]) / "chaos"


def ask(point: str) -> None:
    """Have the next process that comes there end itself."""
    (folder() / f"die-{point}").touch()


def is_asked(point: str) -> bool:
    return (folder() / f"die-{point}").exists()


def withdraw(point: str) -> bool:
    """Whether nobody had come there."""
    try:
        (folder() / f"die-{point}").unlink()
    except FileNotFoundError:
        return False
    return True


def reach(point: str) -> None:
    """End this process if it is the first to come here after it was asked for."""
    if withdraw(point):
        note(DEATHS, f"{point} {os.getpid()}")
        os.kill(os.getpid(), signal.SIGKILL)


def note(name: str, line: str) -> None:
    """Append a line, whole, whoever else does so at the same moment."""
    handle = os.open(folder() / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def noted(name: str) -> list[str]:
    try:
        return (folder() / name).read_text().splitlines()
    except FileNotFoundError:
        return []


def is_full() -> bool:
    return (folder() / FULL).exists()


def jumped() -> float:
    """By how many seconds the machine's clock is to be off."""
    try:
        return float((folder() / CLOCK).read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0.0
