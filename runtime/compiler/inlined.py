"""Inlined: one drawing of all that is called, and where each part of it was put."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from runtime.graph.model import Edge, Endpoint, Graph, Issue, Node
from runtime.words import Words

# Room that the columns of steps have, with what a gate puts around a name.
LONGEST_NAME = 129


@dataclass(slots=True)
class Inlined:
    """One drawing of all. What was put in place says for which drawn node it stands, and how that is called."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Words] = field(default_factory=dict)
    # The same without numbers of rounds: what is wrong in one of them is wrong in all, and told once.
    insides: dict[str, Words] = field(default_factory=dict)
    # What hands on at the border of a drawn call, and the port of the drawn node that it is.
    faces: dict[str, Endpoint] = field(default_factory=dict)
    # For each output of a drawn call what gives its value.
    exits: dict[Endpoint, Endpoint] = field(default_factory=dict)
    titles: dict[str, Words] = field(default_factory=dict)
    # Placed by this pass; and calls that lead nowhere, about which everything has been said.
    made: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    @property
    def graph(self) -> Graph:
        return Graph(tuple(self.nodes), tuple(self.edges))

    def told(self, issue: Issue) -> Issue:
        """The issue at the drawn node: what is wrong inside of a call is told where the call stands."""
        if issue.node in self.faces:
            face = self.faces[issue.node]
            return replace(issue, node=face.node, port=face.port)
        if issue.node not in self.origins:
            return issue
        inside = Words("Inside “{caller}”: {message}", "在“{caller}”内部：{message}")
        message = inside.fill(caller=self.insides[issue.node], message=issue.message)
        return replace(
            issue, message=message, node=self.origins[issue.node], port=None, param=None, edge=None
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a graph is put: under which names, for which drawn node, called by whom."""

    path: str = ""
    origin: str = ""
    caller: Words | None = None
    inside: Words | None = None
    stack: tuple[str, ...] = ()

    def name(self, node: str) -> str:
        """A slash can stand in no node id of a graph, so these names are nobody else's."""
        if not self.path:
            return node
        whole = f"{self.path}/{node}"
        if len(whole) <= LONGEST_NAME:
            return whole
        # Two slashes: else a node beside the call could be called like the hash, which anybody can count out.
        return f"{self.origin}//{hashlib.sha256(whole.encode()).hexdigest()[:32]}"

    def inner(self, node: str, title: Words, workflow: str) -> "Frame":
        """Where stands what this node calls."""
        return Frame(
            path=self.name(node),
            origin=self.origin or node,
            caller=_joined(self.caller, title),
            inside=_joined(self.inside, title),
            stack=(*self.stack, workflow),
        )

    def room(self, name: str) -> "Frame":
        """A place of its own inside of this one. What stands here directly has no rooms, so their names may be alike."""
        return replace(self, path=self.name(name))

    def round(self, number: int) -> "Frame":
        """The room of one round, or of one item; its number stands in the titles of its steps."""
        caller = self.caller
        numbered = Words(f"{caller.en} · {number}", f"{caller.zh} · {number}") if caller else None
        return replace(self.room(str(number)), caller=numbered)


def _joined(outer: Words | None, title: Words) -> Words:
    return Words(f"{outer.en} › {title.en}", f"{outer.zh} › {title.zh}") if outer else title


@dataclass(frozen=True, slots=True)
class Border:
    """The ports of what was put in place: where what comes in goes, and where what comes out stands.

    `calls` are the borders of what stands inside, by the node that calls it.
    """

    entries: dict[str, Endpoint] = field(default_factory=dict)
    exits: dict[str, Endpoint] = field(default_factory=dict)
    calls: dict[str, "Border"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Still:
    """What of a repeated drawing takes nothing of what is handed in: it stands in the first round, for all of them."""

    frame: Frame = field(default_factory=Frame)
    nodes: frozenset[str] = frozenset()
    calls: Mapping[str, Border] = field(default_factory=dict)
