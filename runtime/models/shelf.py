"""Shelf: the folder of installed models. What is there, whether it is whole, where it came from."""

import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from runtime.models.catalog import ModelRecord, load_catalog
from runtime.models.formats import NotWeights, recognise
from runtime.provenance import PROVENANCE, is_as_read, look_of, note_read
from runtime.values import Json

FORMAT = 1
CHUNK = 1024 * 1024
# One reads what many wait for.
_reading = threading.Lock()


class State(StrEnum):
    INSTALLED = "installed"
    MISSING = "missing"
    INSTALLING = "installing"
    BROKEN = "broken"


class Busy(Exception):
    """Another process is installing or removing this model."""


def data_home() -> Path:
    """The folder of all data: `SLUICEWAY_HOME` (default `var`)."""
    return Path(os.environ.get("SLUICEWAY_HOME") or "var").absolute()


def models_folder() -> Path:
    """Where models are installed: `SLUICEWAY_MODELS`, else `models` in the home."""
    if named := os.environ.get("SLUICEWAY_MODELS"):
        return Path(named).absolute()
    return data_home() / "models"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The models folder and the catalogue that says what belongs in it."""

    folder: Path
    records: dict[str, ModelRecord]

    def home_of(self, name: str) -> Path:
        return self.folder / name

    @property
    def partial(self) -> Path:
        """Downloads that can go on, and what is being unpacked."""
        return self.folder / ".partial"

    def provenance(self, name: str) -> dict[str, Json] | None:
        """What was written down when the model was installed; None when it is not."""
        try:
            data: dict[str, Json] = json.loads((self.home_of(name) / PROVENANCE).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError:
            return {}
        return data

    def installed_at(self, name: str) -> int:
        """Nanoseconds since 1970 when what lies there now was installed; 0 when nothing does."""
        try:
            return (self.home_of(name) / PROVENANCE).stat().st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def state(self, record: ModelRecord) -> State:
        """What anybody may know of the model, also while another process works on it."""
        return State.INSTALLING if self.is_busy(record.name) else self.presence(record)

    def presence(self, record: ModelRecord) -> State:
        """By presence and size of the files; `faults` also reads their bytes."""
        known = self.provenance(record.name)
        if known is None:
            return State.MISSING
        files = known.get("files", [])
        home = self.home_of(record.name)
        whole = bool(files) and all(_size(home / file["path"]) == file["size"] for file in files)
        return State.INSTALLED if whole and _is_current(record, files) else State.BROKEN

    def faults(self, name: str) -> list[str]:
        """What is wrong with an installed model, as sentences; empty when every byte is as it was written down, and the
        catalogue offers no other files by now."""
        found = self._changes(name)
        files = (self.provenance(name) or {}).get("files", [])
        for file in files if not found else ():
            found += _format_fault(self.home_of(name) / file["path"], file["path"])
        record = self.records.get(name)
        if record and files and not _is_current(record, files):
            found.append("The catalogue offers another version by now: install it again.")
        return found

    def _changes(self, name: str) -> list[str]:
        """What is not as it was written down when it was installed. Reads every byte."""
        files = (self.provenance(name) or {}).get("files", [])
        if not files:
            return [f"{name} has no readable {PROVENANCE}."]
        found = []
        listed = {file["path"]: file["sha256"] for file in files}
        for path, sha256 in listed.items():
            file = self.home_of(name) / path
            if not file.is_file():
                found.append(f"{path} is missing.")
            elif file.is_symlink() or sha256_of(file) != sha256:
                found.append(f"{path} is not the file that was installed.")
        for file in sorted(p for p in self.home_of(name).rglob("*") if p.is_file()):
            path = file.relative_to(self.home_of(name)).as_posix()
            if path not in listed and path != PROVENANCE:
                found.append(f"{path} was not installed by Sluiceway.")
        return found

    def is_unchanged(self, name: str) -> bool:
        """Whether what lies there is what was installed. Reads its bytes only where it does not look as it did when they were last read."""
        folder, home = self.home_of(name), data_home()
        try:
            if is_as_read(folder, home):
                return True
            with _reading:
                look = look_of(folder)
                if is_as_read(folder, home):
                    return True
                if self._changes(name) or look_of(folder) != look:
                    return False
                note_read(folder, home, look)
        except (OSError, KeyError, TypeError, AttributeError):
            return False
        return True

    def remove(self, name: str) -> bool:
        """Delete an installed model; False when there was none. Raises Busy."""
        with self.hold(name):
            home = self.home_of(name)
            if not home.exists():
                return False
            doomed = self.partial / f"{name}.removed"
            shutil.rmtree(doomed, ignore_errors=True)
            home.rename(doomed)  # at once for whoever looks, however long deleting takes
            shutil.rmtree(doomed)
            return True

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Keep other processes from changing the model meanwhile. Raises Busy."""
        self.partial.mkdir(parents=True, exist_ok=True)
        with self._lock_file(name).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(name) from None
            yield

    def is_busy(self, name: str) -> bool:
        try:
            with self._lock_file(name).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _lock_file(self, name: str) -> Path:
        return self.partial / f"{name}.lock"


def open_shelf(folder: Path | None = None) -> Shelf:
    """The shelf in `folder` (default: `models_folder()`), with the product's catalogue and the installation's own."""
    place = folder or models_folder()
    return Shelf(place, load_catalog(place / "catalog.toml"))


def catalogue() -> dict[str, ModelRecord]:
    """What the product and the installation offer, read anew only when the installation's part has changed."""
    own = models_folder() / "catalog.toml"
    try:
        changed = own.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _catalogue(own, changed)


@lru_cache(maxsize=4)
def _catalogue(own: Path, changed: int) -> dict[str, ModelRecord]:
    return load_catalog(own)


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_current(record: ModelRecord, files: list[Json]) -> bool:
    wanted = {file.sha256 for file in record.files}
    return not wanted or wanted == {file["sha256"] for file in files}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return -1


def _format_fault(file: Path, path: str) -> list[str]:
    try:
        recognise(file)
    except NotWeights as reason:
        return [f"{path} is refused: {reason}."]
    return []
