"""Source: a backup to read from, a folder or a .tar. It gives what is asked for by name, and nothing else of it is used."""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from builder.operations.backup.manifest import NAME
from builder.operations.backup.refusals import altered, no_backup


class Source(Protocol):
    def has(self, name: str) -> bool: ...

    def open(self, name: str) -> BinaryIO:
        """Raises UserError `backup_altered` for what is not in it."""
        ...


class FolderSource:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        return (self._folder / name).is_file()

    def open(self, name: str) -> BinaryIO:
        try:
            return (self._folder / name).open("rb")
        except OSError:
            raise altered(name) from None


class TarSource:
    """Members are read one by one and written to places of our own choice: what one is called decides nothing."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members = {member.name: member for member in tar if member.isreg()}

    def has(self, name: str) -> bool:
        return name in self._members

    def open(self, name: str) -> BinaryIO:
        file = self._tar.extractfile(self._members[name]) if name in self._members else None
        if file is None:
            raise altered(name)
        return cast(BinaryIO, file)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Raises UserError `no_backup`."""
    if path.is_dir() and (path / NAME).is_file():
        yield FolderSource(path)
        return
    try:
        tar = tarfile.open(path, mode="r:")  # noqa: SIM115 - closed below; here only opening may fail
    except (OSError, tarfile.TarError):
        raise no_backup(path) from None
    with tar:
        source = TarSource(tar)
        if not source.has(NAME):
            raise no_backup(path)
        yield source
