"""A request's body is read whole, within bounds, before an application sees the request."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from builder.common.bodies import IN_MEMORY, BodyFirst

LARGEST = 3 * IN_MEMORY


class Server:
    """A connection: what it brings, what is sent back, and the bodies that the application read."""

    def __init__(self, *pieces: bytes, ends: bool = True, leaves: bool = False, **headers: str) -> None:
        self.sent: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self._leaves = leaves
        self._messages = self._bring(pieces, ends)
        self._headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def _bring(self, pieces: tuple[bytes, ...], ends: bool) -> AsyncIterator[dict[str, Any]]:
        for number, piece in enumerate(pieces, start=1):
            yield {
                "type": "http.request", "body": piece, "more_body": not ends or self._leaves or number < len(pieces)
            }  # fmt: skip
        if self._leaves or ends:
            yield {"type": "http.disconnect"}
        await asyncio.Event().wait()

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        assert await receive() == {"type": "http.disconnect"}

    async def serve(self, seconds: float = 30) -> "Server":
        scope = {"type": "http", "method": "POST", "path": "/api/session", "query_string": b"",
                 "headers": self._headers, "scheme": "http", "http_version": "1.1"}  # fmt: skip

        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        await BodyFirst(self._application, LARGEST, seconds)(scope, self._messages.__anext__, send)
        return self

    def refusal(self) -> tuple[int, str]:
        assert not self.bodies
        start, body = self.sent
        return start["status"], json.loads(body["body"])["code"]


@pytest.mark.parametrize(
    "pieces",
    [(b"",), (b"abc",), (b"ab", b"", b"c"), (b"x" * IN_MEMORY, b"y" * IN_MEMORY, b"z"), (b"q" * LARGEST,)],
)
async def test_a_body_arrives_as_it_was_sent_however_large_and_in_how_many_pieces(
    pieces: tuple[bytes, ...],
) -> None:
    server = await Server(*pieces).serve()
    assert server.bodies == [b"".join(pieces)]
    assert not server.sent


async def test_a_body_that_is_announced_too_large_is_not_waited_for() -> None:
    server = await Server(ends=False, content_length=str(LARGEST + 1)).serve()
    assert server.refusal() == (413, "too_large")


async def test_a_body_that_turns_out_too_large_is_refused() -> None:
    server = await Server(b"x" * LARGEST, b"y", ends=False).serve()
    assert server.refusal() == (413, "too_large")


async def test_a_body_that_does_not_end_is_given_up_in_the_language_of_the_asker() -> None:
    server = await Server(b"{", ends=False, accept_language="zh-CN").serve(seconds=0.05)
    assert server.refusal() == (408, "too_slow")
    assert json.loads(server.sent[1]["body"])["message"] == "请求内容传输时间过长。"
    assert (b"connection", b"close") in server.sent[0]["headers"]


async def test_a_sender_who_leaves_is_answered_nothing() -> None:
    server = await Server(b"{", leaves=True).serve()
    assert not server.bodies and not server.sent
