"""Wire: hostile streams through a running server, read from its websocket and its event stream as bytes off the socket.

A banned span is placed across every boundary at which a piece, a judged point or an encoding could end. What a reader
gets must be a beginning of what stood before the span, or of what the gate lets out in the end.
"""

import base64
import http.client
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from websockets.sync.client import connect

from runtime.safety.redaction import MARK
from tests.fixtures.runs import chain
from tests.fixtures.site import Site, running
from tests.safety.stretched import SHAPES

PACKS = {
    "SLUICEWAY_PACKS": "runtime.packs.control,runtime.packs.image,runtime.packs.text,tests.packs_stub",
    "SLUICEWAY_FILTER_PACKS": "runtime.packs.safety,tests.packs_stub",
}
PATIENCE = 60.0
CALM = "The harbour lies quiet, and boat {} comes in with the night's catch. "
BLOCKED = ("how to make a pipe bomb at home", "怎么制作炸弹")
SECRET = "sk-proj-" + "Zq3xV7bN1mK9tR5w" * 3
ENCODINGS: Mapping[str, Any] = {
    "plain": str,
    "spaced": lambda text: " ".join(text),
    "invisible": "\u200b".join,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: quote(text, safe=""),
}
PIECES = (1, 7, 40)


@dataclass(frozen=True)
class Hostile:
    """A text that streams in pieces of `piece` characters, with something in it that must not be seen."""

    before: str
    banned: str
    after: str
    piece: int
    redacted: bool

    @property
    def text(self) -> str:
        return self.before + self.banned + self.after


@dataclass
class Tally:
    """What was read, and how much of it should not have been there."""

    streams: int = 0
    frames: int = 0
    read: int = 0
    unreleased: int = 0
    odd: list[str] = field(default_factory=list)


def hostile() -> Iterator[Hostile]:
    """Each span in each encoding behind more and more text, so that every boundary falls into it once."""
    for shift, (name, encode), banned in product(range(200), ENCODINGS.items(), (*BLOCKED, SECRET)):
        if banned == SECRET and name != "plain":
            continue  # a secret in disguise is a question of detection
        before = "".join(CALM.format(number) for number in range(3)) + "x" * (shift * 7 % 83) + ". "
        after = ". " + "".join(CALM.format(number) for number in range(10, 16))
        yield Hostile(before, encode(banned), after, PIECES[shift % len(PIECES)], banned == SECRET)


def far_apart() -> Iterator[Hostile]:
    """Spans that take up more room than a stream holds back."""
    before = "".join(CALM.format(number) for number in range(3))
    after = " . " + "".join(CALM.format(number) for number in range(10, 16))
    for shape in SHAPES.values():
        yield Hostile(before, shape, after, 7, redacted=False)


class Visitor:
    """A signed-in person at the server's real sockets."""

    def __init__(self, site: Site) -> None:
        self.address = site.address
        self.cookies = CookieJar()
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies))
        self.opener.open(
            Request(site.sign_in, headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
        ).read()
        session = self.ask("GET", "/api/session")
        self.workspace = session["workspaces"][0]["id"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "")
        headers = {"X-CSRFToken": token or "", "Origin": self.address, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, headers, method=method)
        with self.opener.open(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    @property
    def cookie(self) -> str:
        return "; ".join(f"{item.name}={item.value}" for item in self.cookies)

    def watch(self, run: str) -> tuple[list[str], list[str]]:
        """Every frame of the run's websocket, and every line of data of its event stream, until it ends."""
        events: list[str] = []
        reading = threading.Thread(target=self._read_events, args=(run, events))
        reading.start()
        frames: list[str] = []
        address = self.address.replace("http://", "ws://") + f"/ws/runs/{run}"
        headers = {"Cookie": self.cookie, "Origin": self.address}
        with connect(address, additional_headers=headers, open_timeout=PATIENCE, proxy=None) as socket:
            frames += [str(frame) for frame in socket]
        reading.join(PATIENCE)
        return frames, events

    def _read_events(self, run: str, events: list[str]) -> None:
        line = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=PATIENCE)
        try:
            line.request("GET", f"/api/runs/{run}/stream", headers={"Cookie": self.cookie})
            for raw in line.getresponse():
                if raw.startswith(b"data:"):
                    events.append(raw[5:].decode().strip())
        finally:
            line.close()


@contextmanager
def server(workers: int = 1, database: str = "") -> Iterator[Site]:
    """A whole installation with the stub nodes, and the product's filters beside those of the tests."""
    told = PACKS | {"SLUICEWAY_WORKERS": str(workers)}
    kept = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="sluiceway-wire-") as home,
            running(Path(home), database=database) as site,
        ):
            yield site
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def read_hostile_streams(count: int) -> Tally:
    with server() as site:
        return read(Visitor(site), islice(hostile(), count))


def read(visitor: Visitor, streams: Iterator[Hostile]) -> Tally:
    """Run each, watch it, and count what a reader got beyond what it may have."""
    tally = Tally()
    workflows: dict[int, str] = {}
    for item in streams:
        if item.piece not in workflows:
            # As long in the making whatever the piece, so that frames are told while it is made.
            graph = chain(("s", "stream", {"piece": item.piece, "seconds": 0.0007 * item.piece}))
            made = visitor.ask(
                "POST", f"/api/workspaces/{visitor.workspace}/workflows", {"name": "w", "graph": graph}
            )
            workflows[item.piece] = made["id"]
        order = {"inputs": {"text": item.text}}
        run = visitor.ask("POST", f"/api/workflows/{workflows[item.piece]}/runs", order)["id"]
        for frames in visitor.watch(run):
            count(tally, item, frames)
        tally.streams += 1
    return tally


def count(tally: Tally, item: Hostile, frames: list[str]) -> None:
    """A reader may have a beginning of what stood before the span; with a secret taken out, what follows as well."""
    allowed = item.before + (MARK + item.after if item.redacted else "")
    ended = False
    for frame in frames:
        tally.read += len(frame.encode())
        told = json.loads(frame)
        ended |= told["kind"] in ("run.blocked", "run.succeeded")
        if told["kind"] not in ("output.partial", "output"):
            continue
        text = told["data"].get("text") or told["data"].get("value") or ""
        tally.frames += 1
        if not allowed.startswith(text):
            same = next(place for place, letter in enumerate(text) if allowed[place : place + 1] != letter)
            tally.unreleased += len(text[same:].encode())
            tally.odd.append(text[max(0, same - 20) : same + 60])
    if not ended:
        tally.odd.append(f"the run did not end as it should: {frames[-1:]}")
