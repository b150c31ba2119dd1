"""The oracles: what they ask of a compiled example, each knowing as little as it can of how it was made."""

from collections.abc import Callable, Mapping

from runtime.compiler.compile import Compiled
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
    behind = {Ref(s.id, "value"): s.bindings[0].refs for s in plan.steps if s.gate}
    found = []
    for step in plan.steps:
        for binding in () if step.gate or step.shadow else step.bindings:
            seen = [source for ref in binding.refs for source in behind.get(ref, (ref,))]
            drawn = _drawn(example, step.id, binding.port)
            if seen != drawn:
                found.append(f"{step.id}.{binding.port} is fed by {seen} and not by {drawn}")
    return found


def _drawn(example: Example, step: str, port: str) -> list[Ref]:
    """What the drawing feeds this port with; what a partial run shows is named by where it comes from."""
    kind, _, shown = step.partition(":")
    if kind == "shown":
        node, _, source = shown.rpartition(".")
        return [Ref(node, source)] if node == example.to else []
    return [
        Ref(edge.source.node, edge.source.port)
        for edge in example.graph.edges
        if (edge.target.node, edge.target.port) == (step, port)
    ]


def _cut(plan: Plan, example: Example) -> list[str]:
    """What a partial run leaves out is not there, and it ends with all that its last node gives."""
    if example.to is None:
        return []
    needed, found = {example.to}, 0
    while found < len(needed):
        found = len(needed)
        needed |= {edge.source.node for edge in example.graph.edges if edge.target.node in needed}
    more = [
        f"{step.id} is not needed" for step in plan.steps if step.node is not None and step.node not in needed
    ]
    given = [name for step in plan.steps if step.id == example.to for name, _ in step.outputs]
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
