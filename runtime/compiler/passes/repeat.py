"""repeat: what a loop or a map calls, put in place as often as its bound allows, and what leads from place to place.

A loop is a row: each round takes what the one before gives. A map stands side by side: each place takes an item, and a
list that is shorter leaves the last of them out. Both are bounded here, so labels and gates see all that can ever run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from runtime.compiler.inlined import Border, Frame, Still
from runtime.compiler.interface import Door, Interface
from runtime.compiler.passes import refused_repeats as refused
from runtime.graph.model import Endpoint, Graph, Issue, Node
from runtime.graph.params import check_params
from runtime.nodes import made
from runtime.nodes.conditions import CONDITION
from runtime.nodes.spec import NodeSpec
from runtime.ports import TEXT, PortType, refusal
from runtime.values import Json

NONE = Still()


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often something is put in place, and how the places hang together.

    Of a loop `back` says which output feeds which input of the next round, and `until` which may end it, under the
    settings `test`. Of a map `over` is the input that takes the items.
    """

    count: int
    back: Mapping[str, str]
    until: str | None = None
    test: Mapping[str, Json] | None = None
    over: str | None = None

    def around(self, doors: Interface) -> int:
        """The steps that will stand around and between the places."""
        border = len(doors.inputs) + len(doors.outputs)
        return border + self.count * (border if self.until else len(doors.inputs) if self.over else 0)


class Placer(Protocol):
    """What puts graphs and steps in place."""

    def place(
        self, graph: Graph, frame: Frame, doors: Interface, fed: frozenset[str], still: Still = NONE
    ) -> Border: ...

    def enter(self, frame: Frame, door: Door, is_fed: bool) -> Endpoint: ...

    def hand_on(self, frame: Frame, door: Door, bounds: Mapping[str, Json] | None = None) -> Endpoint: ...

    def make(self, frame: Frame, door: Door, type_name: str, params: Mapping[str, Json]) -> str: ...

    def join(self, source: Endpoint, node: str, port: str = made.PORT) -> None: ...


def rounds_of(node: Node, spec: NodeSpec, doors: Interface) -> tuple[Rounds | None, list[Issue]]:
    """What the settings of a node that repeats come to; None, with issues, when that is nothing."""
    assert spec.repeat is not None
    params, issues = check_params(node.id, spec, node.params)
    bound, port = params[spec.repeat.bound], params[spec.repeat.port] or None
    if not issues and bound is None:
        issues = [refused.boundless(node, spec)]
    if issues:
        return None, issues
    if spec.repeat.way == "map":
        over = port or (next(iter(doors.inputs)) if len(doors.inputs) == 1 else None)
        issues = list(_no_map(node, spec.repeat.port, doors, over))
        return (None, issues) if issues else (Rounds(int(bound), {}, over=over), [])
    named = {door.name: door for door in reversed([*doors.outputs.values()])}
    back = {name: named[door.name].port for name, door in doors.inputs.items() if door.name in named}
    issues = list(_no_loop(node, spec.repeat.port, doors, back, port))
    test = {param.name: params[param.name] for param in CONDITION if param.name in params}
    return (None, issues) if issues else (Rounds(int(bound), back, port, test), [])


def _no_map(node: Node, param: str, doors: Interface, over: str | None) -> Iterator[Issue]:
    if over is None:
        yield refused.no_items(node, param)
    elif over not in doors.inputs:
        yield refused.no_such_port(node, param)
    elif doors.inputs[over].type.many:
        yield refused.list_of_lists(node, param)


def _no_loop(
    node: Node, param: str, doors: Interface, back: Mapping[str, str], until: str | None
) -> Iterator[Issue]:
    if not back:
        yield refused.nothing_comes_back(node)
    for into, given in back.items():
        reason = refusal(doors.outputs[given].type, doors.inputs[into].type)
        if reason:
            yield refused.comes_back_unfit(node, doors.inputs[into].name, reason)
    if until is not None and until not in doors.outputs:
        yield refused.no_such_port(node, param)
    elif until is not None and refusal(doors.outputs[until].type, TEXT):
        yield refused.no_condition(node, param)


def place_rounds(
    work: Placer, graph: Graph, frame: Frame, doors: Interface, fed: frozenset[str], rounds: Rounds
) -> Border:
    """The whole of a loop or a map, with the ports of the node that stands for it."""
    if rounds.over is not None:
        return _map(work, graph, frame, doors, fed, rounds, rounds.over)
    return _loop(work, graph, frame, doors, fed, rounds)


def still_of(graph: Graph, doors: Interface) -> frozenset[str]:
    """The nodes to which nothing leads that is handed in: they would give the same in every round."""
    after: dict[str, list[str]] = {}
    for edge in graph.edges:
        after.setdefault(edge.source.node, []).append(edge.target.node)
    moved, waiting = set(doors.inputs), list(doors.inputs)
    while waiting:
        for node in after.get(waiting.pop(), ()):
            if node not in moved:
                moved.add(node)
                waiting.append(node)
    # An output is a border, and every round has its own.
    return frozenset(node.id for node in graph.nodes) - moved - doors.outputs.keys()


def _places(
    work: Placer, graph: Graph, frame: Frame, doors: Interface, count: int
) -> Iterator[tuple[int, Border]]:
    """Each place with its number, from 1. All inputs are fed in each: what nobody connects stands before the first."""
    still = NONE
    for number in range(1, count + 1):
        inner = frame.round(number)
        border = work.place(graph, inner, doors, frozenset(doors.inputs), still)
        if number == 1:
            nodes = still_of(graph, doors)
            still = Still(inner, nodes, {node: border.calls[node] for node in nodes & border.calls.keys()})
        yield number, border


def _loop(
    work: Placer, graph: Graph, frame: Frame, doors: Interface, fed: frozenset[str], rounds: Rounds
) -> Border:
    outer = Border({port: work.enter(frame, door, port in fed) for port, door in doors.inputs.items()})
    ends: dict[str, list[Endpoint]] = {port: [] for port in doors.outputs}
    feeding = dict(outer.entries)
    for number, border in _places(work, graph, frame, doors, rounds.count):
        for port, entry in border.entries.items():
            work.join(feeding[port], entry.node)
        given = {**feeding, **border.exits}
        if rounds.until is not None and number < rounds.count:
            given, out = _turn(work, frame.room(f"after-{number}"), doors, given, rounds)
            for port, end in out.items():
                ends[port].append(end)
        feeding = {port: given[rounds.back.get(port, port)] for port in doors.inputs}
    for port in doors.outputs:
        ends[port].append(given[port])
    for port, door in doors.outputs.items():
        outer.exits[port] = work.hand_on(frame, door)
        for end in ends[port]:
            work.join(end, outer.exits[port].node)
    return outer


def _turn(
    work: Placer, room: Frame, doors: Interface, given: Mapping[str, Endpoint], rounds: Rounds
) -> tuple[dict[str, Endpoint], dict[str, Endpoint]]:
    """Behind a round: where everything stands if there is another one, and where its outputs stand if there is none."""
    assert rounds.until is not None and rounds.test is not None
    again: dict[str, Endpoint] = {}
    out: dict[str, Endpoint] = {}
    for port, door in (*doors.inputs.items(), *doors.outputs.items()):
        if port in rounds.back:
            continue  # the next round takes an output instead
        turn = work.make(room, door, made.turn_type(door.type), {made.CHOICE: room.path, **rounds.test})
        work.join(given[port], turn)
        work.join(given[rounds.until], turn, made.UNTIL)
        again[port] = Endpoint(turn, made.AGAIN)
        if port in doors.outputs:
            out[port] = Endpoint(turn, made.END)
    return again, out


def _map(
    work: Placer,
    graph: Graph,
    frame: Frame,
    doors: Interface,
    fed: frozenset[str],
    rounds: Rounds,
    over: str,
) -> Border:
    outer = Border()
    for port, door in doors.inputs.items():
        if port == over:
            items = _listed(door, door.type)
            outer.entries[port] = work.hand_on(frame, items, {made.MOST: rounds.count})
        else:
            outer.entries[port] = work.enter(frame, door, port in fed)
    gathers = {
        port: work.make(frame, door, made.gather_type(door.type), {}) for port, door in doors.outputs.items()
    }
    for number, border in _places(work, graph, frame, doors, rounds.count):
        room = frame.room(f"for-{number}")
        item = work.make(
            room, doors.inputs[over], made.item_type(doors.inputs[over].type), {made.INDEX: number - 1}
        )
        work.join(outer.entries[over], item)
        for port, entry in border.entries.items():
            source = Endpoint(item, made.PORT)
            if port != over:
                # It is always there, and the place is only needed where there is an item.
                along = work.make(room, doors.inputs[port], made.along_type(doors.inputs[port].type), {})
                work.join(outer.entries[port], along)
                work.join(source, along, made.ITEM)
                source = Endpoint(along, made.PORT)
            work.join(source, entry.node)
        for port, end in border.exits.items():
            work.join(end, gathers[port])
    for port, gather in gathers.items():
        work.join(outer.entries[over], gather, made.ITEMS)
        outer.exits[port] = Endpoint(gather, made.PORT)
    return outer


def _listed(door: Door, one: PortType) -> Door:
    """The same port for a list; an item that nobody gives has no default."""
    return Door(door.port, PortType(one.kind, many=True), door.title, door.name)
