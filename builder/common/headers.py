"""Puts the content security policy on every page."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "Content-Security-Policy"


def policy_for(path: str) -> str:
    """The header's value for a page at `path`."""
    console = path.startswith(settings.CONSOLE_PATH)
    rules = settings.CONSOLE_SECURITY_POLICY if console else settings.CONTENT_SECURITY_POLICY
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@sync_and_async_middleware
def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Add the policy to each answer that has none of its own (a downloaded asset brings a stricter one)."""
    if iscoroutinefunction(get_response):

        async def with_policy_async(request: HttpRequest) -> HttpResponseBase:
            response = await get_response(request)
            response.headers.setdefault(HEADER, policy_for(request.path))
            return response

        return with_policy_async

    def with_policy(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        assert isinstance(response, HttpResponseBase)
        response.headers.setdefault(HEADER, policy_for(request.path))
        return response

    return with_policy
