"""Answers errors: DRF's exception handler, and Django's pages for what fails outside a view."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.response import Response

from builder.common.envelope import answer, envelope, headers_of
from builder.common.errors import Refused, not_found
from builder.common.language import language_of, say, wanted_language
from builder.common.translate_errors import as_refused, broken, csrf_failed, forbidden, malformed


def api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """The envelope for an error of a view; None for a bug, which Django then logs and answers with 500."""
    refused = as_refused(error)
    if refused is None:
        return None
    body = envelope(refused, language_of(context["request"]))
    return Response(body, status=refused.status, headers=headers_of(refused))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _page(request, as_refused(exception) or malformed())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _page(request, forbidden())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    return _page(request, csrf_failed())


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _page(request, not_found())


def server_error(request: HttpRequest) -> HttpResponseBase:
    return _page(request, broken())


def _page(request: HttpRequest, refused: Refused) -> HttpResponseBase:
    """JSON for the API, a sentence for everything else."""
    if request.path.startswith("/api/"):
        return answer(request, refused)
    sentence = say(refused.message, wanted_language(request) or "en")
    return HttpResponse(sentence + "\n", status=refused.status, content_type="text/plain; charset=utf-8")
