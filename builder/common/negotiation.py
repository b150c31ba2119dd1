"""The API speaks JSON whatever `Accept` says: an <img> may load an asset, and an error is always readable.

Where a view has several forms (the schema), `?format=` chooses.
"""

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class AlwaysJson(DefaultContentNegotiation):
    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        known = list(renderers)
        wanted = request.query_params.get("format")
        chosen = next((item for item in known if item.format == wanted), known[0])
        return chosen, chosen.media_type or ""
