"""DiskStore: bytes in files named by their SHA-256. Whoever has a file here has no address for it yet."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from runtime.errors import OperationalError
from runtime.values import AssetRef
from runtime.words import Words

DRAFT = ".draft-"
SHA256 = re.compile(r"[0-9a-f]{64}")


class DiskStore:
    """Implements Assets in a folder: two levels of folders, one file per content, never changed once there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the content with this hash is kept. ValueError for what is no hash: paths are made of nothing else."""
        if not SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The content as a file to read. OperationalError `asset_missing` when it is not here."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise _missing() from None

    def read(self, ref: AssetRef) -> bytes:
        """The bytes. OperationalError `asset_missing`, or `asset_damaged` when they no longer match their name."""
        with self.open(ref.sha256) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != ref.sha256:
            raise _damaged()
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
                raise _no_space() from fault
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


def _missing() -> OperationalError:
    return OperationalError(
        "asset_missing",
        Words("A stored file is gone.", "存储的文件已丢失。"),
        Words("Ask an administrator to restore it from a backup.", "请联系管理员从备份中恢复。"),
    )


def _damaged() -> OperationalError:
    return OperationalError(
        "asset_damaged",
        Words("A stored file has changed on the disk.", "存储的文件在磁盘上已被改动。"),
        Words("Ask an administrator to restore it from a backup.", "请联系管理员从备份中恢复。"),
    )


def _no_space() -> OperationalError:
    return OperationalError(
        "no_space",
        Words("A file could not be stored.", "文件无法保存。"),
        Words("Ask an administrator to look at the disk's free space.", "请联系管理员检查磁盘剩余空间。"),
        retryable=True,
    )
