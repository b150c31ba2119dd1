"""inline: the graphs of called workflows in the places of the nodes that call them.

It comes before labels and gates, so that nothing can hide inside a call: what comes out is one drawing, in which every
sink and every maker stands open. At the border of a call stand steps that hand on what they get, one for each port.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from runtime.compiler.inlined import Border, Frame, Inlined, Still
from runtime.compiler.interface import Door, Interface, interface_of
from runtime.compiler.passes import refused_calls as refused
from runtime.compiler.passes.repeat import Rounds, place_rounds, rounds_of
from runtime.graph.calls import Call, Callee, Library, call_param
from runtime.graph.model import MAX_BYTES, MAX_EDGES, Edge, Endpoint, Graph, Issue, Node
from runtime.nodes.made import PORT, VERSION, fixed_type, relay_type
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec
from runtime.values import Json
from runtime.words import Words

# Calls inside calls, the drawn one counted.
MAX_DEPTH = 5
# Nodes after all calls have been put in place, the calls among them.
MAX_EXPANDED = 2_000
# What the called drawings may weigh together, each counted as often as it is called: a plan carries all of it.
MAX_CALLED_BYTES = 2 * MAX_BYTES
MAX_CALLED_EDGES = 2 * MAX_EDGES
STILL = Still()
NONE: frozenset[str] = frozenset()


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

    def place(
        self, graph: Graph, frame: Frame, doors: Interface, fed: frozenset[str], still: Still = STILL
    ) -> Border:
        """Put a graph in place; of one that is called, `doors` are its ports, and `fed` those that are connected.

        What stands `still` is in place already, for every round.
        """
        border = Border(calls=dict(still.calls))
        into: dict[str, set[str]] = {}
        for edge in graph.edges:
            into.setdefault(edge.target.node, set()).add(edge.target.port)
        for node in graph.nodes:
            spec = self.registry.spec(node.type, node.version)
            if node.id in still.nodes:
                continue
            if spec is not None and call_param(spec) is not None:
                inside = self._call(node, spec, frame, frozenset(into.get(node.id, ())))
                if inside is not None:
                    border.calls[node.id] = inside
            elif node.id in doors.inputs:
                border.entries[node.id] = self.enter(frame, doors.inputs[node.id], node.id in fed)
            elif node.id in doors.outputs:
                border.exits[node.id] = self.hand_on(frame, doors.outputs[node.id])
            elif frame.path:
                self._keep(replace(node, id=frame.name(node.id)), frame)
            else:
                self.made.nodes.append(node)  # what was drawn, and calls nothing, is what it was
        for edge in graph.edges:
            if (
                not frame.path
                and edge.source.node not in border.calls
                and edge.target.node not in border.calls
            ):
                self.made.edges.append(edge)
            elif edge.target.node not in still.nodes:
                self._wire(edge, frame, border, still)
        return border

    def _call(self, node: Node, spec: NodeSpec, frame: Frame, fed: frozenset[str]) -> Border | None:
        """Put what the node calls in its place; None, with an issue, when it cannot be."""
        call = Call.parse(node.params.get(call_param(spec) or ""))
        callee = self.library.callees.get(call) if call else None
        rounds, issues = None, self._objections(node, call, callee, frame)
        if spec.repeat and not issues and call and callee:
            rounds, issues = rounds_of(node, spec, self._interface(call, callee))
        if not issues and call and callee:
            issues = self._excess(node, call, callee, rounds)
        if issues or call is None or callee is None:
            name = frame.name(node.id)
            self._keep(replace(node, id=name), frame)
            self.made.broken.add(name)
            self.issues += [self.made.told(replace(issue, node=name)) for issue in issues]
            return None
        self._count(call, callee, rounds)
        title = Words(node.title, node.title) if node.title else Words(callee.name, callee.name)
        inner = frame.inner(node.id, title, call.workflow)
        doors = self._interface(call, callee)
        if rounds is None:
            border = self.place(callee.graph, inner, doors, fed)
        else:
            border = place_rounds(self, callee.graph, inner, doors, fed, rounds)
        if not frame.path:
            for port, end in (*border.entries.items(), *border.exits.items()):
                self.made.faces[end.node] = Endpoint(node.id, port)
            self.made.exits |= {Endpoint(node.id, port): end for port, end in border.exits.items()}
        return border

    def _objections(self, node: Node, call: Call | None, callee: Callee | None, frame: Frame) -> list[Issue]:
        if node.on_error is not None:
            return [refused.fails_over(node)]
        if node.retry is not None:
            return [refused.tried_again(node)]
        if call is None:
            return [refused.not_chosen(node)]
        if call.workflow in frame.stack:
            return [refused.circular(node)]
        if call in self.library.left_out:
            return [refused.too_heavy(node, MAX_CALLED_EDGES, MAX_CALLED_BYTES)]
        if callee is None:
            return [refused.unknown(node, self.library.gone.get(call))]
        if len(frame.stack) - bool(self.library.caller) >= MAX_DEPTH:
            return [refused.too_deep(node, MAX_DEPTH)]
        return [refused.unfit(node)] if self._interface(call, callee).unfit else []

    def _excess(self, node: Node, call: Call, callee: Callee, rounds: Rounds | None) -> list[Issue]:
        """Asked before anything of it is put in place, and with all its rounds: bounds in bounds multiply."""
        count, edges, weight = self._added(call, callee, rounds)
        if self.count + count > MAX_EXPANDED:
            return [refused.too_large(node, MAX_EXPANDED)]
        if self.edges + edges > MAX_CALLED_EDGES or self.weight + weight > MAX_CALLED_BYTES:
            return [refused.too_heavy(node, MAX_CALLED_EDGES, MAX_CALLED_BYTES)]
        return []

    def _count(self, call: Call, callee: Callee, rounds: Rounds | None) -> None:
        count, edges, weight = self._added(call, callee, rounds)
        self.count += count
        self.edges += edges
        self.weight += weight

    def _added(self, call: Call, callee: Callee, rounds: Rounds | None) -> tuple[int, int, int]:
        """Nodes, connections and bytes that the call brings, without those of calls inside of it."""
        if call not in self._weights:
            self._weights[call] = callee.graph.size
        times = rounds.count if rounds else 1
        around = rounds.around(self._interface(call, callee)) if rounds else 0
        graph = callee.graph
        return times * len(graph.nodes) + around, times * len(graph.edges), times * self._weights[call]

    def _interface(self, call: Call, callee: Callee) -> Interface:
        if call not in self._interfaces:
            self._interfaces[call] = interface_of(callee.graph, self.registry)
        return self._interfaces[call]

    def _keep(self, node: Node, frame: Frame) -> None:
        self.made.nodes.append(node)
        if frame.caller is not None and frame.inside is not None:
            self.made.origins[node.id] = frame.origin
            self.made.callers[node.id] = frame.caller
            self.made.insides[node.id] = frame.inside

    def enter(self, frame: Frame, door: Door, is_fed: bool) -> Endpoint:
        """Where what is handed in at this port comes in, or where the words of its author stand."""
        fixed = fixed_type(door.type)
        if is_fed or door.required or fixed is None:
            return self.hand_on(frame, door, door.bounds)
        return Endpoint(self.make(frame, door, fixed, {PORT: door.default}), PORT)

    def hand_on(self, frame: Frame, door: Door, bounds: Mapping[str, Json] | None = None) -> Endpoint:
        """A step that hands on what comes to this port."""
        relay = relay_type(door.type)
        assert relay is not None, "an interface has no doors of other types"
        return Endpoint(self.make(frame, door, relay, bounds or {}), PORT)

    def make(self, frame: Frame, door: Door, type_name: str, params: Mapping[str, Json]) -> str:
        """A step of the server's own at this port; its name."""
        node = Node(frame.name(door.port), type_name, VERSION, dict(params))
        self._keep(node, frame)
        self.made.made.add(node.id)
        title = door.title or door.port
        self.made.titles[node.id] = Words(title, title)
        return node.id

    def join(self, source: Endpoint, node: str, port: str = PORT) -> None:
        """A connection that nobody drew."""
        name = f"{source.node}.{source.port}>{node}.{port}"
        self.made.edges.append(Edge(name, source, Endpoint(node, port)))

    def _wire(self, edge: Edge, frame: Frame, border: Border, still: Still) -> None:
        calls = border.calls
        home = still.frame if edge.source.node in still.nodes else frame
        source = _end(edge.source, home, border.entries, calls, lambda call: call.exits)
        target = _end(edge.target, frame, border.exits, calls, lambda call: call.entries)
        for end, drawn in ((source, edge.source), (target, edge.target)):
            if end is None:
                self.issues.append(refused.no_port(edge, drawn, frame.origin or drawn.node))
        if source is not None and target is not None:
            self.made.edges.append(Edge(frame.name(edge.id), source, target))


def _end(
    drawn: Endpoint,
    frame: Frame,
    own: Mapping[str, Endpoint],
    calls: Mapping[str, Border],
    side: Callable[[Border], Mapping[str, Endpoint]],
) -> Endpoint | None:
    """Where an end of an edge is now; None when the call has no such port."""
    if drawn.node in calls:
        return side(calls[drawn.node]).get(drawn.port)
    return own.get(drawn.node) or Endpoint(frame.name(drawn.node), drawn.port)
