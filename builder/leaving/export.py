"""Packs a person's data into a zip while it is sent: nothing is stored, and memory holds one piece at a time."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.common.errors import Refused, not_found
from builder.keeping.log_read import log_read
from builder.keeping.models import Export, Way
from builder.leaving.own_data import Entry, count, entries
from builder.safety.append_audit import append_audit
from runtime.errors import OperationalError
from runtime.words import Words

LASTS = timedelta(hours=24)
PIECE = 256 * 1024
# How often the progress is written down, in entries.
TELL = 25


def begin_export(of: User, by: User) -> Export:
    """The export that is still good, else a new one. Raises Refused 403 for somebody else's data."""
    if of.pk != by.pk and not by.is_superuser:
        raise Refused(
            "not_your_data",
            Words("You can only export your own data.", "您只能导出自己的数据。"),
            status=403,
        )
    with transaction.atomic():
        good = Export.objects.filter(of=of, by=by, expires__gt=timezone.now()).first()
        if good is not None:
            return good
        append_audit("data.exported", by=by, subject=f"person {of.pk}")
        return Export.objects.create(of=of, by=by, total=count(of), expires=timezone.now() + LASTS)


def find_export(user: User, export: UUID) -> Export:
    """Raises Refused: 404 for anybody but who asked for it, 410 when its time is over."""
    found = Export.objects.select_related("of", "by").filter(pk=export, by=user).first()
    if found is None or (found.of_id != user.pk and not user.is_superuser):
        raise not_found()
    if found.expires <= timezone.now():
        raise Refused(
            "export_expired",
            Words("This link has expired.", "此链接已过期。"),
            Words("Ask for the export again.", "请重新申请导出。"),
            status=410,
        )
    return found


def pack(export: Export) -> Iterator[bytes]:
    """The zip, piece by piece. What was deleted since is left out."""
    pipe = _Pipe()
    done = 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in entries(export.of, export.by):
            yield from _pack_entry(packed, pipe, entry, export)
            done += 1
            if done % TELL == 0:
                Export.objects.filter(pk=export.pk).update(done=done)
    yield pipe.take()
    Export.objects.filter(pk=export.pk).update(done=done, fetched=timezone.now())


def _pack_entry(packed: zipfile.ZipFile, pipe: "_Pipe", entry: Entry, export: Export) -> Iterator[bytes]:
    if not isinstance(entry.content, Asset):
        text = json.dumps(entry.content, ensure_ascii=False, indent=2)
        packed.writestr(entry.name, text)
        yield pipe.take()
        return
    asset = entry.content
    try:
        file = open_store().open(asset.sha256)
    except OperationalError:
        return
    log_read(export.by, Way.EXPORT, asset.workspace_id, asset=asset.pk)
    info = zipfile.ZipInfo(entry.name, date_time=asset.created.timetuple()[:6])
    with file, packed.open(info, "w", force_zip64=True) as out:
        while piece := file.read(PIECE):
            out.write(piece)
            yield pipe.take()


class _Pipe(io.RawIOBase):
    """Where the zip is written to: it cannot be sought in, and gives away what it has."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        assert isinstance(piece, bytes | bytearray | memoryview)
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
