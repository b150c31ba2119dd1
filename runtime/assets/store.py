"""Store: what every place for stored bytes does, and what it says when it cannot. Shared by web servers and workers."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from runtime.errors import OperationalError
from runtime.values import AssetRef
from runtime.words import Words

DRAFT = ".draft-"
SHA256 = re.compile(r"[0-9a-f]{64}")


class Store(Protocol):
    """Content by its SHA-256: written whole or not at all, never changed under its name."""

    def has(self, sha256: str) -> bool: ...

    def open(self, sha256: str) -> BinaryIO:
        """The content as a file to read and to seek in, a piece at a time. OperationalError `asset_missing`."""
        ...

    def read(self, ref: AssetRef) -> bytes:
        """The bytes. OperationalError `asset_missing`, or `asset_damaged` when they no longer match their name."""
        ...

    def write(
        self, content: bytes, media_type: str, width: int | None = None, height: int | None = None
    ) -> AssetRef:
        """Store the bytes once and return their handle. OperationalError when they cannot be kept."""
        ...

    def written(self, sha256: str) -> float | None:
        """When the content was last written, or was to be written again (seconds since 1970); None when not here."""
        ...

    def remove(self, sha256: str) -> None:
        """Take the content away; it may be gone already. Whoever calls this knows that nobody needs it."""
        ...

    def shelf(self, number: int) -> Iterator[tuple[str, float]]:
        """Name and time of everything on one of the store's 256 shelves, drafts that nobody finished included."""
        ...

    def remove_draft(self, number: int, name: str) -> None:
        """Take away what a writer left half-written. ValueError for what is no draft."""
        ...


def require_hash(sha256: str) -> None:
    """ValueError for what is no hash: paths and keys are made of nothing else."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hex")


def missing() -> OperationalError:
    return OperationalError(
        "asset_missing",
        Words("A stored file is gone.", "存储的文件已丢失。"),
        Words("Ask an administrator to restore it from a backup.", "请联系管理员从备份中恢复。"),
    )


def damaged() -> OperationalError:
    return OperationalError(
        "asset_damaged",
        Words("A stored file has changed on the disk.", "存储的文件在磁盘上已被改动。"),
        Words("Ask an administrator to restore it from a backup.", "请联系管理员从备份中恢复。"),
    )


def no_space() -> OperationalError:
    return OperationalError(
        "no_space",
        Words("A file could not be stored.", "文件无法保存。"),
        Words("Ask an administrator to look at the disk's free space.", "请联系管理员检查磁盘剩余空间。"),
        retryable=True,
    )


def away() -> OperationalError:
    return OperationalError(
        "asset_store_away",
        Words("The store of files does not answer.", "文件存储服务没有响应。"),
        Words(
            "Try again soon; an administrator can see why with `manage.py doctor`.",
            "请稍后重试；管理员可用 `manage.py doctor` 查看原因。",
        ),
        retryable=True,
    )


def not_allowed() -> OperationalError:
    return OperationalError(
        "asset_store_refused",
        Words("The store of files refuses this installation's key.", "文件存储服务拒绝了本系统的密钥。"),
        Words(
            "Ask an administrator to look at the key, and at what it may do in the bucket.",
            "请联系管理员检查密钥及其对存储桶的权限。",
        ),
    )
