"""SecretStore: what a worker's agent asks for keys. The application implements it; a dotted path joins them."""

import os
import re
from pathlib import Path
from typing import Protocol

# A name leads to no other folder.
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")


class SecretStore(Protocol):
    """Secrets by name, in clear for whoever asks: only the agent does, and hands on what a segment needs."""

    def read(self, name: str) -> str | None:
        """None when there is no such secret, or when it cannot be opened with the installation's key."""
        ...


class NoSecrets:
    """Where nothing is kept."""

    def read(self, name: str) -> str | None:
        return None


class FileSecrets:
    """A file for each key, for a worker whose database role cannot see what is sealed there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> str | None:
        if not NAME.fullmatch(name):
            return None
        try:
            return (self._folder / name).read_text(encoding="ascii").strip() or None
        except (OSError, ValueError):
            return None


def open_files() -> FileSecrets:
    """The folder that `SLUICEWAY_SECRET_FILES` names, else `secrets/providers` in the home."""
    named = os.environ.get("SLUICEWAY_SECRET_FILES")
    return FileSecrets(Path(named) if named else Path(os.environ["SLUICEWAY_HOME"]) / "secrets" / "providers")
