"""Operations on plans, for tests that ask whether somebody notices."""

from dataclasses import replace

from runtime.nodes.registry import Registry
from runtime.plan import Plan, Step


def without_gate(plan: Plan, gate: Step) -> Plan:
    """The plan with one gate cut out and its wires joined."""
    source = gate.bindings[0].refs
    steps = []
    for step in plan.steps:
        if step.id == gate.id:
            continue
        bindings = tuple(
            b._replace(refs=source) if any(ref.step == gate.id for ref in b.refs) else b
            for b in step.bindings
        )
        steps.append(step._replace(bindings=bindings))
    segments = tuple(replace(s, steps=tuple(i for i in s.steps if i != gate.id)) for s in plan.segments)
    return replace(plan, steps=tuple(steps), segments=segments)


def stands_alone(plan: Plan, gate: Step, registry: Registry) -> bool:
    """Whether no other gate stands before this one on a way on which the value stays what it is.

    What a person was asked about has passed a gate by then: without the next one nothing would escape.
    """
    before = [ref.step for binding in gate.bindings for ref in binding.refs]
    seen: set[str] = set()
    while before:
        step = plan.step(before.pop())
        if step.id in seen:
            continue
        seen.add(step.id)
        if step.gate:
            return False
        spec = registry.spec(step.type, step.version)
        if spec is not None and (spec.routes or spec.asks):
            before += [ref.step for binding in step.bindings for ref in binding.refs]
    return True
