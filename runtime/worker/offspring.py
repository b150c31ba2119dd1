"""Offspring: what a child has split off, wherever it has gone, is found and ended.

A process group is left by whoever begins a session of its own. But who loses its parent comes to stand below the child, which
adopts it, so that all stand there while the child lives; and once it is gone, they are known by a mark in the environment that they
were started with, and stand below the worker's agent, which adopts what a child leaves behind that crashes. Linux shows all of this to the same user,
without any privilege; elsewhere none is found.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Set
from pathlib import Path

MARK = "SLUICEWAY_CHILD"
LOOKS = 50  # while one is ended another may have been split off
PAUSE = 0.02  # seconds between two looks
PR_SET_CHILD_SUBREAPER = 36


_adopts = threading.Event()


def adopt_orphans() -> None:
    """Be the parent of whatever below this process loses its own."""
    if sys.platform == "linux":
        _adopts.set()
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_offspring(mark: str, child: int | None = None) -> None:
    """End every process that was started under this mark, and every one below `child`, itself spared, while that is there."""
    for _ in range(LOOKS):
        found = _marked(f"{MARK}={mark}".encode())
        if child is not None:
            found = (found | _below(child)) - {child}
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # it has ended, or become somebody else
        if not found:
            return
        time.sleep(PAUSE)


def end_adopted(own: Set[int]) -> None:
    """End and bury every child of this process that is none of its `own`; nothing where it adopts no orphans."""
    for _ in range(LOOKS if _adopts.is_set() else 0):
        found = _children(os.getpid()) - own
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except (ProcessLookupError, PermissionError, ChildProcessError):
                pass  # it is buried, or became another user's
        if not found:
            return
        time.sleep(PAUSE)


def _children(parent: int) -> set[int]:
    """Those that have ended as well, until they are buried."""
    return {int(folder.name) for folder in _processes() if _state(folder)[1] == parent}


def _marked(wanted: bytes) -> set[int]:
    return {int(folder.name) for folder in _processes() if wanted in _environment(folder)}


def _below(ancestor: int) -> set[int]:
    """Those that still run. One that has ended, and waits to be buried, hands on nothing."""
    children = defaultdict(list)
    for folder in _processes():
        parent = _parent(folder)
        if parent is not None:
            children[parent].append(int(folder.name))
    found: set[int] = set()
    look_at = [ancestor]
    while look_at:
        more = [pid for pid in children[look_at.pop()] if pid not in found]
        found.update(more)
        look_at += more
    return found


def _processes() -> list[Path]:
    return list(Path("/proc").glob("[0-9]*"))


def _parent(process: Path) -> int | None:
    """None once it has ended."""
    state, parent = _state(process)
    return None if state in "ZX" else parent


def _state(process: Path) -> tuple[str, int]:
    """What it does, by a letter of the kernel's, and its parent; dead and nobody's once it is buried."""
    try:
        # The name, which comes first, may hold anything; the last bracket ends it.
        state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "X", 0
    return state, int(parent)


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is another user's
        return []
