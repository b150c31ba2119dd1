"""Pages of a list: `{"results": [...], "next": url | null}`, followed by a cursor that new rows do not shift."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from builder.common.errors import Refused
from runtime.values import Json
from runtime.words import Words

M = TypeVar("M", bound=Model)


class _Pages(CursorPagination):
    page_size = 50


def page(
    request: Request, rows: QuerySet[M], render: Callable[[M], dict[str, Json]], order: str = "-id"
) -> Response:
    """One page of `rows`, newest first by `order` (a unique, indexed field)."""
    pages = _Pages()
    pages.ordering = order
    try:
        found = pages.paginate_queryset(rows, request) or []
    except (NotFound, ValidationError, ValueError, OverflowError):
        # A cursor that is none, or that names a place which this list's order cannot have.
        raise Refused(
            "cursor_invalid",
            Words("There is no such page.", "没有这一页。"),
            Words("Begin with the first page.", "请从第一页开始。"),
        ) from None
    return Response({"results": [render(row) for row in found], "next": pages.get_next_link()})
