"""Looks at processes from outside, for tests that start real ones."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def alive(process: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(process: int) -> set[int]:
    """The process's children, their children, and so on."""
    found: set[int] = set()
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found |= {child} | descendants(child)
    return found


def mentioning(text: str) -> set[int]:
    """Every running process, this one apart, whose command line or environment mentions `text`."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended while we looked
        if os.fsencode(text) in seen and alive(int(folder.name)):
            found.add(int(folder.name))
    return found - {os.getpid()}


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())
