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
    return [*_rewired(compiled.plan, example), *_misplaced(compiled.plan)]


def _rewired(plan: Plan, example: Example) -> list[str]:
    behind = {Ref(s.id, "value"): s.bindings[0].refs for s in plan.steps if s.gate}
    found = []
    for step in plan.steps:
        for binding in () if step.gate or step.shadow else step.bindings:
            seen = [source for ref in binding.refs for source in behind.get(ref, (ref,))]
            drawn = [
                Ref(edge.source.node, edge.source.port)
                for edge in example.graph.edges
                if (edge.target.node, edge.target.port) == (step.id, binding.port)
            ]
            if seen != drawn:
                found.append(f"{step.id}.{binding.port} is fed by {seen} and not by {drawn}")
    return found


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
