"""Fetch: one file from an address into a partial file, resumed where it stopped, as pip would connect."""

import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

CHUNK = 256 * 1024
TIMEOUT = 30.0
ATTEMPTS = 5

# What a connection that does not come about, or ends too early, raises.
BROKEN = (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError)

Told = Callable[[int], None]


class Unreachable(Exception):
    """The address did not answer, or the connection broke too often."""


class Refused(Exception):
    """The address answered, and does not give the file (HTTP status in `status`)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Transport:
    """How to connect: certificates, proxy and hosts excused from verification, as pip is configured."""

    certificates: str | None = None
    client_certificate: str | None = None
    proxy: str | None = None
    trusted_hosts: frozenset[str] = frozenset()
    # (root address, user, password), sent to that host alone, never along with a redirect.
    passwords: tuple[tuple[str, str, str], ...] = ()

    def opener(self, url: str) -> urllib.request.OpenerDirector:
        handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=self._context(url))]
        if self.passwords:
            known = urllib.request.HTTPPasswordMgrWithPriorAuth()
            for root, user, password in self.passwords:
                known.add_password(None, root, user, password, is_authenticated=True)
            handlers.append(urllib.request.HTTPBasicAuthHandler(known))
        if self.proxy:
            handlers.append(urllib.request.ProxyHandler({"http": self.proxy, "https": self.proxy}))
        return urllib.request.build_opener(*handlers)

    def _context(self, url: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.certificates)
        if self.certificates is None:
            with suppress(ImportError):  # some Pythons come without certificates; pip and ours carry some
                import certifi

                context.load_verify_locations(certifi.where())
        if self.client_certificate:
            context.load_cert_chain(self.client_certificate)
        parts = urlsplit(url)
        if {parts.hostname, parts.netloc} & self.trusted_hosts:
            # The operator said so to pip; what arrives is still held to its pinned hash.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def fetch(url: str, target: Path, size: int, transport: Transport, told: Told) -> None:
    """Bring `target` to `size` bytes; what is already in it is kept. `told` hears the bytes so far.

    Raises Refused or Unreachable, leaving the partial file for the next time.
    """
    for attempt in range(ATTEMPTS):
        have = target.stat().st_size if target.exists() else 0
        if have == size:
            told(size)
            return
        if have > size:
            target.unlink()
        try:
            _stream(url, target, transport, told)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 416, 429):
                raise Refused(error.code) from error
            if error.code == 416:  # the partial file is longer than what is offered: begin again
                target.unlink(missing_ok=True)
        except BROKEN as error:
            if attempt == ATTEMPTS - 1:
                raise Unreachable(_reason(error)) from error
        if target.exists() and target.stat().st_size == size:
            return
        time.sleep(min(2**attempt, 8) / 4)
    raise Unreachable("the connection broke again and again")


def _stream(url: str, target: Path, transport: Transport, told: Told) -> None:
    if url.startswith("file:"):
        shutil.copyfile(urllib.request.url2pathname(urlsplit(url).path), target)
        told(target.stat().st_size)
        return
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"{urlsplit(url).scheme or 'an empty address'} is no way to fetch a file")
    have = target.stat().st_size if target.exists() else 0
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})  # noqa: S310 - the scheme is checked just above
    if have:
        request.add_header("Range", f"bytes={have}-")
    with transport.opener(url).open(request, timeout=TIMEOUT) as raw:
        answer = cast(HTTPResponse, raw)
        resumed = answer.status == 206 and (answer.headers["Content-Range"] or "").startswith(
            f"bytes {have}-"
        )
        _write(iter(lambda: answer.read(CHUNK), b""), target, have if resumed else 0, told)


def _write(chunks: Iterable[bytes], target: Path, have: int, told: Told) -> None:
    with target.open("ab" if have else "wb") as file:
        told(have)
        for chunk in chunks:
            file.write(chunk)
            have += len(chunk)
            told(have)


def _reason(error: BaseException) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(inner) or type(inner).__name__
