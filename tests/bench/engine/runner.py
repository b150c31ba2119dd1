"""Runner: one person who starts runs at a server's real sockets, and watches each to its end."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from websockets.sync.client import connect

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
    """Keeps one HTTP connection, as a program would; each run has a websocket of its own."""

    visitor: Visitor
    _line: http.client.HTTPConnection = field(init=False)
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
        with connect(
            f"ws://{self._host}/ws/runs/{run}", additional_headers=self._person, proxy=None, compression=None,
            open_timeout=PATIENCE,
        ) as socket:  # fmt: skip
            for frame in socket:
                first = first or time.perf_counter() - begun
                told = json.loads(frame)
                if told["kind"] in ENDS:
                    whole = time.perf_counter() - begun
                    if told["kind"] != "run.succeeded":
                        raise RuntimeError(f"the run did not succeed: {told}")
                    return Taken(1000 * posted, 1000 * first, 1000 * whole)
        raise RuntimeError("the websocket ended before the run")

    def watch(self, run: str) -> dict[str, Any]:
        """The last event of a run that somebody else has started. Raises RuntimeError when it does not succeed."""
        with connect(
            f"ws://{self._host}/ws/runs/{run}", additional_headers=self._person, proxy=None, compression=None,
            open_timeout=PATIENCE,
        ) as socket:  # fmt: skip
            for frame in socket:
                told: dict[str, Any] = json.loads(frame)
                if told["kind"] == "run.succeeded":
                    return told
                if told["kind"] in ENDS:
                    raise RuntimeError(f"the run did not succeed: {told}")
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
