"""Pages of a list: `{"results": [...], "next": url | null}`, followed by a cursor that new rows do not shift."""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from runtime.values import Json

M = TypeVar("M", bound=Model)


class _Pages(CursorPagination):
    page_size = 50


def page(
    request: Request, rows: QuerySet[M], render: Callable[[M], dict[str, Json]], order: str = "-id"
) -> Response:
    """One page of `rows`, newest first by `order` (a unique, indexed field)."""
    pages = _Pages()
    pages.ordering = order
    found = pages.paginate_queryset(rows, request) or []
    return Response({"results": [render(row) for row in found], "next": pages.get_next_link()})
