"""guarded: where the bytes that a gate guards go, to say there what is wrong with the gate."""

from typing import NamedTuple

from runtime.plan import Plan, Step
from runtime.ports import PortType


class Guarded(NamedTuple):
    """The first input behind a gate: its node in the drawing, its port, and the type of what goes in."""

    node: str | None
    port: str
    type: PortType


def first_guarded(gate: Step, plan: Plan) -> Guarded | None:
    """None for a gate that nothing is behind."""
    for step in plan.steps:
        for binding in step.bindings:
            if any(ref.step == gate.id for ref in binding.refs):
                return Guarded(step.node, binding.port, binding.type)
    return None
