"""Random acyclic graphs over the test node types: branches, merges, fan-out, pictures and text mixed."""

from hypothesis import strategies as st

from runtime.graph.model import Edge, Endpoint, Graph, Node
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec
from runtime.ports import Kind, PortType, refusal


@st.composite
def graphs(draw: st.DrawFn, registry: Registry, max_nodes: int = 12) -> Graph:
    """Each node's inputs are fed by fitting outputs of earlier nodes; a node that finds none is not placed."""
    specs = [item.spec for item in registry]
    nodes: list[Node] = []
    edges: list[Edge] = []
    offers: list[tuple[Endpoint, PortType]] = []
    for number in range(draw(st.integers(2, max_nodes))):
        spec = draw(st.sampled_from(specs))
        node = f"n{number}"
        feeds = [(port.name, port.required, port.type) for port in spec.inputs_for(defaults(spec))]
        chosen = [(name, draw(_sources(offers, kind, required))) for name, required, kind in feeds]
        if any(
            required and not sources for (_, sources), (_, required, _) in zip(chosen, feeds, strict=True)
        ):
            continue
        nodes.append(Node(node, spec.type, 1, {"name": node} if spec.param("name") else {}))
        for name, sources in chosen:
            edges += [
                Edge(f"e{len(edges) + i}", source, Endpoint(node, name))
                for i, (source, _) in enumerate(sources)
            ]
        carried = next((kind for _, sources in chosen for _, kind in sources), None)
        offers += [
            (Endpoint(node, port.name), carried if port.type.kind is Kind.ANY and carried else port.type)
            for port in spec.outputs_for(defaults(spec))
        ]
    return Graph(tuple(nodes), tuple(edges))


def defaults(spec: NodeSpec) -> dict[str, object]:
    return {param.name: param.default for param in spec.params}


def _sources(
    offers: list[tuple[Endpoint, PortType]], target: PortType, required: bool
) -> st.SearchStrategy[list[tuple[Endpoint, PortType]]]:
    fitting = [offer for offer in offers if refusal(offer[1], target) is None]
    if not fitting:
        return st.just([])
    return st.lists(
        st.sampled_from(fitting),
        min_size=int(required),
        max_size=3 if target.many else 2,
        unique_by=lambda o: o[0],
    )
