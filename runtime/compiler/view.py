"""view_plan: a plan as people look at it: inputs, outputs, steps, and each gate with its reasons."""

from collections.abc import Mapping

from runtime.plan import GATE, Plan, Step
from runtime.safety.filters import Filter
from runtime.safety.policy import Policy
from runtime.values import Json
from runtime.words import Words


def view_plan(plan: Plan, policy: Policy, filters: Mapping[str, Filter]) -> dict[str, Json]:
    return {
        "policy": {"version": plan.policy_version, "digest": plan.policy},
        "inputs": [
            {
                "name": item.name,
                "type": str(item.type),
                "title": item.title,
                "required": item.required,
                "default": item.default,
                "multiline": item.multiline,
                "node": item.node,
                "minimum": item.minimum,
                "maximum": item.maximum,
            }
            for item in plan.arguments
        ],
        "outputs": [
            {"name": item.name, "type": str(item.type), "title": item.title, "node": item.node}
            for item in plan.results
        ],
        "steps": [_step(step) for step in plan.steps if step.type != GATE],
        "gates": [_gate(step, plan, policy, filters) for step in plan.steps if step.gate],
    }


def _step(step: Step) -> dict[str, Json]:
    return {
        "id": step.id,
        "type": step.type,
        "title": step.title.to_json(),
        "node": step.node,
        "segment": step.segment,
        "resource": step.resource,
    }


def _gate(gate: Step, plan: Plan, policy: Policy, filters: Mapping[str, Filter]) -> dict[str, Json]:
    assert gate.gate is not None
    rules = {rule.id: rule for rule in policy.every_rule}
    return {
        "id": gate.id,
        "rules": [
            {"id": rule, "title": rules[rule].title.to_json(), "reason": rules[rule].reason.to_json()}
            for rule in gate.gate.rules
        ],
        "media": gate.bindings[0].type.kind.value,
        "filters": [
            {"id": name, "title": _title(name, filters).to_json(), "action": action}
            for name, action, _, _ in gate.gate.chain
        ],
        "sources": [{"node": ref.step, "port": ref.port} for ref in gate.bindings[0].refs],
        "targets": [
            {"node": step.node, "port": binding.port}
            for step in plan.steps
            for binding in step.bindings
            if any(ref.step == gate.id for ref in binding.refs)
        ],
    }


def _title(name: str, filters: Mapping[str, Filter]) -> Words:
    return filters[name].spec.title if name in filters else Words(name, name)
