"""Graph: nodes and edges as data, what the browser draws and sends."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Literal

from runtime.plan import Retry
from runtime.values import Json
from runtime.words import Words

# The newest; a graph is written in the oldest that can say all of it, so what is older can read it.
FORMAT = 3
MAX_NODES = 1_000
MAX_EDGES = 4_000
MAX_BYTES = 2_000_000
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    node: str
    port: str


@dataclass(frozen=True, slots=True)
class Edge:
    id: str
    source: Endpoint
    target: Endpoint


@dataclass(frozen=True, slots=True)
class OnError:
    """What a node gives when it fails: `values` by port, or with `text` that text, at a port of its own."""

    values: dict[str, Json]
    text: str | None = None

    def to_json(self) -> dict[str, Json]:
        if self.text is None:
            return {"do": "default", "values": self.values}
        return {"do": "branch", "text": self.text}


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    type: str
    version: int
    params: dict[str, Json]
    title: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    # None: its failure is the run's.
    on_error: OnError | None = None
    # None: it is tried once.
    retry: Retry | None = None

    @property
    def format(self) -> int:
        """The oldest format that can say all of it."""
        return FORMAT if self.retry else 2 if self.on_error else 1


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "format": max((n.format for n in self.nodes), default=1),
            "nodes": [
                {
                    "id": n.id,
                    "type": n.type,
                    "version": n.version,
                    "title": n.title,
                    "params": n.params,
                    "position": {"x": n.position[0], "y": n.position[1]},
                    **({"on_error": n.on_error.to_json()} if n.on_error else {}),
                    **({"retry": n.retry.to_json()} if n.retry else {}),
                }
                for n in self.nodes
            ],
            "edges": [
                {
                    "id": e.id,
                    "source": {"node": e.source.node, "port": e.source.port},
                    "target": {"node": e.target.node, "port": e.target.port},
                }
                for e in self.edges
            ],
        }

    @property
    def size(self) -> int:
        """Bytes of its JSON."""
        return len(json.dumps(self.to_json(), ensure_ascii=False).encode("utf-8", "surrogatepass"))

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that decides the plan: everything but where the nodes stand."""
        body = self.to_json()
        for node in body["nodes"]:
            del node["position"]
        canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that keeps a graph from compiling (or, as a warning, that its author should know)."""

    code: str
    message: Words
    hint: Words | None = None
    node: str | None = None
    port: str | None = None
    param: str | None = None
    edge: str | None = None
    severity: Literal["error", "warning"] = "error"

    def to_json(self) -> dict[str, Json]:
        return {
            "code": self.code,
            "message": self.message.to_json(),
            "hint": self.hint.to_json() if self.hint else None,
            "node": self.node,
            "port": self.port,
            "param": self.param,
            "edge": self.edge,
            "severity": self.severity,
        }
