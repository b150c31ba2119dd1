"""Offspring: what a child has split off, wherever it has gone, is known by a mark in its environment, and ended by it.

A process group is left by whoever begins a session of its own, and a parent is lost by whoever outlives it; the environment that a
process was started with is handed on by both. Linux shows it to the same user, without any privilege; elsewhere none is found.
"""

import os
import signal
import time
from pathlib import Path

MARK = "SLUICEWAY_CHILD"
LOOKS = 50  # while one is ended another may have been split off
PAUSE = 0.02  # seconds between two looks


def end_offspring(mark: str) -> None:
    """End every process that was started under this mark."""
    for _ in range(LOOKS):
        found = _marked(f"{MARK}={mark}".encode())
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # it has ended, or become somebody else
        if not found:
            return
        time.sleep(PAUSE)


def _marked(wanted: bytes) -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if wanted in _environment(folder)]


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return []
