"""Reads a request's whole body before anything else begins, so that a slow sender holds no thread."""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.core.handlers.asgi import ASGIRequest

from builder.common.envelope import answer
from builder.common.errors import Refused
from builder.common.translate_errors import too_large, too_slow

SECONDS = 30.0
# What has arrived earns more time: a large picture over a slow line is no attack.
SLOWEST = 64 * 1024  # bytes per second
IN_MEMORY = 1024 * 1024  # what is larger waits in a temporary file
PIECE = 64 * 1024

# Each library types the ASGI messages in its own way; we only hand them on.
Application = Callable[[Any, Any, Any], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]


class BodyFirst:
    """An ASGI application that hands on a request once its body, of at most `largest` bytes, is here."""

    def __init__(self, application: Application, largest: int, seconds: float = SECONDS) -> None:
        self._application = application
        self._largest = largest
        self._seconds = seconds

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Any) -> None:
        with SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                arrived = await self._read(scope, receive, body)
            except Refused as refused:
                await _answer(scope, refused, send)
                return
            if arrived:
                body.seek(0)
                await self._application(scope, _replay(body, receive), send)

    async def _read(self, scope: dict[str, Any], receive: Receive, body: IO[bytes]) -> bool:
        """Whether the body came to its end; False when the sender left. Raises Refused `too_large`, `too_slow`."""
        if _announced(scope) > self._largest:
            raise too_large()
        start = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._seconds) as limit:
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return False
                    body.write(message.get("body", b""))
                    if body.tell() > self._largest:
                        raise too_large()
                    if not message.get("more_body", False):
                        return True
                    limit.reschedule(start + self._seconds + body.tell() / SLOWEST)
        except TimeoutError:
            raise too_slow() from None


def _announced(scope: dict[str, Any]) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _replay(body: IO[bytes], receive: Receive) -> Receive:
    """Gives the body in pieces, then whatever else the connection says."""
    piece: bytes | None = body.read(PIECE)

    async def next_message() -> Any:
        nonlocal piece
        if piece is None:
            return await receive()
        following = body.read(PIECE) or None
        message = {"type": "http.request", "body": piece, "more_body": following is not None}
        piece = following
        return message

    return next_message


async def _answer(scope: dict[str, Any], refused: Refused, send: Any) -> None:
    response = answer(ASGIRequest(scope, BytesIO()), refused)
    response["Content-Length"] = str(len(response.content))
    response["X-Content-Type-Options"] = "nosniff"
    if refused.status == 408:
        # What is too large may still arrive, and is thrown away; what is too slow is not waited for.
        response["Connection"] = "close"
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
