"""Random acyclic graphs over the test node types: branches, merges, fan-out, pictures and text mixed; and calls."""

from dataclasses import dataclass

from hypothesis import strategies as st

from runtime.compiler.interface import interface_of
from runtime.graph.calls import Call, Callee, Library
from runtime.graph.model import Edge, Endpoint, Graph, Node, OnError
from runtime.labels import Sink
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec
from runtime.ports import TEXT, Kind, PortType, refusal

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
        inner = draw(graphs(registry, 7, kits))
        call = Call(f"00000000-0000-7000-8000-{level:012d}", level + 1)
        callees[call] = Callee(inner, f"level {level}")
        kits.append(kit_of(call, inner, registry))
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
def graphs(draw: st.DrawFn, registry: Registry, max_nodes: int = 12, calls: list[Kit] | None = None) -> Graph:
    """Each node's inputs are fed by fitting outputs of earlier nodes; a node that finds none is not placed.

    Most of them compile: something makes the first bytes, something shows a person the last, and an input that
    takes one value has several edges mostly where they come from one choice.
    """
    specs = [item.spec for item in registry if item.spec.type != "call.it"]
    makers = [spec for spec in specs if not spec.inputs and not spec.dynamic]
    showing = [spec for spec in specs if any(port.sink is Sink.PERSON for port in spec.inputs)]
    count = draw(st.integers(2, max_nodes))
    kits = [_plain(spec) for spec in specs]
    # Calls often, or most of the graphs that are there to be called would not be.
    anything = [*kits, *(calls or []) * 12]
    wanted = [
        _plain(draw(st.sampled_from(makers))),
        *(draw(st.sampled_from(anything)) for _ in range(count - 2)),
    ]
    if calls:
        wanted.append(draw(st.sampled_from(calls)))
    nodes: list[Node] = []
    edges: list[Edge] = []
    offers: list[Offer] = []
    for number, kit in enumerate([*wanted, _plain(draw(st.sampled_from(showing)))]):
        spec = kit.spec
        called = {node.id for node in nodes if node.type == "call.it"}
        last = number == len(wanted)
        if last and not called and any(node.type == item.type for item in showing for node in nodes):
            break  # a person sees something already
        node = f"n{number}"
        feeds = kit.inlets
        # What a call gives is shown, where it can be: else most calls would be of no use, and left out.
        near = [offer for offer in offers if offer[0].node in called] if last else []
        chosen = [
            (name, draw(_sources(_fitting(near, kind) or offers, kind, required)))
            for name, required, kind in feeds
        ]
        if any(
            required and not sources for (_, sources), (_, required, _) in zip(chosen, feeds, strict=True)
        ):
            continue
        fails = draw(_on_error(spec, kit.outlets))
        params = {"name": node} if spec.param("name") else kit.params
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


def _on_error(spec: NodeSpec, outlets: Outlets) -> st.SearchStrategy[OnError | None]:
    """Every now and then a way or a value for when it fails."""
    texts = {name: "instead" for name, kind in outlets if kind == TEXT}
    if not outlets or spec.type == "call.it":
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


def _sources(offers: list[Offer], target: PortType, required: bool) -> st.SearchStrategy[list[Offer]]:
    fitting = _fitting(offers, target)
    if not fitting:
        return st.just([])
    if target.many:
        return st.lists(
            st.sampled_from(fitting), min_size=int(required), max_size=3, unique_by=lambda o: o[0]
        )
    one = st.sampled_from(fitting).map(lambda offer: [offer])
    of_one_node = st.sampled_from(fitting).map(
        lambda chosen: [offer for offer in fitting if offer[0].node == chosen[0].node]
    )
    any_two = st.lists(st.sampled_from(fitting), min_size=2, max_size=2, unique_by=lambda o: o[0])
    shapes = [one, one, one, of_one_node]
    if len(fitting) > 1:
        shapes.append(any_two)
    return st.one_of(*shapes, *([] if required else [st.just([])]))
