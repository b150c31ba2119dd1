"""Puts the content security policy on every page."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# Django hands over a function or a coroutine function; which of them, only the running program knows.
GetResponse = Callable[[HttpRequest], Any]

HEADER = "Content-Security-Policy"


def policy_for(path: str) -> str:
    """The header's value for a page at `path`."""
    console = path.startswith(settings.CONSOLE_PATH)
    rules = settings.CONSOLE_SECURITY_POLICY if console else settings.CONTENT_SECURITY_POLICY
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@sync_and_async_middleware
def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Add the policy to each answer that has none of its own (a downloaded asset brings a stricter one)."""
    if iscoroutinefunction(get_response):

        async def with_policy_async(request: HttpRequest) -> HttpResponseBase:
            return _add_policy(request, await get_response(request))

        return with_policy_async

    def with_policy(request: HttpRequest) -> HttpResponseBase:
        return _add_policy(request, get_response(request))

    return with_policy


def _add_policy(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault(HEADER, policy_for(request.path))
    return response
