"""private: files that nobody but their owner may read, from their first byte on."""

import os
from pathlib import Path
from typing import BinaryIO


def private(path: Path) -> BinaryIO:
    return open(path, "wb", opener=_owner_alone)


def write_private(path: Path, content: bytes) -> None:
    with private(path) as file:
        file.write(content)


def _owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
