"""DiskStore: bytes in files named by their SHA-256. Whoever has a file here has no address for it yet."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from runtime.assets.store import DRAFT, damaged, missing, no_space, require_hash
from runtime.values import AssetRef


class DiskStore:
    """Implements Store in a folder: two levels of folders, one file per content, never changed once there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the content with this hash is kept. ValueError for what is no hash: paths are made of nothing else."""
        require_hash(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The content as a file to read. OperationalError `asset_missing` when it is not here."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise missing() from None

    def read(self, ref: AssetRef) -> bytes:
        """The bytes. OperationalError `asset_missing`, or `asset_damaged` when they no longer match their name."""
        with self.open(ref.sha256) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != ref.sha256:
            raise damaged()
        return content

    def write(
        self, content: bytes, media_type: str, width: int | None = None, height: int | None = None
    ) -> AssetRef:
        """Store the bytes once and return their handle. OperationalError `no_space` when the disk refuses them."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        try:
            # What is wanted again is as young as what is new: whoever deletes looks at that.
            os.utime(target)
        except FileNotFoundError:
            try:
                self._place(content, target)
            except OSError as fault:
                raise no_space() from fault
        return AssetRef(sha256, media_type, len(content), width, height)

    def written(self, sha256: str) -> float | None:
        """When the content was last written, or was to be written again (seconds since 1970); None when not here."""
        try:
            return self.path(sha256).stat().st_mtime
        except FileNotFoundError:
            return None

    def remove(self, sha256: str) -> None:
        """Take the content away; it may be gone already. Whoever calls this knows that nobody needs it."""
        path = self.path(sha256)
        try:
            path.unlink()
        except FileNotFoundError:
            return
        _sync_folder(path.parent)

    def shelf(self, number: int) -> Iterator[tuple[str, float]]:
        """Name and time of every file on one of the store's 256 shelves, drafts that nobody finished included."""
        for path in (self._folder / f"{number % 256:02x}").glob("*/*"):
            try:
                yield path.name, path.stat().st_mtime
            except FileNotFoundError:
                continue  # it has gone meanwhile

    def remove_draft(self, number: int, name: str) -> None:
        """Take away what a writer left half-written. ValueError for what is no draft."""
        if not name.startswith(DRAFT) or "/" in name:
            raise ValueError("not a draft")
        for path in (self._folder / f"{number % 256:02x}").glob("*/" + name):
            path.unlink(missing_ok=True)

    def _place(self, content: bytes, target: Path) -> None:
        """Written beside, synced, then renamed: a reader or a crash sees the whole content or none."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=DRAFT)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def open_store() -> DiskStore:
    """The store of the installation in `SLUICEWAY_HOME`."""
    return DiskStore(Path(os.environ["SLUICEWAY_HOME"]) / "assets")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
