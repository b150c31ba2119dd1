"""show: what a partial run ends with: a step of the server's own for each output of its last node.

It is a sink like every other, so rules and gates are those of an output that was drawn.
"""

from collections.abc import Sequence
from dataclasses import replace

from runtime.compiler.draft import Placed, Typed, concrete
from runtime.graph.model import Edge, Endpoint, Node
from runtime.nodes.made import MADE, PORT, VERSION, shown_type
from runtime.plan import Result


def show(typed: Typed, to: str) -> tuple[Typed, tuple[Result, ...]]:
    """The wired drawing with what shows the outputs of `to`, and the results that they are."""
    wired = typed.wired
    last = next((placed for placed in wired.nodes if placed.id == to), None)
    if last is None:
        return typed, ()
    shown = [
        found for port in last.outputs if (found := _place(typed, last, port.name, Endpoint(to, port.name)))
    ]
    feeds = {**wired.feeds, **{(placed.id, PORT): (edge,) for placed, edge in shown}}
    nodes = (*wired.nodes, *(placed for placed, _ in shown))
    return replace(typed, wired=replace(wired, nodes=nodes, feeds=feeds)), _results(shown)


def _place(typed: Typed, last: Placed, port: str, source: Endpoint) -> tuple[Placed, Edge] | None:
    maker = typed.wired.by_id()[source.node]
    output = maker.output(source.port)
    assert output is not None
    name = shown_type(concrete(typed.any_types, maker.id, output))
    if name is None:
        return None
    spec = MADE[name, VERSION].spec
    # A colon can stand in no node id of a graph, so nobody can draw one.
    node = Node(f"shown:{last.drawn}.{port}", name, VERSION, {}, last.node.title)
    return (
        Placed(node, spec, {}, spec.inputs, spec.outputs, last.drawn),
        Edge(node.id, source, Endpoint(node.id, PORT)),
    )


def _results(shown: Sequence[tuple[Placed, Edge]]) -> tuple[Result, ...]:
    """Without a title: it is called by its node and port, in the reader's language."""
    return tuple(
        Result(placed.id.partition(":")[2], placed.inputs[0].type, "", placed.drawn, placed.id, PORT)
        for placed, _ in shown
    )
