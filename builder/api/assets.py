"""Files: upload, description, content."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.models import User
from builder.accounts.scope import find, find_writable
from builder.api.people import person, workspace_of
from builder.api.shapes.assets import AssetSerializer, UploadSerializer
from builder.api.shapes.keeping import ReceiptSerializer
from builder.assets.ending import ending
from builder.assets.models import Asset
from builder.assets.readable import may_read, require_readable
from builder.assets.store import open_store
from builder.assets.store_upload import MAX_BYTES, store_upload, upload_too_large
from builder.keeping.log_read import log_read
from builder.keeping.models import Way
from builder.leaving.erase import Receipt, erase_asset
from runtime.values import Json

# The boundary lines and headers around one file.
MULTIPART_EXTRA = 64 * 1024
CHUNK = 256 * 1024
SHOWN = ("image/", "audio/")
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?")


class UploadsView(APIView):
    """The only way in for files."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="upload_asset",
        request={"multipart/form-data": UploadSerializer},
        responses={201: AssetSerializer},
    )
    def post(self, request: Request, workspace: UUID) -> Response:
        """Upload a picture (PNG, JPEG, WebP), a sound (WAV, MP3, FLAC, Ogg, WebM) or a document (PDF, DOCX, HTML, text). Its name is not kept."""
        home = workspace_of(request, workspace, write=True)
        # Said before the body is read.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + MULTIPART_EXTRA:
            raise upload_too_large()
        given = UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = person(request)
        asset = store_upload(home, user, given.validated_data["file"])
        return Response(describe_asset(asset, user), status=201)


class AssetView(APIView):
    """One file."""

    @extend_schema(operation_id="read_asset", responses=AssetSerializer)
    def get(self, request: Request, asset: UUID) -> Response:
        """What the file is. `readable` says whether the reader gets its bytes: an upload is its uploader's alone."""
        user = person(request)
        return Response(describe_asset(find(Asset.objects.all(), user, asset), user))

    @extend_schema(operation_id="delete_asset", responses={200: ReceiptSerializer})
    def delete(self, request: Request, asset: UUID) -> Response:
        """Delete the file for good, with every mention of it in runs. 409 while a run or a legal hold needs it."""
        found = find_writable(Asset.objects.all(), person(request), asset)
        return Response(Receipt(erase_asset(found, person(request))).to_json())


class AssetContentView(APIView):
    """The bytes of one file."""

    @extend_schema(
        operation_id="read_asset_content",
        parameters=[
            OpenApiParameter("download", OpenApiTypes.STR, description="1: save it instead of showing it")
        ],
        responses={(200, "*/*"): OpenApiTypes.BINARY, (206, "*/*"): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, asset: UUID) -> HttpResponseBase:
        """The bytes; `Range` and `If-None-Match` are understood. 403 `file_of_another` for the upload of somebody else."""
        found = find(Asset.objects.all(), person(request), asset)
        require_readable(found, person(request))
        response = _content(request, found)
        download = request.query_params.get("download") == "1"
        way = Way.DOWNLOAD if download else Way.SHOWN
        log_read(person(request), way, found.workspace_id, asset=found.pk)
        # What somebody brought as a document is kept and handed back, and never shown on our own address.
        shown = not download and found.media_type.startswith(SHOWN)
        response["Content-Disposition"] = (
            f'{"inline" if shown else "attachment"}; filename="sluiceway-{found.sha256[:12]}.{ending(found.media_type)}"'
        )
        response["ETag"] = f'"{found.sha256}"'
        response["Accept-Ranges"] = "bytes"
        # A browser asks each time whether they are still there: what was deleted is not shown again, and each
        # look is written down.
        response["Cache-Control"] = "private, no-cache"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


def _content(request: Request, asset: Asset) -> HttpResponseBase:
    if request.headers.get("If-None-Match") == f'"{asset.sha256}"':
        return HttpResponse(status=304)
    span = _span(request.headers.get("Range", ""), asset.size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{asset.size}"})
    first, last = span
    whole = (first, last) == (0, asset.size - 1)
    file = open_store().open(asset.sha256)
    response = StreamingHttpResponse(
        _read(file, first, last), status=200 if whole else 206, content_type=asset.media_type
    )
    response["Content-Length"] = str(last - first + 1)
    if not whole:
        response["Content-Range"] = f"bytes {first}-{last}/{asset.size}"
    return response


def _span(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that a Range header asks for; None when there are none such. Other units: everything."""
    found = _RANGE.fullmatch(header.strip())
    if not found or not any(found.groups()):
        return 0, size - 1
    start, end = found.groups()
    first = int(start) if start else max(0, size - int(end))
    last = min(int(end), size - 1) if start and end else size - 1
    return (first, last) if first <= last else None


def _read(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def describe_asset(asset: Asset, reader: User) -> dict[str, Json]:
    return {
        "id": str(asset.pk),
        "media_type": asset.media_type,
        "width": asset.width,
        "height": asset.height,
        "size": asset.size,
        "url": asset.url,
        "readable": may_read(asset, reader),
    }
