"""Which branches exclude each other: at most one output of a routing node carries a value in a run.

And of a node that goes on after a failure, either its own outputs do, or the one for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import combinations

from runtime.compiler.draft import Placed, Wired
from runtime.graph.model import Edge
from runtime.plan import ERROR_PORT

# More edges into one input than any choice has branches; it bounds the comparison of pairs.
MAX_ALTERNATIVES = 64
# What must have been chosen for something to run: routing node -> the outputs of it that lead there.
Guards = Mapping[str, frozenset[str]]


def guards_of(wired: Wired) -> dict[str, Guards]:
    """For each node the choices without which it does not run."""
    by_id = wired.by_id()
    ways = {item.id: frozenset(port.name for port in item.outputs) for item in wired.nodes if _chooses(item)}
    found: dict[str, Guards] = {}

    def either(one: Guards, other: Guards) -> Guards:
        return _either(one, other, ways)

    for placed in wired.nodes:
        needed: Guards = {}
        for port in placed.inputs:
            edges = wired.feeds.get((placed.id, port.name), ())
            if edges and port.required:
                needed = _both(needed, reduce(either, (guard_of(edge, by_id, found) for edge in edges)))
        found[placed.id] = needed
    return found


def guard_of(edge: Edge, by_id: Mapping[str, Placed], guards: Mapping[str, Guards]) -> Guards:
    """The choices without which this edge carries nothing."""
    source = edge.source
    maker = by_id[source.node]
    own = {source.node: _together(maker, source.port)} if _chooses(maker) else {}
    return _both(guards[source.node], own)


def are_exclusive(edges: Sequence[Edge], by_id: Mapping[str, Placed], guards: Mapping[str, Guards]) -> bool:
    """True when never more than one of these edges carries a value."""
    if len(edges) > MAX_ALTERNATIVES:
        return False
    found: Iterable[Guards] = [guard_of(edge, by_id, guards) for edge in edges]
    return all(_exclude(one, other) for one, other in combinations(found, 2))


def _exclude(one: Guards, other: Guards) -> bool:
    if not all((*one.values(), *other.values())):
        return True  # one of the two asks for a choice to go two ways at once, and never carries anything
    return any(one[node].isdisjoint(other[node]) for node in one.keys() & other.keys())


def _both(one: Guards, other: Guards) -> Guards:
    """What holds when both are needed: of a choice named twice, only what both allow."""
    shared = {node: one[node] & other[node] for node in one.keys() & other.keys()}
    return {**one, **other, **shared}


def _either(one: Guards, other: Guards, ways: Guards) -> Guards:
    """What is certain when one of two suffices: the choices that both name, with all that either allows.

    A choice of which every way leads here is none any more: in a row of branches and merges nothing piles up.
    """
    joined = {node: one[node] | other[node] for node in one.keys() & other.keys()}
    return {node: ports for node, ports in joined.items() if ports != ways[node]}


def _together(placed: Placed, port: str) -> frozenset[str]:
    """The outputs that carry something whenever this one does."""
    if placed.spec.routes or port == ERROR_PORT:
        return frozenset({port})
    return frozenset(item.name for item in placed.outputs if item.name != ERROR_PORT)


def _chooses(placed: Placed) -> bool:
    return (placed.spec.routes and len(placed.outputs) > 1) or _fails_over(placed)


def _fails_over(placed: Placed) -> bool:
    return placed.node.on_error is not None and placed.node.on_error.text is not None
