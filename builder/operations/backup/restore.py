"""Restores a backup into an empty home and an empty database, and believes nothing that it has not looked at."""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from builder.assets.store import open_store
from builder.bootstrap import places
from builder.bootstrap.lock import HomeLock
from builder.operations.backup import postgres
from builder.operations.backup.manifest import FOLDERS, NAME, SECRETS, Manifest, asset_path, pieces
from builder.operations.backup.private import private, write_private
from builder.operations.backup.refusals import altered, broken_log, newer, not_empty, other_database
from builder.operations.backup.sealed import unseal
from builder.operations.backup.snapshot import FILES, POSTGRES, SQLITE
from builder.operations.backup.source import Source, opened
from builder.operations.looks.database import known_migrations
from builder.operations.looks.storage import named_contents
from builder.runs.end_segment import take_back
from builder.runs.ledger import open_ledger
from builder.runs.models import Segment, Worker
from builder.safety.verify_audit import verify_audit
from runtime.dispatch.states import SegmentState

# What a start makes by itself, this one too.
OF_ITS_OWN = frozenset({"secret_key"})
Asked = Callable[[], str | None]


def restore_backup(path: Path, passphrase: Asked, accept_broken_log: bool = False) -> Manifest:
    """`passphrase` is asked when the backup has secrets, and gives None to leave them out.

    Raises UserError, and then leaves the home and the database as empty as they were.
    """
    with opened(path) as source, source.open(NAME) as file:
        raw = file.read()
        manifest = Manifest.from_bytes(raw, path)
        _require_fit(manifest)
        _require_whole(source, manifest)
        secrets = _secrets(source, raw, passphrase)
        lock = HomeLock(settings.HOME)
        if not lock.take():
            raise not_empty(lock.holder())
        try:
            _require_empty()
            with ExitStack() as undo:
                _place(source, manifest, undo)
                _verify(manifest, accept_broken_log)
                _place_secrets(secrets)
                _hand_back()
                undo.pop_all()
        finally:
            lock.release()
    return manifest


def _require_fit(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise other_database(manifest.database, connection.vendor)
    known = {f"{app}.{name}" for app, name in known_migrations()}
    if set(manifest.migrations) - known:
        raise newer(manifest.version)


def _require_whole(source: Source, manifest: Manifest) -> None:
    """Before anything is written: what is not named by its hash is what the manifest says."""
    for name in (FILES[manifest.database], *manifest.files):
        digest = hashlib.sha256()
        with source.open(name) as file:
            for piece in pieces(file):
                digest.update(piece)
        if digest.hexdigest() != manifest.files.get(name):
            raise altered(name)


def _require_empty() -> None:
    home: Path = settings.HOME
    for name in ("assets", *FOLDERS):
        if (home / name).is_dir() and any((home / name).iterdir()):
            raise not_empty(home / name)
    secrets = home / "secrets"
    for path in sorted(secrets.iterdir()) if secrets.is_dir() else ():
        if path.name not in OF_ITS_OWN:
            raise not_empty(path)
    if connection.vendor == SQLITE:
        path = Path(str(connection.settings_dict["NAME"]))
        if path.exists() and path.stat().st_size:
            raise not_empty(path)
    elif connection.introspection.table_names():
        raise not_empty(connection.settings_dict["NAME"])


def _place(source: Source, manifest: Manifest, undo: ExitStack) -> None:
    """Database, lists, providers, assets. What fails on the way is taken away again."""
    home: Path = settings.HOME
    places.make_private(home)
    undo.callback(_empty_database)
    _place_database(source, manifest)
    call_command("migrate", verbosity=0, interactive=False)
    for name in manifest.files.keys() - {FILES[manifest.database]}:
        folder = places.make_private(home / Path(name).parent)
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        with source.open(name) as file:
            write_private(folder / Path(name).name, file.read())
    undo.callback(shutil.rmtree, home / "assets", ignore_errors=True)
    store = open_store()
    for sha256 in sorted(named_contents() - set(manifest.missing)):
        with source.open(asset_path(sha256)) as file:
            content = file.read()
        # It writes under the hash of what it is given: under no other name.
        if store.write(content, "").sha256 != sha256:
            raise altered(asset_path(sha256))


def _place_database(source: Source, manifest: Manifest) -> None:
    connections.close_all()
    if manifest.database == POSTGRES:
        draft = settings.HOME / f".{FILES[POSTGRES]}"
        try:
            with source.open(FILES[POSTGRES]) as file:
                write_private(draft, file.read())
            postgres.restore(draft)
        finally:
            draft.unlink(missing_ok=True)
        return
    target = Path(str(connection.settings_dict["NAME"]))
    with source.open(FILES[SQLITE]) as file, private(target) as out:
        shutil.copyfileobj(file, out)


def _verify(manifest: Manifest, accept_broken_log: bool) -> None:
    """Every line of the audit log holds, up to the very line that was the last when the backup was taken."""
    report = verify_audit(manifest.head)
    if report.fault and not accept_broken_log:
        raise broken_log(report.fault)


def _secrets(source: Source, manifest: bytes, passphrase: Asked) -> dict[str, str]:
    if not source.has(SECRETS):
        return {}
    asked = passphrase()
    if asked is None:
        return {}
    with source.open(SECRETS) as file:
        return unseal(file.read(), asked, manifest)


def _place_secrets(secrets: dict[str, str]) -> None:
    folder = places.make_private(settings.HOME / "secrets")
    for name, text in secrets.items():
        if "/" in name or name.startswith("."):
            raise altered(SECRETS)
        draft = folder / f".{name}"
        write_private(draft, text.encode())
        os.replace(draft, folder / name)


def _hand_back() -> None:
    """What workers had in hand when the backup was taken waits for others, and counts as lost by nobody."""
    Worker.objects.all().delete()
    leased = Segment.objects.filter(state=SegmentState.LEASED.value)
    for run, index in list(leased.values_list("run_id", "index")):
        with open_ledger(run) as ledger:
            take_back(ledger, ledger.run.segments.get(index=index), lost=False)


def _empty_database() -> None:
    """As it was before: without a file, or without a table."""
    connections.close_all()
    if connection.vendor == SQLITE:
        path = Path(str(connection.settings_dict["NAME"]))
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
