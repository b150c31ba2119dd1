"""Connection: one HTTP request to a provider, within a deadline and a number of bytes; no redirect, no proxy."""

import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, cast

from runtime.errors import OperationalError
from runtime.models.providers import faults
from runtime.models.providers.address import open_socket
from runtime.providers import Access, Provider
from runtime.values import Json

PIECE = 64 * 1024
AGENT = "sluiceway"


class _TooLarge(Exception):
    """More bytes came than may."""


# What a socket and http.client may raise. A ValueError of theirs is a header that cannot be, or a closed file.
BROKEN = (OSError, http.client.HTTPException, ValueError, _TooLarge)


class Reply(Protocol):
    """What is read of an answer whose status was 200."""

    def read(self) -> bytes: ...
    def readline(self, limit: int = -1) -> bytes: ...


@contextmanager
def post(access: Access, body: dict[str, Json], seconds: float, most: int) -> Iterator[Reply]:
    """Ask for a chat completion. `most` bounds the bytes that are read, headers and all.

    Every fault, also while the answer is read, is raised as an OperationalError of `faults`; what the caller
    raises goes through as it is.
    """
    wire = _Wire(access.provider, time.monotonic() + seconds, most)
    connection = _Connection(wire)
    try:
        try:
            connection.request("POST", _path(access.provider), json.dumps(body).encode(), _headers(access))
            answer = connection.getresponse()
        except BROKEN as fault:
            raise told(fault) from None
        if answer.status != 200:
            raise faults.of_status(answer.status)
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise faults.nonsense()
        yield _Guarded(answer)
    finally:
        connection.close()
        wire.shut()


def told(fault: Exception) -> OperationalError:
    """The fault of a socket or of the protocol in our words. Theirs may quote a header, and so the key."""
    if isinstance(fault, _TooLarge):
        return faults.too_large()
    if isinstance(fault, TimeoutError):
        return faults.too_slow()
    if isinstance(fault, ssl.SSLCertVerificationError):
        return faults.not_secure()
    if isinstance(fault, OSError):
        return faults.unreachable()
    return faults.nonsense()


class _Guarded:
    """Reads a response; whatever goes wrong is told in our words."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer

    def read(self) -> bytes:
        try:
            return self._answer.read()
        except BROKEN as fault:
            raise told(fault) from None

    def readline(self, limit: int = -1) -> bytes:
        try:
            return self._answer.readline(limit)
        except BROKEN as fault:
            raise told(fault) from None


class _Wire:
    """What http.client takes for its socket. Each read and write has what is left of the deadline, not a new one."""

    def __init__(self, provider: Provider, until: float, most: int) -> None:
        self._provider = provider
        self._until = until
        self._left = most
        self._socket: socket.socket | None = None

    def open(self) -> None:
        plain = open_socket(self._provider, self._until)
        self._socket = plain
        if self._provider.url.scheme == "https":
            plain.settimeout(self._seconds())
            # The handshake has that time as a whole. Roots are the system's.
            self._socket = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self._provider.url.hostname
            )

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._ready().send(view[:PIECE]) :]

    def makefile(self, mode: str) -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Bytes(self)))

    def receive(self, buffer: memoryview) -> int:
        count = self._ready().recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise _TooLarge
        return count

    def close(self) -> None:
        """What http.client calls once it has the head of an answer; the rest of it is still to be read."""

    def shut(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _ready(self) -> socket.socket:
        assert self._socket is not None
        self._socket.settimeout(self._seconds())
        return self._socket

    def _seconds(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Bytes(io.RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a memoryview is what comes
        return self._wire.receive(buffer)


class _Connection(http.client.HTTPConnection):
    """http.client knows no redirect and no proxy; here it opens no socket of its own either."""

    def __init__(self, wire: _Wire) -> None:
        url = wire._provider.url
        super().__init__(url.hostname or "", url.port)
        self.default_port = 443 if url.scheme == "https" else 80
        self.port = url.port or self.default_port
        self._wire = wire

    def connect(self) -> None:
        self._wire.open()
        self.sock = cast(socket.socket, self._wire)


def _path(provider: Provider) -> str:
    url = provider.url
    query = f"?{url.query}" if url.query else ""
    return f"{url.path.rstrip('/')}/chat/completions{query}"


def _headers(access: Access) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Accept-Encoding": "identity",
        "User-Agent": AGENT,
        "Connection": "close",
    }
    if access.key:
        bearer = access.provider.header == "bearer"
        headers["Authorization" if bearer else "api-key"] = f"Bearer {access.key}" if bearer else access.key
    return headers
