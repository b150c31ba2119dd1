"""Renders every error of the API in one shape: code, sentence, hint, issues."""

from django.http import HttpRequest, JsonResponse

from builder.common.errors import Refused
from builder.common.language import Language, say, wanted_language
from runtime.values import Json


def envelope(refused: Refused, language: Language) -> dict[str, Json]:
    body: dict[str, Json] = {
        "code": refused.code,
        "message": say(refused.message, language),
        "hint": say(refused.hint, language) if refused.hint else None,
    }
    if refused.issues:
        body["issues"] = [issue.to_json() for issue in refused.issues]
    return body | dict(refused.extra)


def headers_of(refused: Refused) -> dict[str, str]:
    """What a program reads of a refusal before it reads the body."""
    headers = {"Retry-After": str(refused.wait)} if refused.wait else {}
    return headers | ({"WWW-Authenticate": "Session"} if refused.status == 401 else {})


def answer(request: HttpRequest, refused: Refused) -> JsonResponse:
    """The envelope as a plain Django response, for what fails outside a DRF view.

    It asks nothing of the database, not even who the person is: that may be what broke, or we may be in a coroutine.
    """
    body = envelope(refused, wanted_language(request) or "en")
    return JsonResponse(body, status=refused.status, headers=headers_of(refused))
