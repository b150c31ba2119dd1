"""Takes an uploaded file in: recognised by its content, bounded, stripped, stored under its hash."""

import hashlib
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User, Workspace
from builder.assets.lock_content import lock_content
from builder.assets.models import Asset, Origin
from builder.assets.store import open_store
from builder.assets.take_document import take_document
from builder.assets.take_picture import take_picture
from builder.assets.take_sound import take_sound
from builder.assets.taken import Taken
from builder.common.errors import Refused
from runtime.labelling.claims import claims_model
from runtime.labels import Source
from runtime.values import Json
from runtime.words import Words

MAX_BYTES = 30 * 1024 * 1024
BY_MODEL: dict[str, Json] = {"sources": sorted([Source.MODEL.value, Source.UPLOAD.value])}


def store_upload(workspace: Workspace, user: User, file: BinaryIO) -> Asset:
    """The asset. Its name, its declared type and its metadata are not kept. Raises Refused with the reason.

    One thing that its metadata says is remembered: that a model had a part in it, so that it is labelled again.

    Nothing here decodes anything: the header is read, the limits are checked, and the decoding is left to the
    worker's child process, which may be killed.
    """
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise upload_too_large()
    taken = _recognise(content)
    return _keep(workspace, user, taken, BY_MODEL if claims_model(content) else {})


def _recognise(content: bytes) -> Taken:
    taken = take_picture(content) or take_sound(content) or take_document(content)
    if taken is None:
        raise Refused(
            "unknown_file",
            Words(
                "This is no picture (PNG, JPEG, WebP), no sound (WAV, MP3, FLAC, Ogg, WebM) and no document (PDF, DOCX, HTML, text).",
                "该文件不是图像（PNG、JPEG、WebP）、音频（WAV、MP3、FLAC、Ogg、WebM）或文档（PDF、DOCX、HTML、文本）。",
            ),
            Words("Save it in one of these formats.", "请将其保存为上述格式之一。"),
        )
    return taken


@transaction.atomic
def _keep(workspace: Workspace, user: User, taken: Taken, provenance: dict[str, Json]) -> Asset:
    """The bytes and their row, while nobody can be deleting the same."""
    lock_content(hashlib.sha256(taken.content).hexdigest())
    ref = open_store().write(taken.content, taken.media_type, taken.width, taken.height)
    asset, created = Asset.objects.get_or_create(
        workspace=workspace,
        sha256=ref.sha256,
        origin=Origin.UPLOAD,
        by=user,
        defaults={
            "media_type": ref.media_type,
            "size": ref.size,
            "width": ref.width,
            "height": ref.height,
            "provenance": provenance,
        },
    )
    if not created:
        # Given anew: its time begins anew. What it once said of itself stays, if it was brought without it now.
        asset.created, asset.provenance = timezone.now(), provenance or asset.provenance
        asset.save(update_fields=["created", "provenance"])
    return asset


def upload_too_large() -> Refused:
    return Refused(
        "upload_too_large",
        Words("The file is larger than 30 MB.", "文件超过 30 MB。"),
        Words("Upload a smaller copy.", "请上传较小的副本。"),
        status=413,
    )
