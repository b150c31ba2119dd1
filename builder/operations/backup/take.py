"""Takes a backup while the installation goes on.

The database first, then the bytes that it names: bytes are written before the row that names them and never change, so
whatever the snapshot names is there at its moment. In the other order rows written meanwhile would name bytes that were
not copied. One thing can still come between: a deletion takes bytes away that the snapshot names. Then the snapshot is
taken again; what is copied already is not copied again, so that the next try is short, and what was deleted is in no backup.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from builder.assets.store import open_store
from builder.catalog.installed_models import installed_models
from builder.common.version import VERSION
from builder.operations.backup.manifest import FOLDERS, NAME, SECRETS, Manifest, asset_path, digest_of, pieces
from builder.operations.backup.private import private, write_private
from builder.operations.backup.refusals import bytes_missing, no_folder, target_taken, too_busy
from builder.operations.backup.sealed import seal
from builder.operations.backup.snapshot import Snapshot, take_snapshot
from builder.operations.looks.storage import named_contents
from runtime.errors import OperationalError

TRIES = 5
TAR = ".tar"


@dataclass(slots=True)
class Copied:
    """Assets that are in the backup by now, with their sizes; those that were not there, or not what they are called."""

    sizes: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def take_backup(target: Path, passphrase: str | None = None, accept_missing: bool = False) -> Manifest:
    """Into a new folder, or a file that ends with .tar. With a passphrase the installation's keys come along, sealed.

    Raises UserError. What is not whole is under no name that anybody asked for.
    """
    if target.exists():
        raise target_taken(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # mode 0700: it holds everything that people gave and got
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    except (FileNotFoundError, NotADirectoryError, FileExistsError) as fault:
        raise no_folder(target.parent) from fault
    packed = draft.with_suffix(".packed")
    try:
        manifest = _fill(draft, passphrase, accept_missing)
        if target.suffix == TAR:
            _pack(draft, packed)
            os.replace(packed, target)
        else:
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        packed.unlink(missing_ok=True)  # half of one would fill the disk that had no room for the whole
    return manifest


def _fill(folder: Path, passphrase: str | None, accept_missing: bool) -> Manifest:
    snapshot, copied = _database_and_assets(folder, accept_missing)
    files = {snapshot.file: digest_of(folder / snapshot.file), **_copy_files(folder)}
    manifest = Manifest(
        version=VERSION,
        made=timezone.now().isoformat(timespec="seconds"),
        database=snapshot.kind,
        migrations=list(snapshot.migrations),
        head=snapshot.head,
        runs=snapshot.runs,
        unfinished=snapshot.unfinished,
        assets=len(copied.sizes),
        size=sum(copied.sizes.values()),
        missing=copied.lost,
        models=sorted(installed_models()),
        files=files,
    )
    raw = manifest.to_bytes()
    write_private(folder / NAME, raw)
    if passphrase is not None:
        write_private(folder / SECRETS, seal(_secrets(), passphrase, raw))
    return manifest


def _database_and_assets(folder: Path, accept_missing: bool) -> tuple[Snapshot, Copied]:
    copied = Copied()
    for _ in range(TRIES):
        snapshot = take_snapshot(folder)
        _copy_assets(snapshot.names, folder, copied)
        gone = set(copied.lost)
        if not gone:
            break
        # Still named: nobody deleted it, it is simply not there.
        bad = sorted(gone & named_contents())
        if bad and not accept_missing:
            raise bytes_missing(bad)
        if len(bad) == len(gone):
            break
    else:
        raise too_busy()
    for name in copied.sizes.keys() - snapshot.names:
        (folder / asset_path(name)).unlink()
        del copied.sizes[name]
    return snapshot, copied


def _copy_assets(names: Iterable[str], folder: Path, copied: Copied) -> None:
    store = open_store()
    copied.lost = []
    for name in sorted(set(names) - copied.sizes.keys()):
        target = folder / asset_path(name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        try:
            with store.open(name) as source, private(target) as file:
                for piece in pieces(source):
                    digest.update(piece)
                    size += file.write(piece)
        except OperationalError:
            copied.lost.append(name)
            continue
        if digest.hexdigest() != name:
            target.unlink()
            copied.lost.append(name)
            continue
        copied.sizes[name] = size


def _copy_files(folder: Path) -> dict[str, str]:
    """Word lists and providers. After the database: a list that a policy names is never changed or removed."""
    found = {}
    for part in FOLDERS:
        here = settings.HOME / part
        for source in sorted(here.iterdir()) if here.is_dir() else ():
            if source.is_file() and not source.name.startswith("."):
                (folder / part).mkdir(exist_ok=True, mode=0o700)
                write_private(folder / part / source.name, source.read_bytes())
                found[f"{part}/{source.name}"] = digest_of(folder / part / source.name)
    return found


def _secrets() -> dict[str, str]:
    folder = settings.HOME / "secrets"
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.is_file()}


def _pack(folder: Path, target: Path) -> None:
    """One file, not compressed: pictures and sounds are already."""
    with private(target) as raw, tarfile.open(fileobj=raw, mode="w") as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            tar.add(path, arcname=path.relative_to(folder).as_posix(), recursive=False)
