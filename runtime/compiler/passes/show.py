"""show: what a partial run ends with: a step of the server's own for each output of its last node.

It is a sink like every other, so rules and gates are those of an output that was drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from runtime.compiler.draft import Placed, Typed, concrete
from runtime.graph.model import Edge, Endpoint, Node
from runtime.nodes.made import MADE, PORT, VERSION, shown_type
from runtime.plan import Result


def show(typed: Typed, to: str, exits: Mapping[Endpoint, Endpoint]) -> tuple[Typed, tuple[Result, ...]]:
    """The wired drawing with what shows the outputs of `to`, and the results that they are.

    `exits` says where the outputs of a call stand, now that it is no node any more.
    """
    wired = typed.wired
    by_id = wired.by_id()
    ends = {drawn.port: end for drawn, end in exits.items() if drawn.node == to}
    if to in by_id:
        ends |= {port.name: Endpoint(to, port.name) for port in by_id[to].outputs}
    shown = [found for port, end in ends.items() if (found := _place(typed, by_id[end.node], to, port, end))]
    feeds = {**wired.feeds, **{(placed.id, PORT): (edge,) for placed, edge in shown}}
    nodes = (*wired.nodes, *(placed for placed, _ in shown))
    return replace(typed, wired=replace(wired, nodes=nodes, feeds=feeds)), _results(shown)


def _place(typed: Typed, maker: Placed, to: str, port: str, source: Endpoint) -> tuple[Placed, Edge] | None:
    output = maker.output(source.port)
    assert output is not None
    name = shown_type(concrete(typed.any_types, maker.id, output))
    if name is None:
        return None
    spec = MADE[name, VERSION].spec
    # A colon can stand in no node id of a graph, so nobody can draw one.
    node = Node(f"shown:{to}.{port}", name, VERSION, {})
    placed = Placed(node, spec, {}, spec.inputs, spec.outputs, to, maker.title)
    return placed, Edge(node.id, source, Endpoint(node.id, PORT))


def _results(shown: Sequence[tuple[Placed, Edge]]) -> tuple[Result, ...]:
    """Without a title: it is called by its node and port, in the reader's language."""
    return tuple(
        Result(placed.id.partition(":")[2], placed.inputs[0].type, "", placed.drawn, placed.id, PORT)
        for placed, _ in shown
    )
