"""The compiler's own intermediate forms: nodes with their specs, and edges turned into bindings."""

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.graph.model import Edge, Node
from runtime.nodes.made import MADE
from runtime.nodes.spec import Input, NodeSpec, Output
from runtime.ports import Kind, PortType
from runtime.values import Json
from runtime.words import Words


@dataclass(frozen=True, slots=True)
class Placed:
    """A node of the graph with its spec, its params filled in, and its ports as these params make them.

    `origin` is the drawn node that it stands for, where that is another one, and `caller` how that one is called.
    """

    node: Node
    spec: NodeSpec
    params: dict[str, Json]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    origin: str = ""
    caller: Words | None = None

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def drawn(self) -> str:
        """The id of the node in the drawing."""
        return self.origin or self.node.id

    @property
    def title(self) -> Words:
        own = Words(self.node.title, self.node.title) if self.node.title else self.spec.title
        if self.caller is None:
            return own
        if (self.spec.type, self.spec.version) in MADE:
            return self.caller
        return Words(f"{self.caller.en} › {own.en}", f"{self.caller.zh} › {own.zh}")

    def input(self, name: str) -> Input | None:
        for port in self.inputs:
            if port.name == name:
                return port
        return None

    def output(self, name: str) -> Output | None:
        for port in self.outputs:
            if port.name == name:
                return port
        return None


@dataclass(frozen=True, slots=True)
class Wired:
    """Placed nodes in topological order, and for each (node, input port) the edges that feed it, in drawn order."""

    nodes: tuple[Placed, ...]
    feeds: Mapping[tuple[str, str], tuple[Edge, ...]]

    def by_id(self) -> dict[str, Placed]:
        return {placed.id: placed for placed in self.nodes}


@dataclass(frozen=True, slots=True)
class Typed:
    """A wired graph in which `any` has become one type per node."""

    wired: Wired
    any_types: Mapping[str, PortType]

    def type_of(self, placed: Placed, port: Input | Output) -> PortType:
        return concrete(self.any_types, placed.id, port)


def concrete(any_types: Mapping[str, PortType], node: str, port: Input | Output) -> PortType:
    """The port's own type, or what its node's `any` stands for."""
    if port.type.kind is not Kind.ANY:
        return port.type
    return any_types.get(node, port.type)
