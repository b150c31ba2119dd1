"""engine: what a durable run costs, from the POST that asks for it to the terminal event on its websocket.

A whole installation of its own: web server, Valkey, one worker, the database that the environment names (SQLite, where
it names none). The graphs are chains of nodes that do nothing, behind the gates of the default policy; the client takes
its share of the same processors. The floor is measured in the same minute: a Celery round trip, a commit, a row read.
"""

import http.client
import json
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import connect

from tests.bench.figures import Figure
from tests.fixtures.runs import chain, drawing
from tests.safety.wire import Visitor, server

ENDS = ("run.succeeded", "run.failed", "run.blocked", "run.cancelled")
ROUNDS = 60
CLIENTS = 32
KEPT = 3.0  # seconds that the server keeps an idle connection, and two less
RUNS_AT_ONCE = 800


@dataclass
class Client:
    """One person's connections: a kept HTTP connection, and a websocket for each run."""

    visitor: Visitor

    def __post_init__(self) -> None:
        self.used = 0.0
        self.host = self.visitor.address.removeprefix("http://")
        self.line = http.client.HTTPConnection(self.host, timeout=60)
        token = next((c.value for c in self.visitor.cookies if c.name == "csrftoken"), "")
        self.headers = {
            "X-CSRFToken": token or "",
            "Origin": self.visitor.address,
            "Content-Type": "application/json",
            "Cookie": self.visitor.cookie,
        }

    def run(self, workflow: str, text: str = "hello") -> tuple[float, float]:
        """Seconds from the POST to the first and to the last event on the websocket."""
        begun = time.perf_counter()
        body = json.dumps({"inputs": {"text": text}}).encode()
        if time.monotonic() - self.used > KEPT:
            self.line.close()  # the server would have, and opens again by itself
        self.line.request("POST", f"/api/workflows/{workflow}/runs", body, self.headers)
        answer = self.line.getresponse()
        run = json.loads(answer.read())
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {run}")
        self.used = time.monotonic()
        self.posted = time.perf_counter() - begun
        first = 0.0
        headers = {"Cookie": self.visitor.cookie, "Origin": self.visitor.address}
        with connect(
            f"ws://{self.host}/ws/runs/{run['id']}", additional_headers=headers, proxy=None, compression=None
        ) as socket:
            for frame in socket:
                first = first or time.perf_counter() - begun
                told: dict[str, Any] = json.loads(frame)
                if told["kind"] in ENDS:
                    took = time.perf_counter() - begun
                    if told["kind"] != "run.succeeded":
                        raise RuntimeError(str(told))
                    return first, took
        raise RuntimeError("the websocket ended before the run")


def nodes(count: int) -> dict[str, Any]:
    """A chain of so many nodes that hand on what they get."""
    return chain(*((f"n{number}", "echo", {}) for number in range(count)))


def branches(seconds: float) -> dict[str, Any]:
    return drawing(
        ("in", "input", {"name": "text"}),
        ("a", "nap", {"seconds": seconds}),
        ("b", "nap", {"seconds": seconds}),
        ("j", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
    )


def measure() -> Sequence[Figure]:
    figures: list[Figure] = []
    with server() as site:
        visitor = Visitor(site)
        client = Client(visitor)
        for count, bar in ((1, 10.0), (10, 12.0), (100, 40.0)):
            workflow = make(visitor, nodes(count))
            for _ in range(5):
                client.run(workflow)
            taken, posts = [], []
            for number in range(ROUNDS):
                taken.append(client.run(workflow, f"hello {count} {number}"))
                posts.append(client.posted)
            figures.append(
                Figure(f"nodes_{count}.p50", 1000 * statistics.median(t[1] for t in taken), "ms", bar)
            )
            figures.append(
                Figure(f"nodes_{count}.first_event", 1000 * statistics.median(t[0] for t in taken), "ms", 5.0)
            )
            figures.append(Figure(f"nodes_{count}.post", 1000 * statistics.median(posts), "ms"))
        workflow = make(visitor, nodes(1))
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [Client(visitor) for _ in range(CLIENTS)]
            begun = time.perf_counter()
            each = RUNS_AT_ONCE // CLIENTS
            list(pool.map(lambda c: [c.run(workflow, f"{id(c)} {n}") for n in range(each)], clients))
            took = time.perf_counter() - begun
        figures.append(Figure("runs_a_second", each * CLIENTS / took, "1/s", 200.0, "at least"))
    return figures


def make(visitor: Visitor, graph: dict[str, Any]) -> str:
    made = visitor.ask(
        "POST", f"/api/workspaces/{visitor.workspace}/workflows", {"name": "w", "graph": graph}
    )
    return str(made["id"])
