"""A second oracle for plans: run the plan on canaries and watch what arrives at the sinks.

Every source emits a canary; a gate marks it with its rules and with what its chain stops; whatever changes bytes
wipes the marks. It knows the node types and the policy, and shares no code with the compiler or with verify.
"""

from dataclasses import dataclass

from runtime.nodes.registry import Registry
from runtime.nodes.spec import Input, Param
from runtime.plan import GateChain, Plan, Ref
from runtime.safety.policy import FilterUse, Policy, Rule
from runtime.values import Json

EVERYBODY = frozenset({"author", "user", "upload", "web", "tool", "retrieved", "model"})
LABELLED = ("text", "json", "image", "audio", "video")
ANYTHING = "a category that no rule names"
# What may stand where a rule asks for an action; what is held or blocked, people may give back.
INSTEAD = {"redact": ("redact",), "hold": ("hold", "block"), "block": ("block",)}


@dataclass(frozen=True)
class Canary:
    makers: frozenset[str]
    passed: GateChain | None = None


def escaped(plan: Plan, policy: Policy, registry: Registry) -> list[str]:
    """Each sink at which a canary arrived past a rule that speaks of its makers, or of whom no rule speaks."""
    carried: dict[Ref, list[Canary]] = {}
    authors = frozenset({"author", "retrieved"} if plan.copied else {"author"})
    found: list[str] = []
    for step in plan.steps:
        # Each once: where ways part and meet again and again, those alike double every time.
        arriving = {
            b.port: list(dict.fromkeys(c for ref in b.refs for c in carried.get(ref, [])))
            for b in step.bindings
        }
        if step.gate:
            carried[Ref(step.id, "value")] = [Canary(c.makers, step.gate) for c in arriving["value"]]
            continue
        if step.shadow:
            continue  # it gives nothing
        spec = registry.spec(step.type, step.version)
        assert spec is not None
        found += [f"{step.id} says {name} itself" for name in _said(step.params, spec.params)]
        for port in (item for item in (*spec.inputs, *spec.told) if item.sink):
            # What takes anything takes what its wire brings: the worker turns it into that.
            kind = next((b.type.kind for b in step.bindings if b.port == port.name), port.type.kind)
            kind = kind if port.type.kind == "any" else port.type.kind
            here = [rule for rule in policy.rules if rule.sink is port.sink and kind in rule.media]
            for canary in arriving.get(port.name, []):
                place = f"{step.id}.{port.name}"
                silent = {m for m in canary.makers if not any(m in rule.sources for rule in here)}
                found += [f"{place} takes what {maker} made, and no rule speaks of it" for maker in silent]
                if canary.makers & {"model"} and kind in LABELLED and _unlabelled(policy, port, canary):
                    found.append(f"{place} past its label")
                for rule in here:
                    if canary.makers & set(rule.sources) and not _stopped(rule, canary.passed):
                        found.append(f"{place} past {rule.id}")
        everything = [c for canaries in arriving.values() for c in canaries]
        for output in spec.outputs_for(step.params):
            own = frozenset({output.source.value}) if output.source else frozenset()
            own = authors if "author" in own else own
            if spec.routes:
                carried[Ref(step.id, output.name)] = list(arriving.get("value", []))
            else:
                makers = own.union(*(c.makers for c in everything)) or EVERYBODY
                carried[Ref(step.id, output.name)] = [Canary(makers)]
            if step.fallback and step.fallback.text is None and output.name in step.fallback.values:
                carried[Ref(step.id, output.name)].append(Canary(authors))
        if step.fallback and step.fallback.text is not None:
            carried[Ref(step.id, "error")] = [Canary(authors)]
    return found


def _said(given: dict[str, Json], params: tuple[Param, ...]) -> list[str]:
    """Settings that a model is told or a person sees, with words that were left where no gate can stand."""
    sinks = ("model", "person", "outside", "store")
    words = [p.name for p in params if p.reach in sinks and p.kind in ("text", "multiline", "lines")]
    return [name for name in words if given.get(name)]


def _unlabelled(policy: Policy, port: Input, canary: Canary) -> bool:
    """Whether the policy wants a label on what a model made, and no gate says that it has put one."""
    if policy.labelling.profile == "none" or port.sink not in ("person", "outside"):
        return False
    return canary.passed is None or f"labelling:{port.sink}" not in canary.passed.rules


def _stopped(rule: Rule, gate: GateChain | None) -> bool:
    """Whether what the rule wants stopped, just bad enough for it, would have been stopped by the gate."""
    if not rule.chain:
        return True
    if gate is None or rule.id not in gate.rules:
        return False
    probes = [(use, category) for use in rule.chain for category in use.categories or (ANYTHING,)]
    return all(_recognised(use, category, gate) for use, category in probes)


def _recognised(use: FilterUse, category: str, gate: GateChain) -> bool:
    will_do = INSTEAD[use.action.value]
    return any(
        name == use.filter
        and action in will_do
        and use.threshold >= threshold
        and (not categories or category in categories)
        for name, action, threshold, categories in gate.chain
    )
