"""Which models are on this machine, read from the folder itself: quick enough to ask while a workflow is drawn."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from runtime.memory import Memory
from runtime.provenance import PROVENANCE, is_as_read

_read: Memory[list[dict[str, Any]]] = Memory(room=100)


def installed_models() -> frozenset[str]:
    """The names of models that are whole, as far as sizes tell; their bytes are read where they are loaded."""
    folder = models_folder()
    if not folder.is_dir():
        return frozenset()
    return frozenset(home.name for home in folder.iterdir() if _is_whole(home))


def model_digest(name: str) -> str | None:
    """SHA-256 (hex) of what an installation is made of; None for what is not installed here, or answers elsewhere.

    None as well where nobody has read it since it began to look as it does: whoever loads the model does.
    """
    home = models_folder() / name
    if not name or "/" in name or not _is_whole(home):
        return None
    try:
        known = _files_of(home / PROVENANCE)
        if not is_as_read(home, settings.HOME):
            return None
    except OSError:  # it has been removed in this moment
        return None
    files = sorted((str(file["path"]), str(file.get("sha256"))) for file in known)
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def models_folder() -> Path:
    return Path(os.environ.get("SLUICEWAY_MODELS") or settings.HOME / "models")


def _is_whole(home: Path) -> bool:
    try:
        files = _files_of(home / PROVENANCE)
        return bool(files) and all((home / file["path"]).stat().st_size == file["size"] for file in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # half installed, or not by us


def _files_of(provenance: Path) -> list[dict[str, Any]]:
    """What an installation says that it wrote; read once, as long as nobody writes it anew."""
    state = provenance.stat()
    key = (provenance, state.st_mtime_ns, state.st_size, state.st_ino)
    found = _read.get(key)
    if found is None:
        found = json.loads(provenance.read_text(encoding="utf-8")).get("files", [])
        _read.put(key, found)
    return found
