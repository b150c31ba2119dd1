"""Calls: how a node names the published version of a workflow that it stands for, and what the compiler is given of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from runtime.graph.model import Graph
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec, ParamKind
from runtime.values import Json

_NAMED = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Call:
    """A workflow by its id, and the number of the version. A version never changes, so this names a graph for good."""

    workflow: str
    version: int

    @classmethod
    def parse(cls, text: Json) -> Self | None:
        """`<workflow>@<number>`; None for anything else."""
        found = _NAMED.fullmatch(text) if isinstance(text, str) else None
        return cls(found[1], int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.workflow}@{self.version}"


@dataclass(frozen=True, slots=True)
class Callee:
    """What stands behind a call, and what its workflow is called."""

    graph: Graph
    name: str


@dataclass(frozen=True, slots=True)
class Library:
    """All that a graph may call, directly or through what it calls; `caller` is the id of the graph's own workflow.

    `left_out` is called as well, and was not read: together it would be more than one workflow may call. `gone` are the
    names of what was called and has been deleted. Where any of it was `copied` from elsewhere, its words may be strangers'.
    """

    callees: Mapping[Call, Callee] = field(default_factory=dict)
    caller: str = ""
    left_out: frozenset[Call] = frozenset()
    gone: Mapping[Call, str] = field(default_factory=dict)
    copied: bool = False


def call_param(spec: NodeSpec) -> str | None:
    """The setting by which nodes of this type name what they call; None when they call nothing."""
    return next((param.name for param in spec.params if param.kind is ParamKind.WORKFLOW), None)


def calls_in(graph: Graph, registry: Registry) -> Iterator[Call]:
    """What the nodes of a graph call, as often as they do."""
    for node in graph.nodes:
        spec = registry.spec(node.type, node.version)
        param = call_param(spec) if spec else None
        call = Call.parse(node.params.get(param)) if param else None
        if call is not None:
            yield call
