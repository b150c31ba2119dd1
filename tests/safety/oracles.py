"""The oracles: what they ask of a compiled example, each knowing as little as it can of how it was made."""

from collections.abc import Callable, Mapping, Sequence

from runtime.compiler.compile import Compiled
from runtime.graph.calls import Call
from runtime.graph.model import Endpoint, Graph, Node
from runtime.plan import Plan, Ref
from runtime.safety.verify import verify
from tests.compiler.nodes import REGISTRY
from tests.safety.canary import escaped
from tests.safety.pool import Example

# What it finds wrong; nothing when all is well.
Oracle = Callable[[Compiled, Example], list[str]]


def by_verify(compiled: Compiled, example: Example) -> list[str]:
    """The second lock, as a worker asks it."""
    return list(verify(compiled.plan, example.policy, REGISTRY)) if compiled.plan else []


def by_canary(compiled: Compiled, example: Example) -> list[str]:
    """Canaries at every source, watched at every sink."""
    return escaped(compiled.plan, example.policy, REGISTRY) if compiled.plan else []


def by_drawing(compiled: Compiled, example: Example) -> list[str]:
    """Seen through its gates, the plan feeds each port with what was drawn; and what should compile does."""
    if compiled.plan is None:
        return ["refused, and the policy allows it"] if example.compiles else []
    if example.compiles is False:
        return ["compiled, and the policy says nothing of what it shows"]
    return [*_rewired(compiled.plan, example), *_cut(compiled.plan, example), *_misplaced(compiled.plan)]


def _rewired(plan: Plan, example: Example) -> list[str]:
    steps = {step.id: step for step in plan.steps}

    def behind(ref: Ref) -> list[Ref]:
        """What made the bytes, seen through gates and through what only hands on at the border of a call."""
        step = steps[ref.step]
        if step.gate or step.type.startswith("relay."):
            return [found for source in step.bindings[0].refs for found in behind(source)]
        return [ref]

    found = []
    for step in plan.steps:
        if step.gate or step.shadow or step.type.startswith("relay."):
            continue
        for binding in step.bindings:
            seen = [made for ref in binding.refs for made in behind(ref)]
            drawn = _drawn(example, step.id, binding.port)
            if seen != drawn:
                found.append(f"{step.id}.{binding.port} is fed by {seen} and not by {drawn}")
    return found


Path = tuple[str, ...]  # the nodes that call, from outside inwards


def _graph(example: Example, path: Path) -> Graph:
    graph = example.graph
    for caller in path:
        call = Call.parse(_node(graph, caller).params["workflow"])
        assert call is not None
        graph = example.library.callees[call].graph
    return graph


def _node(graph: Graph, name: str) -> Node:
    return next(node for node in graph.nodes if node.id == name)


def _drawn(example: Example, step: str, port: str) -> list[Ref]:
    """What the drawings feed this port with; what a partial run shows is named by where it comes from."""
    kind, _, shown = step.partition(":")
    if kind == "shown":
        node, _, source = shown.rpartition(".")
        return _makers(example, (), Endpoint(node, source)) if node == example.to else []
    *path, node = step.split("/")
    if not _is_drawn(example, path, node):
        return []
    return _into(example, tuple(path), lambda end: end == Endpoint(node, port))


def _is_drawn(example: Example, path: Sequence[str], node: str) -> bool:
    """Whether the way to a step is one of the drawings, call by call."""
    for depth, name in enumerate([*path, node]):
        if all(item.id != name for item in _graph(example, tuple(path[:depth])).nodes):
            return False
    return True


def _into(example: Example, path: Path, is_here: Callable[[Endpoint], bool]) -> list[Ref]:
    edges = (edge for edge in _graph(example, path).edges if is_here(edge.target))
    return [ref for edge in edges for ref in _makers(example, path, edge.source)]


def _makers(example: Example, path: Path, source: Endpoint) -> list[Ref]:
    """Who makes what stands at a drawn output: inside of a call, or outside where it is only handed in."""
    kind = _node(_graph(example, path), source.node).type
    if kind == "call.it":
        return _into(example, (*path, source.node), lambda end: end.node == source.port)
    if path and kind.startswith("in."):
        return _into(example, path[:-1], lambda end: end == Endpoint(path[-1], source.node))
    return [Ref("/".join((*path, source.node)), source.port)]


def _cut(plan: Plan, example: Example) -> list[str]:
    """What a partial run leaves out is not there, and it ends with all that its last node gives."""
    if example.to is None:
        return []
    needed, found = {example.to}, 0
    while found < len(needed):
        found = len(needed)
        needed |= {edge.source.node for edge in example.graph.edges if edge.target.node in needed}
    more = [f"{s.id} is not needed" for s in plan.steps if s.node is not None and s.node not in needed]
    given = [name for step in plan.steps if step.id == example.to for name, _ in step.outputs]
    if _node(example.graph, example.to).type == "call.it":
        inside = _graph(example, (example.to,))
        given = [node.id for node in inside.nodes if node.type.startswith("out.")]
    shown = {result.step for result in plan.results}
    return more + [f"{name} is not shown" for name in given if f"shown:{example.to}.{name}" not in shown]


def _misplaced(plan: Plan) -> list[str]:
    """Steps that no segment runs, or that run before what feeds them."""
    found = []
    done: set[str] = set()
    steps = {step.id: step for step in plan.steps}
    for segment in plan.segments:
        for name in segment.steps:
            before = {ref.step for binding in steps[name].bindings for ref in binding.refs}
            found += [f"{name} runs before {other}" for other in sorted(before - done)]
            done.add(name)
    return found + [f"{name} never runs" for name in sorted(steps.keys() - done)]


ORACLES: Mapping[str, Oracle] = {"verify": by_verify, "canary": by_canary, "drawing": by_drawing}
