"""Shelf: the folder of installed models. What is there, whether it is whole, where it came from."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from runtime.memory import Memory
from runtime.models.catalog import ModelRecord, load_catalog
from runtime.models.formats import NotWeights, recognise
from runtime.provenance import PROVENANCE, written_since
from runtime.values import Json

FORMAT = 1
CHUNK = 1024 * 1024
# Of files that were read because they had changed.
_hashes: Memory[str] = Memory(room=1_000)


class State(StrEnum):
    INSTALLED = "installed"
    MISSING = "missing"
    INSTALLING = "installing"
    BROKEN = "broken"


class Busy(Exception):
    """Another process is installing or removing this model."""


def models_folder() -> Path:
    """Where models are installed: `SLUICEWAY_MODELS`, else `models` in `SLUICEWAY_HOME` (default `var`)."""
    if named := os.environ.get("SLUICEWAY_MODELS"):
        return Path(named).absolute()
    return Path(os.environ.get("SLUICEWAY_HOME") or "var").absolute() / "models"


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
        known = self.provenance(name)
        if not known or not known.get("files"):
            return [f"{name} has no readable {PROVENANCE}."]
        found = []
        listed = {file["path"]: file["sha256"] for file in known["files"]}
        for path, sha256 in listed.items():
            file = self.home_of(name) / path
            if not file.is_file():
                found.append(f"{path} is missing.")
            elif sha256_of(file) != sha256:
                found.append(f"{path} is not the file that was installed.")
            else:
                found += _format_fault(file, path)
        for file in sorted(p for p in self.home_of(name).rglob("*") if p.is_file()):
            path = file.relative_to(self.home_of(name)).as_posix()
            if path not in listed and path != PROVENANCE:
                found.append(f"{path} was not installed by Sluiceway.")
        record = self.records.get(name)
        if record and not _is_current(record, known["files"]):
            found.append("The catalogue offers another version by now: install it again.")
        return found

    def is_unchanged(self, name: str) -> bool:
        """Whether every file is the one that was installed. Reads only the bytes of files that were written since they were last read."""
        home, began = self.home_of(name), time.time_ns()
        try:
            files = (self.provenance(name) or {}).get("files", [])
            late = written_since(home, files)
            whole = all(_size(home / file["path"]) == file["size"] for file in files)
            if (
                not files
                or not whole
                or not all(_is_same(home / file["path"], file["sha256"]) for file in late)
            ):
                return False
        except (OSError, KeyError, TypeError, AttributeError):
            return False
        if late:
            with suppress(OSError):  # nobody may write here: then each process reads them once
                os.utime(home / PROVENANCE, ns=(began, began))
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


def _is_same(path: Path, sha256: str) -> bool:
    state = path.stat()
    key = (path, state.st_ino, state.st_size, state.st_ctime_ns)
    found = _hashes.get(key)
    if found is None:
        found = sha256_of(path)
        _hashes.put(key, found)
    return found == sha256


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
