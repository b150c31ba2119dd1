"""Which branches exclude each other: at most one output of a routing node carries a value in a run."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from runtime.compiler.draft import Placed, Wired
from runtime.graph.model import Edge

# More edges into one input than any choice has branches; it bounds the comparison of pairs.
MAX_ALTERNATIVES = 64
# The choices that must have been made for something to run: (routing node, its output port).
Guards = frozenset[tuple[str, str]]


def guards_of(wired: Wired) -> dict[str, Guards]:
    """For each node the choices without which it does not run."""
    by_id = wired.by_id()
    found: dict[str, Guards] = {}
    for placed in wired.nodes:
        needed: Guards = frozenset()
        for port in placed.inputs:
            edges = wired.feeds.get((placed.id, port.name), ())
            if edges and port.required:
                # Of alternatives only what all share is certain.
                needed |= frozenset.intersection(*(guard_of(edge, by_id, found) for edge in edges))
        found[placed.id] = needed
    return found


def guard_of(edge: Edge, by_id: Mapping[str, Placed], guards: Mapping[str, Guards]) -> Guards:
    """The choices without which this edge carries nothing."""
    source = edge.source
    own = {(source.node, source.port)} if _chooses(by_id[source.node]) else set()
    return guards[source.node] | own


def are_exclusive(edges: Sequence[Edge], by_id: Mapping[str, Placed], guards: Mapping[str, Guards]) -> bool:
    """True when never more than one of these edges carries a value."""
    return len(edges) <= MAX_ALTERNATIVES and all(
        _exclude(guard_of(one, by_id, guards), guard_of(other, by_id, guards))
        for one, other in combinations(edges, 2)
    )


def _exclude(one: Guards, other: Guards) -> bool:
    chosen = dict(one)
    return any(node in chosen and chosen[node] != port for node, port in other)


def _chooses(placed: Placed) -> bool:
    return placed.spec.routes and len(placed.outputs) > 1
