"""Random acyclic graphs over the test node types: branches, merges, fan-out, pictures and text mixed; and calls."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from runtime.compiler.interface import interface_of
from runtime.graph.calls import Call, Callee, Library, call_param
from runtime.graph.model import Edge, Endpoint, Graph, Node, OnError
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec, Purpose
from runtime.ports import TEXT, Kind, PortType, refusal

# The test's own node types that call.
CALLS = ("call.it", "loop.it", "map.it")
Offer = tuple[Endpoint, PortType]
# What may be drawn: a type with its params, and the ports that it has then.
Inlets = list[tuple[str, bool, PortType]]
Outlets = list[tuple[str, PortType]]


@dataclass(frozen=True)
class Kit:
    spec: NodeSpec
    params: dict[str, object]
    inlets: Inlets
    outlets: Outlets


@st.composite
def nested(draw: st.DrawFn, registry: Registry, depth: int = 3) -> tuple[Graph, Library]:
    """A graph that calls random graphs, which call others; each level may call all that are below it."""
    callees: dict[Call, Callee] = {}
    kits: list[Kit] = []
    for level in range(draw(st.integers(1, depth))):
        drawn = draw(graphs(registry, 7, kits, from_text_to_text=draw(st.integers(0, 3)) > 0))
        inner = draw(feeding_itself(drawn, registry))
        call = Call(f"00000000-0000-7000-8000-{level:012d}", level + 1)
        callees[call] = Callee(inner, f"level {level}")
        kits += [kit_of(call, inner, registry), *draw(repeats_of(call, inner, registry))]
    return draw(graphs(registry, 9, kits)), Library(callees)


def kit_of(call: Call, graph: Graph, registry: Registry) -> Kit:
    """A node that calls this graph: what the test's own node type for it looks like then."""
    spec = registry.spec("call.it", 1)
    assert spec is not None
    doors = interface_of(graph, registry)
    return Kit(
        spec,
        {"workflow": str(call)},
        [(door.port, door.required, door.type) for door in doors.inputs.values()],
        [(door.port, door.type) for door in doors.outputs.values()],
    )


@st.composite
def feeding_itself(draw: st.DrawFn, graph: Graph, registry: Registry) -> Graph:
    """The graph with outputs that have the names of inputs which could take what they give."""
    doors = interface_of(graph, registry)
    names: dict[str, str] = {}
    for door in doors.inputs.values():
        fitting = [
            o.port for o in doors.outputs.values() if o.port not in names and not refusal(o.type, door.type)
        ]
        if fitting:
            names[draw(st.sampled_from(fitting))] = door.name
    nodes = (
        replace(n, params={**n.params, "name": names.get(n.id, n.id)}) if n.id in names else n
        for n in graph.nodes
    )
    return replace(graph, nodes=tuple(nodes))


@st.composite
def repeats_of(draw: st.DrawFn, call: Call, graph: Graph, registry: Registry) -> list[Kit]:
    """Nodes that do this graph round after round, and for each item of a list, where it can be done so."""
    once = kit_of(call, graph, registry)
    doors = interface_of(graph, registry)
    times = draw(st.integers(1, 3))
    given = {door.name for door in doors.outputs.values()}
    found = []
    if any(door.name in given for door in doors.inputs.values()):
        ends = [door.port for door in doors.outputs.values() if not refusal(door.type, TEXT)]
        until = draw(st.sampled_from(["", *ends, *ends]))
        loop = registry.spec("loop.it", 1)
        assert loop is not None
        found.append(Kit(loop, {**once.params, "times": times, "at": until}, once.inlets, once.outlets))
    single = [door for door in doors.inputs.values() if not door.type.many]
    if single:
        over = draw(st.sampled_from(single))
        each = registry.spec("map.it", 1)
        assert each is not None
        inlets = [
            (over.port, True, PortType(over.type.kind, many=True))
            if name == over.port
            else (name, required, kind)
            for name, required, kind in once.inlets
        ]
        outlets = [(name, PortType(kind.kind, many=True)) for name, kind in once.outlets]
        found.append(Kit(each, {**once.params, "times": times, "at": over.port}, inlets, outlets))
    return found


@st.composite
def graphs(
    draw: st.DrawFn,
    registry: Registry,
    max_nodes: int = 12,
    calls: list[Kit] | None = None,
    from_text_to_text: bool = False,
) -> Graph:
    """Each node's inputs are fed by fitting outputs of earlier nodes; a node that finds none is not placed.

    Most of them compile: something makes the first bytes, something shows a person the last, and an input that
    takes one value has several edges mostly where they come from one choice. One `from_text_to_text` can go round in
    a loop, and mostly does compile.
    """
    specs = [item.spec for item in registry if call_param(item.spec) is None]
    makers = [spec for spec in specs if not spec.inputs and not spec.dynamic]
    showing = [spec for spec in specs if spec.delivers]
    count = draw(st.integers(2, max_nodes))
    kits = [_plain(spec) for spec in specs]
    # Calls often, or most of the graphs that are there to be called would not be.
    anything = [*kits, *(calls or []) * 12]
    wanted = [
        _plain(makers[0] if from_text_to_text else draw(st.sampled_from(makers))),
        *(draw(st.sampled_from(anything)) for _ in range(count - 2)),
    ]
    if calls:
        wanted.append(draw(st.sampled_from(calls)))
    nodes: list[Node] = []
    edges: list[Edge] = []
    offers: list[Offer] = []
    for number, kit in enumerate([*wanted, _plain(showing[0])]):
        spec = kit.spec
        called = {node.id for node in nodes if node.type in CALLS}
        last = number == len(wanted)
        if last:
            shown = [offer for offer in offers if offer[0].node in called]
            fits = [item for item in showing if any(_fitting(shown, port.type) for port in item.inputs)]
            if from_text_to_text:
                fits = [item for item in showing if item.inputs[0].type == TEXT]
            kit = _plain(draw(st.sampled_from(fits or showing)))
            spec = kit.spec
        if (
            last
            and not called
            and not from_text_to_text
            and any(node.type == item.type for item in showing for node in nodes)
        ):
            break  # a person sees something already
        node = f"n{number}"
        feeds = kit.inlets
        # What a call gives is shown, where it can be: else most calls would be of no use, and left out.
        near = [offer for offer in offers if offer[0].node in called] if last else []
        chosen = [
            (
                name,
                draw(_sources(_fitting(near, kind) or offers, kind, required, called, not from_text_to_text)),
            )
            for name, required, kind in feeds
        ]
        if any(
            required and not sources for (_, sources), (_, required, _) in zip(chosen, feeds, strict=True)
        ):
            continue
        is_input = from_text_to_text and spec.purpose is Purpose.INPUTS
        fails = None if is_input else draw(_on_error(spec, kit.outlets))
        params = {"name": node} if spec.param("name") else kit.params | draw(_told(spec))
        nodes.append(Node(node, spec.type, 1, params, on_error=fails))
        for name, sources in chosen:
            edges += [
                Edge(f"e{len(edges) + i}", source, Endpoint(node, name))
                for i, (source, _) in enumerate(sources)
            ]
        carried = next((kind for _, sources in chosen for _, kind in sources), None)
        offers += [
            (Endpoint(node, name), carried if kind.kind is Kind.ANY and carried else kind)
            for name, kind in [*kit.outlets, *([("error", TEXT)] if fails and fails.text else [])]
        ]
    return Graph(tuple(nodes), tuple(edges))


def _told(spec: NodeSpec) -> st.SearchStrategy[dict[str, object]]:
    """Words in the settings that a model is told, more often than not."""
    kinds = {port.name: ["a", "b"] if port.type.many else "be brief" for port in spec.told}
    return st.fixed_dictionaries({}, optional={name: st.just(words) for name, words in kinds.items()})


def _on_error(spec: NodeSpec, outlets: Outlets) -> st.SearchStrategy[OnError | None]:
    """Every now and then a way or a value for when it fails."""
    texts = {name: "instead" for name, kind in outlets if kind == TEXT}
    if not outlets or spec.type in CALLS:
        return st.none()
    ways = [OnError({}, "it failed"), *([OnError(texts)] if texts else [])]
    return st.one_of(*[st.none()] * 5, st.sampled_from(ways))


def _plain(spec: NodeSpec) -> Kit:
    return Kit(
        spec,
        {},
        [(port.name, port.required, port.type) for port in spec.inputs_for(defaults(spec))],
        [(port.name, port.type) for port in spec.outputs_for(defaults(spec))],
    )


def defaults(spec: NodeSpec) -> dict[str, object]:
    return {param.name: param.default for param in spec.params}


def _fitting(offers: list[Offer], target: PortType) -> list[Offer]:
    return [offer for offer in offers if refusal(offer[1], target) is None]


def _sources(
    offers: list[Offer], target: PortType, required: bool, called: set[str], crowded: bool
) -> st.SearchStrategy[list[Offer]]:
    fitting = _fitting(offers, target)
    if not fitting:
        return st.just([])
    if target.many:
        return st.lists(
            st.sampled_from(fitting), min_size=int(required), max_size=3, unique_by=lambda o: o[0]
        )
    one = st.sampled_from(fitting).map(lambda offer: [offer])
    of_one_node = st.sampled_from(fitting).map(
        lambda chosen: [
            offer
            for offer in fitting
            # Of a call more than one output carries something.
            if offer == chosen or (offer[0].node == chosen[0].node and chosen[0].node not in called)
        ]
    )
    any_two = st.lists(st.sampled_from(fitting), min_size=2, max_size=2, unique_by=lambda o: o[0])
    shapes = [one, one, one, of_one_node]
    if crowded and len(fitting) > 1:
        shapes.append(any_two)
    return st.one_of(*shapes, *([] if required else [st.just([])]))
