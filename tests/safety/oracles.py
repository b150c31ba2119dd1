"""The oracles: what they ask of a compiled example, each knowing as little as it can of how it was made."""

from collections.abc import Callable, Mapping, Sequence

from runtime.compiler.compile import Compiled
from runtime.graph.calls import Call
from runtime.graph.model import Endpoint, Graph, Node
from runtime.plan import Plan, Ref
from runtime.safety.verify import verify
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import CALLS
from tests.safety.canary import escaped
from tests.safety.pool import Example

# What only hands on: at the border of a call, between rounds, and around the items of a list.
MADE = ("relay.", "turn.", "item.", "along.", "gather.")
REPEATS = ("loop.it", "map.it")
# The settings that a model is told, or a person sees.
SETTINGS = {"llm.told": ("system", "stop"), "person.approve": ("question",), "person.ask": ("question",)}
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
        return ["compiled, and the policy says nothing of what it shows, or it is too large"]
    plan = compiled.plan
    if plan.copied != example.library.copied:
        return ["it does not say whose words stand in it"]
    return [
        *_rewired(plan, example),
        *_unsaid(plan, example),
        *_cut(plan, example),
        *_cut_off(plan),
        *_misplaced(plan),
    ]


def _rewired(plan: Plan, example: Example) -> list[str]:
    steps = {step.id: step for step in plan.steps}

    def behind(ref: Ref) -> list[Ref]:
        """What made the bytes, seen through gates and through what only hands on at the border of a call."""
        step = steps[ref.step]
        if step.gate or step.type.startswith(MADE):
            into = next(binding for binding in step.bindings if binding.port == "value")
            return [found for source in into.refs for found in behind(source)]
        return [ref]

    found = []
    for step in plan.steps:
        if step.gate or step.shadow or step.type.startswith(MADE):
            continue
        for binding in step.bindings:
            if binding.port in SETTINGS.get(step.type, ()):
                continue
            seen = [made for ref in binding.refs for made in behind(ref)]
            drawn = _drawn(example, step.id, binding.port)
            if seen != drawn:
                found.append(f"{step.id}.{binding.port} is fed by {seen} and not by {drawn}")
    return found


def _unsaid(plan: Plan, example: Example) -> list[str]:
    """Settings of which a model is told other words than stand in the drawing, or none."""
    steps = {step.id: step for step in plan.steps}
    found = []
    for step in plan.steps:
        *path, name = step.id.split("/")
        for setting in SETTINGS.get(step.type, ()):
            drawn = _node(_graph(example, tuple(path)), name).params.get(setting) or None
            binding = step.binding(setting)
            here = steps[binding.refs[0].step] if binding else None
            if here is not None and here.gate:
                here = steps[here.bindings[0].refs[0].step]
            said = here.params.get("value") if here else step.params.get(setting) or None
            if said != drawn:
                found.append(f"{step.id} is told {said} by its setting {setting}, and not {drawn}")
    return found


Path = tuple[str, ...]  # the nodes that call, from outside inwards


def _graph(example: Example, path: Path) -> Graph:
    """The drawing at the end of a path. A round has a number in the path behind the node that repeats."""
    graph, names = example.graph, iter(path)
    for caller in names:
        node = _node(graph, caller)
        graph = _called(example, node)
        if node.type in REPEATS:
            next(names, None)
    return graph


def _called(example: Example, node: Node) -> Graph:
    call = Call.parse(node.params["workflow"])
    assert call is not None
    return example.library.callees[call].graph


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
    """Whether the way to a step is one of the drawings, call by call and round by round."""
    graph, names = example.graph, iter([*path, node])
    for name in names:
        found = [item for item in graph.nodes if item.id == name]
        if not found:
            return False
        if found[0].type in CALLS:
            graph = _called(example, found[0])
        if found[0].type in REPEATS and next(names, "") not in _rounds(found[0]):
            return False
    return True


def _rounds(node: Node) -> list[str]:
    return [str(number) for number in range(1, int(node.params["times"]) + 1)]


def _into(example: Example, path: Path, is_here: Callable[[Endpoint], bool]) -> list[Ref]:
    edges = (edge for edge in _graph(example, path).edges if is_here(edge.target))
    return [ref for edge in edges for ref in _makers(example, path, edge.source)]


def _makers(example: Example, path: Path, source: Endpoint) -> list[Ref]:
    """Who makes what stands at a drawn output: inside of a call, or outside where it is only handed in."""
    node = _node(_graph(example, path), source.node)

    def given(*round_: str) -> list[Ref]:
        return _into(example, (*path, source.node, *round_), lambda end: end.node == source.port)

    if node.type in REPEATS:
        # Any round may be the last where one may end it; of a map each gives an item.
        rounds = _rounds(node) if node.type == "map.it" or node.params["at"] else _rounds(node)[-1:]
        return [ref for number in rounds for ref in given(number)]
    if node.type == "call.it":
        return given()
    if path and node.type.startswith("in."):
        return _handed_in(example, path, source.node)
    return [Ref("/".join((*_home(example, path, source.node), source.node)), source.port)]


def _handed_in(example: Example, path: Path, port: str) -> list[Ref]:
    """Who makes what comes in at a port: whoever is drawn before it, or in a later round what the one before gives."""
    *outer, caller = path
    if outer and _is_round(example, tuple(outer)):
        number, caller, outer = int(caller), outer[-1], outer[:-1]
        inside = _graph(example, path)
        loops = _node(_graph(example, tuple(outer)), caller).type == "loop.it"
        back = [
            n.id for n in inside.nodes if n.type.startswith("out.") and _name(n) == _name(_node(inside, port))
        ]
        if loops and back and number > 1:
            before = (*outer, caller, str(number - 1))
            return _into(example, before, lambda end: end.node == back[0])
    return _into(example, tuple(outer), lambda end: end == Endpoint(caller, port))


def _is_round(example: Example, path: Path) -> bool:
    """Whether the next name of the path is the number of a round."""
    graph, names = example.graph, iter(path)
    for name in names:
        node = _node(graph, name)
        graph = _called(example, node)
        if node.type in REPEATS and next(names, None) is None:
            return True
    return False


def _home(example: Example, path: Path, node: str) -> Path:
    """Where a node of a round stands: in the first, where it takes nothing of what is handed in."""
    home: list[str] = []
    for depth, name in enumerate(path):
        is_round = _is_round(example, path[:depth])
        inner = path[depth + 1] if depth + 1 < len(path) else node
        home.append("1" if is_round and not _moves(_graph(example, path[: depth + 1]), inner) else name)
    return tuple(home)


def _moves(graph: Graph, node: str) -> bool:
    """Whether anything of what is handed in can reach this node."""
    if _node(graph, node).type.startswith(("in.", "out.")):
        return True
    return any(edge.target.node == node and _moves(graph, edge.source.node) for edge in graph.edges)


def _name(node: Node) -> str:
    return str(node.params.get("name") or node.id)


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
    if _node(example.graph, example.to).type in CALLS:
        inside = _called(example, _node(example.graph, example.to))
        given = [node.id for node in inside.nodes if node.type.startswith("out.")]
    shown = {result.step for result in plan.results}
    return more + [f"{name} is not shown" for name in given if f"shown:{example.to}.{name}" not in shown]


def _cut_off(plan: Plan) -> list[str]:
    """Lists of which an item would be taken twice or not at all, or that may be longer than there are places."""
    places: dict[str, list[int]] = {}
    for step in plan.steps:
        if step.type.startswith("item."):
            places.setdefault(step.bindings[0].refs[0].step, []).append(step.params["index"])
    most = {step.id: step.params["most"] for step in plan.steps if step.id in places}
    return [
        f"{name} takes the items {found}, and may be {most[name]} long"
        for name, found in places.items()
        if most[name] is None or sorted(found) != list(range(most[name]))
    ]


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
