"""Remembers what is finished. A stamp is written last, so half-written work never counts as done."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def fingerprint(base: Path, paths: Iterable[Path], *facts: str) -> str:
    """A hash of the files' bytes, of their names below `base`, and of `facts` (a version, a platform)."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(b"\0%s\0%d\0" % (os.fsencode(path.relative_to(base)), len(content)))
        digest.update(content)
    return digest.hexdigest()


def is_fresh(stamp: Path, expected: str) -> bool:
    """Whether the work that `stamp` stands for was finished for exactly these inputs."""
    try:
        return stamp.read_text() == expected
    except (FileNotFoundError, NotADirectoryError):
        return False


def write(stamp: Path, value: str) -> None:
    """Declare the work finished; atomic, so that a crash leaves the old stamp or the new one."""
    draft = stamp.with_name(stamp.name + ".new")
    draft.write_text(value)
    os.replace(draft, stamp)


def remove(stamp: Path) -> None:
    """Declare the work unfinished."""
    stamp.unlink(missing_ok=True)
