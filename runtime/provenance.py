"""provenance: what was written down when a model was installed, and whether its folder is as it was when somebody last read all of it."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from runtime.memory import Memory

PROVENANCE = "provenance.json"
# In the home: what each model's folder looked like when its bytes were read, by the folder's path.
READ = "read"
# The same where the home cannot be written: then each process reads them once.
_read: Memory[str] = Memory(room=1_000)


def look_of(folder: Path) -> str:
    """SHA-256 (hex) of what lies in a model's folder, as far as it shows without reading: names, kinds, places, sizes, times of change.

    The last nobody sets; what is moved or linked there lies in another place. Raises OSError.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        # A folder's own times say only what its entries say better.
        own = [state.st_size, state.st_ctime_ns] if not path.is_dir() or path.is_symlink() else []
        found.append([str(path.relative_to(folder)), state.st_mode, state.st_dev, state.st_ino, *own])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def is_as_read(folder: Path, home: Path) -> bool:
    """Whether it looks as it did when `note_read` was called last. Raises OSError."""
    look, note = look_of(folder), _note(folder, home)
    return look == _read.get(note) or look == _noted(note)


def note_read(folder: Path, home: Path, look: str) -> None:
    """All bytes of the folder were read while it looked like this, and are those that were installed."""
    note = _note(folder, home)
    _read.put(note, look)
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        draft = note.with_suffix(f".{os.getpid()}")
        draft.write_text(look, encoding="ascii")
        draft.replace(note)


def _noted(note: Path) -> str | None:
    with suppress(OSError, ValueError):
        return note.read_text(encoding="ascii")
    return None


def _note(folder: Path, home: Path) -> Path:
    return home / READ / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]
