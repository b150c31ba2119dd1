"""Runner: one person who starts runs at a server's real sockets, and watches each to its end."""

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from websockets.sync.client import ClientConnection, connect

from tests.safety.wire import Visitor

ENDS = ("run.succeeded", "run.failed", "run.blocked", "run.cancelled")
KEPT = 3.0  # seconds that a connection may rest: the server closes it after five
PATIENCE = 120.0


class Taken(NamedTuple):
    """Milliseconds from the POST: until it was answered, until the first event, until the last."""

    posted: float
    first: float
    whole: float


@dataclass
class Runner:
    """Keeps one HTTP connection and one websocket, as a program would that starts many runs."""

    visitor: Visitor
    _line: http.client.HTTPConnection = field(init=False)
    _socket: ClientConnection | None = None
    _used: float = 0.0

    def __post_init__(self) -> None:
        self._host = self.visitor.address.removeprefix("http://")
        self._line = http.client.HTTPConnection(self._host, timeout=PATIENCE)
        self._person = {"Cookie": self.visitor.cookie, "Origin": self.visitor.address}

    def workflow(self, graph: dict[str, Any]) -> str:
        address = f"/api/workspaces/{self.visitor.workspace}/workflows"
        return str(self.visitor.ask("POST", address, {"name": "w", "graph": graph})["id"])

    def run(self, workflow: str, text: str) -> Taken:
        """Raises RuntimeError when the run does not succeed."""
        begun = time.perf_counter()
        run = self._post(workflow, text)
        posted = time.perf_counter() - begun
        first = 0.0
        for _ in self._told_of(run):
            first = first or time.perf_counter() - begun
        return Taken(1000 * posted, 1000 * first, 1000 * (time.perf_counter() - begun))

    def watch(self, run: str) -> dict[str, Any]:
        """The last event of a run that somebody else has started. Raises RuntimeError when it does not succeed."""
        *_, last = self._told_of(run)
        return last

    def _told_of(self, run: str) -> Iterator[dict[str, Any]]:
        """A run's events to its end. Raises RuntimeError when it does not succeed."""
        if self._socket is None:
            self._socket = connect(
                f"ws://{self._host}/ws/runs", additional_headers=self._person, proxy=None, compression=None,
                open_timeout=PATIENCE,
            )  # fmt: skip
        self._socket.send(json.dumps({"watch": run}))
        for frame in self._socket:
            events = json.loads(frame)
            if "refused" in events:
                raise RuntimeError(f"the run is not told: {events}")
            yield from events
            last = events[-1]
            if last["kind"] == "run.succeeded":
                return
            if last["kind"] in ENDS:
                raise RuntimeError(f"the run did not succeed: {last}")
        raise RuntimeError("the websocket ended before the run")

    def get(self, path: str) -> Any:
        if time.monotonic() - self._used > KEPT:
            self._line.close()
        self._line.request("GET", path, headers=self._person)
        body = json.loads(self._line.getresponse().read())
        self._used = time.monotonic()
        return body

    def _post(self, workflow: str, text: str) -> str:
        if time.monotonic() - self._used > KEPT:
            self._line.close()  # it opens again by itself
        body = json.dumps({"inputs": {"text": text}}).encode()
        token = next((item.value for item in self.visitor.cookies if item.name == "csrftoken"), "") or ""
        headers = {**self._person, "X-CSRFToken": token, "Content-Type": "application/json"}
        self._line.request("POST", f"/api/workflows/{workflow}/runs", body, headers)
        answer = self._line.getresponse()
        told = json.loads(answer.read())
        self._used = time.monotonic()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {told}")
        return str(told["id"])
