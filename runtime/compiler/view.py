"""view_plan: a plan as people look at it: inputs, outputs, steps, and each gate with its reasons."""

from collections.abc import Mapping

from runtime.labels import Source
from runtime.nodes.made import gather_type, relay_type
from runtime.nodes.registry import Registry
from runtime.plan import GATE, SHADOW, TOLD, Plan, Ref, Step
from runtime.safety.filters import Filter
from runtime.safety.policy import Policy, Rule
from runtime.values import Json
from runtime.words import Words

Origins = Mapping[str, frozenset[Source]]


def view_plan(
    plan: Plan, policy: Policy, filters: Mapping[str, Filter], registry: Registry
) -> dict[str, Json]:
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
        "steps": [_step(step) for step in plan.steps if step.type not in (GATE, SHADOW)],
        "gates": _gates(plan, policy, filters, _origins(plan, registry)),
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


def _origins(plan: Plan, registry: Registry) -> Origins:
    """For each step everybody whose bytes may be in what it gives. A type that is gone says nothing of its own."""
    found: dict[str, frozenset[Source]] = {}
    for step in plan.steps:
        spec = registry.spec(step.type, step.version)
        own = {port.source for port in spec.outputs_for(step.params) if port.source} if spec else set()
        own |= {Source.AUTHOR} if step.fallback else set()
        own |= {Source.RETRIEVED} if plan.copied and Source.AUTHOR in own else set()
        reached = {ref.step for binding in step.bindings for ref in binding.refs}
        found[step.id] = frozenset(own).union(*(found[name] for name in reached))
    return found


def _gates(
    plan: Plan, policy: Policy, filters: Mapping[str, Filter], origins: Origins
) -> list[dict[str, Json]]:
    rules = {rule.id: rule for rule in policy.every_rule}
    steps = {step.id: step for step in plan.steps}
    targets: dict[str, list[Json]] = {}
    for step in plan.steps:
        for binding in step.bindings:
            for source in dict.fromkeys(ref.step for ref in binding.refs):
                targets.setdefault(source, []).append({"node": step.node, "port": binding.port})
    return [
        _gate(step, rules, filters, origins)
        | {
            "sources": [_drawn(steps[ref.step], ref) for ref in step.bindings[0].refs],
            "targets": targets.get(step.id, []),
        }
        for step in plan.steps
        if step.gate
    ]


def _gate(
    gate: Step, rules: Mapping[str, Rule], filters: Mapping[str, Filter], origins: Origins
) -> dict[str, Json]:
    assert gate.gate is not None
    asking = [rules[rule] for rule in gate.gate.rules]
    concerned = {source for rule in asking for source in rule.sources}
    return {
        "id": gate.id,
        "rules": [
            {"id": rule.id, "title": rule.title.to_json(), "reason": rule.reason.to_json()} for rule in asking
        ],
        "sink": asking[0].sink.value,
        # Whose bytes make it necessary; one whose makers are unknown is there for everybody's.
        "origins": sorted(source.value for source in (origins[gate.id] or concerned) & concerned),
        "media": gate.bindings[0].type.kind.value,
        "filters": [
            {
                "id": name,
                "title": _title(name, filters).to_json(),
                "action": action,
                "cost": _cost(name, filters),
            }
            for name, action, _, _ in gate.gate.chain
        ],
    }


def _drawn(step: Step, ref: Ref) -> dict[str, Json]:
    """The end of the drawn wire that begins here: what leaves a call leaves by a port of the node that calls.

    No wire leads from a setting: what it says begins where it goes, at the node's own setting.
    """
    if step.node is not None and step.id.startswith(TOLD):
        return {"node": step.node, "port": step.id.rpartition(".")[2]}
    caller, _, door = step.id.partition("/")
    carried = dict(step.outputs).get(ref.port)
    at_border = carried is not None and step.type in (relay_type(carried), gather_type(carried.item))
    if step.node == caller and door and "/" not in door and at_border:
        return {"node": caller, "port": door}
    return {"node": ref.step, "port": ref.port}


def _title(name: str, filters: Mapping[str, Filter]) -> Words:
    return filters[name].spec.title if name in filters else Words(name, name)


def _cost(name: str, filters: Mapping[str, Filter]) -> float:
    return filters[name].spec.cost if name in filters else 0.0
