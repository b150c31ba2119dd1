"""A second oracle for plans: run the plan on canaries and watch what arrives at the sinks.

Every source emits a canary; a gate marks it as passed by its rules; whatever changes bytes wipes the marks. It
knows the node types and the policy, and shares no code with the compiler or with verify.
"""

from dataclasses import dataclass

from runtime.nodes.registry import Registry
from runtime.plan import Plan, Ref
from runtime.safety.policy import Policy


@dataclass(frozen=True)
class Canary:
    makers: frozenset[str]
    passed: frozenset[str]


def escaped(plan: Plan, policy: Policy, registry: Registry) -> list[str]:
    """Each sink at which a canary arrived without a rule that speaks of its makers."""
    carried: dict[Ref, list[Canary]] = {}
    found: list[str] = []
    for step in plan.steps:
        arriving = {b.port: [c for ref in b.refs for c in carried.get(ref, [])] for b in step.bindings}
        if step.gate:
            marks = frozenset(step.gate.rules)
            carried[Ref(step.id, "value")] = [Canary(c.makers, marks) for c in arriving["value"]]
            continue
        spec = registry.spec(step.type, step.version)
        assert spec is not None
        for port in spec.inputs:
            for canary in arriving.get(port.name, []):
                for rule in policy.rules:
                    speaks = (
                        rule.sink is port.sink
                        and port.type.kind in rule.media
                        and canary.makers & set(rule.sources)
                    )
                    if speaks and rule.chain and rule.id not in canary.passed:
                        found.append(f"{step.id}.{port.name} past {rule.id}")
        everything = [c for canaries in arriving.values() for c in canaries]
        for output in spec.outputs_for(step.params):
            own = frozenset({output.source.value}) if output.source else frozenset()
            if spec.routes:
                carried[Ref(step.id, output.name)] = list(arriving.get("value", []))
            else:
                makers = own.union(*(c.makers for c in everything))
                carried[Ref(step.id, output.name)] = [Canary(makers, frozenset())]
    return found
