"""inline: the graphs of called workflows in the places of the nodes that call them.

It comes before labels and gates, so that nothing can hide inside a call: what comes out is one drawing, in which every
sink and every maker stands open. At the border of a call stand steps that hand on what they get, one for each port.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from runtime.compiler.interface import Door, Interface, interface_of
from runtime.compiler.passes import refused_calls as refused
from runtime.graph.calls import Call, Callee, Library, call_param
from runtime.graph.model import MAX_BYTES, MAX_EDGES, Edge, Endpoint, Graph, Issue, Node
from runtime.nodes.made import PORT, VERSION, fixed_type, relay_type
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec
from runtime.words import Words

# Calls inside calls, the drawn one counted.
MAX_DEPTH = 5
# Nodes after all calls have been put in place, the calls among them.
MAX_EXPANDED = 2_000
# What the called drawings may weigh together, each counted as often as it is called: a plan carries all of it.
MAX_CALLED_BYTES = 2 * MAX_BYTES
MAX_CALLED_EDGES = 2 * MAX_EDGES
# Room that the columns of steps have, with what a gate puts around a name.
LONGEST_NAME = 129
NONE: frozenset[str] = frozenset()


@dataclass(slots=True)
class Inlined:
    """One drawing of all. What was put in place says for which drawn node it stands, and how that is called."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Words] = field(default_factory=dict)
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
        message = inside.fill(caller=self.callers[issue.node], message=issue.message)
        return replace(
            issue, message=message, node=self.origins[issue.node], port=None, param=None, edge=None
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a graph is put: under which names, for which drawn node, called by whom."""

    path: str = ""
    origin: str = ""
    caller: Words | None = None
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


@dataclass(frozen=True, slots=True)
class Border:
    """The ports of a call that was put in place: where what comes in goes, and where what comes out stands."""

    entries: dict[str, Endpoint] = field(default_factory=dict)
    exits: dict[str, Endpoint] = field(default_factory=dict)


def inline(graph: Graph, registry: Registry, library: Library) -> tuple[Inlined, list[Issue]]:
    """The drawing with each call replaced by what it calls; issues where that cannot be."""
    work = _Work(registry, library)
    work.count = len(graph.nodes)
    work.place(graph, Frame(stack=(library.caller,) if library.caller else ()), Interface({}, {}), NONE)
    return work.made, work.issues


@dataclass(slots=True)
class _Work:
    registry: Registry
    library: Library
    made: Inlined = field(default_factory=Inlined)
    issues: list[Issue] = field(default_factory=list)
    count: int = 0
    weight: int = 0
    edges: int = 0
    _interfaces: dict[Call, Interface] = field(default_factory=dict)
    _weights: dict[Call, int] = field(default_factory=dict)

    def place(self, graph: Graph, frame: Frame, doors: Interface, fed: frozenset[str]) -> Border:
        """Put a graph in place; of one that is called, `doors` are its ports, and `fed` those that are connected."""
        border, calls = Border(), dict[str, Border]()
        into: dict[str, set[str]] = {}
        for edge in graph.edges:
            into.setdefault(edge.target.node, set()).add(edge.target.port)
        for node in graph.nodes:
            spec = self.registry.spec(node.type, node.version)
            if spec is not None and call_param(spec) is not None:
                inside = self._call(node, spec, frame, frozenset(into.get(node.id, ())))
                if inside is not None:
                    calls[node.id] = inside
            elif node.id in doors.inputs:
                border.entries[node.id] = self._enter(frame, doors.inputs[node.id], node.id in fed)
            elif node.id in doors.outputs:
                border.exits[node.id] = self._hand_on(frame, doors.outputs[node.id])
            else:
                self._keep(replace(node, id=frame.name(node.id)), frame)
        for edge in graph.edges:
            self._wire(edge, frame, border, calls)
        return border

    def _call(self, node: Node, spec: NodeSpec, frame: Frame, fed: frozenset[str]) -> Border | None:
        """Put what the node calls in its place; None, with an issue, when it cannot be."""
        call = Call.parse(node.params.get(call_param(spec) or ""))
        callee = self.library.callees.get(call) if call else None
        issue = self._objection(node, call, callee, frame)
        if issue is not None or call is None or callee is None:
            name = frame.name(node.id)
            self._keep(replace(node, id=name), frame)
            self.made.broken.add(name)
            self.issues += [self.made.told(replace(issue, node=name))] if issue else []
            return None
        self.count += len(callee.graph.nodes)
        self.edges += len(callee.graph.edges)
        self.weight += self._weight(call, callee)
        title = Words(node.title, node.title) if node.title else Words(callee.name, callee.name)
        outer = frame.caller
        inner = Frame(
            path=frame.name(node.id),
            origin=frame.origin or node.id,
            caller=Words(f"{outer.en} › {title.en}", f"{outer.zh} › {title.zh}") if outer else title,
            stack=(*frame.stack, call.workflow),
        )
        border = self.place(callee.graph, inner, self._interface(call, callee), fed)
        if not frame.path:
            for port, end in (*border.entries.items(), *border.exits.items()):
                self.made.faces[end.node] = Endpoint(node.id, port)
            self.made.exits |= {Endpoint(node.id, port): end for port, end in border.exits.items()}
        return border

    def _objection(self, node: Node, call: Call | None, callee: Callee | None, frame: Frame) -> Issue | None:
        if node.on_error is not None:
            return refused.fails_over(node)
        if call is None:
            return refused.not_chosen(node)
        if call.workflow in frame.stack:
            return refused.circular(node)
        if call in self.library.left_out:
            return refused.too_heavy(node, MAX_CALLED_EDGES, MAX_CALLED_BYTES)
        if callee is None:
            return refused.unknown(node, self.library.gone.get(call))
        if len(frame.stack) - bool(self.library.caller) >= MAX_DEPTH:
            return refused.too_deep(node, MAX_DEPTH)
        if self.count + len(callee.graph.nodes) > MAX_EXPANDED:
            return refused.too_large(node, MAX_EXPANDED)
        if self._is_too_heavy(call, callee):
            return refused.too_heavy(node, MAX_CALLED_EDGES, MAX_CALLED_BYTES)
        return refused.unfit(node) if self._interface(call, callee).unfit else None

    def _is_too_heavy(self, call: Call, callee: Callee) -> bool:
        return (
            self.edges + len(callee.graph.edges) > MAX_CALLED_EDGES
            or self.weight + self._weight(call, callee) > MAX_CALLED_BYTES
        )

    def _weight(self, call: Call, callee: Callee) -> int:
        if call not in self._weights:
            self._weights[call] = callee.graph.size
        return self._weights[call]

    def _interface(self, call: Call, callee: Callee) -> Interface:
        if call not in self._interfaces:
            self._interfaces[call] = interface_of(callee.graph, self.registry)
        return self._interfaces[call]

    def _keep(self, node: Node, frame: Frame) -> None:
        self.made.nodes.append(node)
        if frame.caller is not None:
            self.made.origins[node.id] = frame.origin
            self.made.callers[node.id] = frame.caller

    def _enter(self, frame: Frame, door: Door, is_fed: bool) -> Endpoint:
        fixed = fixed_type(door.type)
        if is_fed or door.required or fixed is None:
            return self._hand_on(frame, door)
        return self._made(frame, door, Node(frame.name(door.port), fixed, VERSION, {PORT: door.default}))

    def _hand_on(self, frame: Frame, door: Door) -> Endpoint:
        relay = relay_type(door.type)
        assert relay is not None, "an interface has no doors of other types"
        return self._made(frame, door, Node(frame.name(door.port), relay, VERSION, dict(door.bounds)))

    def _made(self, frame: Frame, door: Door, node: Node) -> Endpoint:
        self._keep(node, frame)
        self.made.made.add(node.id)
        title = door.title or door.port
        self.made.titles[node.id] = Words(title, title)
        return Endpoint(node.id, PORT)

    def _wire(self, edge: Edge, frame: Frame, border: Border, calls: Mapping[str, Border]) -> None:
        source = _end(edge.source, frame, border.entries, {name: item.exits for name, item in calls.items()})
        target = _end(edge.target, frame, border.exits, {name: item.entries for name, item in calls.items()})
        for end, drawn in ((source, edge.source), (target, edge.target)):
            if end is None:
                self.issues.append(refused.no_port(edge, drawn, frame.origin or drawn.node))
        if source is not None and target is not None:
            self.made.edges.append(Edge(frame.name(edge.id), source, target))


def _end(
    drawn: Endpoint, frame: Frame, own: Mapping[str, Endpoint], calls: Mapping[str, Mapping[str, Endpoint]]
) -> Endpoint | None:
    """Where an end of an edge is now; None when the call has no such port."""
    if drawn.node in calls:
        return calls[drawn.node].get(drawn.port)
    return own.get(drawn.node) or Endpoint(frame.name(drawn.node), drawn.port)
