"""Which branches exclude each other: at most one output of a routing node carries a value in a run.

And of a node that goes on after a failure, either its own outputs do, or the one for that.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import combinations

from runtime.compiler.draft import Placed, Wired
from runtime.graph.model import Edge
from runtime.nodes.made import CHOICE, is_turn
from runtime.plan import ERROR_PORT

# More edges into one input than any choice has branches; it bounds the comparison of pairs.
MAX_ALTERNATIVES = 64
# What must have been chosen for something to run: choice -> the outputs that lead there.
Guards = Mapping[str, frozenset[str]]


def guards_of(wired: Wired) -> dict[str, Guards]:
    """For each node the choices without which it does not run."""
    by_id = wired.by_id()
    ways = {
        choice_of(item): frozenset(port.name for port in item.outputs)
        for item in wired.nodes
        if _chooses(item)
    }
    found: dict[str, Guards] = {}

    def either(one: Guards, other: Guards) -> Guards:
        return _either(one, other, ways)

    for placed in wired.nodes:
        needed: Guards = {}
        for port in placed.inputs:
            edges = wired.feeds.get((placed.id, port.name), ())
            if edges and (port.required or placed.spec.asks):
                needed = _both(needed, reduce(either, (guard_of(edge, by_id, found) for edge in edges)))
        found[placed.id] = needed
    return found


def guard_of(edge: Edge, by_id: Mapping[str, Placed], guards: Mapping[str, Guards]) -> Guards:
    """The choices without which this edge carries nothing."""
    source = edge.source
    maker = by_id[source.node]
    own = {choice_of(maker): _together(maker, source.port)} if _chooses(maker) else {}
    return _both(guards[source.node], own)


def choice_of(placed: Placed) -> str:
    """What chooses here: the node; but all turns behind one round of a loop look at the same, and are one choice.

    A colon can stand in no node's id.
    """
    return f"turn:{placed.params.get(CHOICE)}" if is_turn(placed.spec) else placed.id


def are_exclusive(edges: Sequence[Edge], by_id: Mapping[str, Placed], guards: Mapping[str, Guards]) -> bool:
    """True when never more than one of these edges carries a value."""
    if len(edges) > MAX_ALTERNATIVES:
        return False
    return all_apart([guard_of(edge, by_id, guards) for edge in edges])


def all_apart(found: Sequence[Guards]) -> bool:
    """True when of any two some choice would have to go two ways at once.

    Asked choice by choice, not pair by pair: what many have in common is long, and settles nothing.
    """
    # One that needs a choice to go no way at all never carries anything.
    able = [guard for guard in found if all(guard.values())]
    ways: dict[str, dict[frozenset[str], int]] = {}
    for index, guard in enumerate(able):
        for node, ports in guard.items():
            groups = ways.setdefault(node, {})
            groups[ports] = groups.get(ports, 0) | 1 << index
    apart = [1 << index for index in range(len(able))]
    for groups in ways.values():
        for (ports, some), (other_ports, others) in combinations(groups.items(), 2):
            if ports.isdisjoint(other_ports):
                for index in range(len(able)):
                    apart[index] |= (others if some >> index & 1 else 0) | (
                        some if others >> index & 1 else 0
                    )
    return all(met == (1 << len(able)) - 1 for met in apart)


def _both(one: Guards, other: Guards) -> Guards:
    """What holds when both are needed: of a choice named twice, only what both allow."""
    if not one or not other:
        return one or other
    shared = {node: one[node] & other[node] for node in one.keys() & other.keys()}
    return {**one, **other, **shared}


def _either(one: Guards, other: Guards, ways: Guards) -> Guards:
    """What is certain when one of two suffices: the choices that both name, with all that either allows.

    A choice of which every way leads here is none any more: in a row of branches and merges nothing piles up.
    """
    joined = {}
    for node in one.keys() & other.keys():
        ports = one[node]
        if ports is not other[node]:  # mostly it is: what both have in common came to them by one way
            ports |= other[node]
            if ports == ways[node]:
                continue
        joined[node] = ports
    return joined


def _together(placed: Placed, port: str) -> frozenset[str]:
    """The outputs that carry something whenever this one does."""
    if placed.spec.routes or port == ERROR_PORT:
        return frozenset({port})
    return frozenset(item.name for item in placed.outputs if item.name != ERROR_PORT)


def _chooses(placed: Placed) -> bool:
    return (placed.spec.routes and len(placed.outputs) > 1) or _fails_over(placed)


def _fails_over(placed: Placed) -> bool:
    return placed.node.on_error is not None and placed.node.on_error.text is not None
