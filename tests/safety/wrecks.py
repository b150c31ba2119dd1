"""Wrecks: sound plans, each damaged in one way. `verify` must refuse every one of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from runtime.plan import SHADOW, Binding, GateChain, Plan, Ref, Result, Segment, Step
from runtime.safety.policy import Policy
from tests.safety.surgery import without_gate


@dataclass(frozen=True, eq=False)
class Wreck:
    damage: str
    plan: Plan
    policy: Policy


Damage = Callable[[Plan, Policy, Step], Plan | None]


def wrecks_of(plan: Plan, policy: Policy) -> Iterator[Wreck]:
    """Every damage, done to each gate of the plan in turn where it can be done."""
    for gate in (step for step in plan.steps if step.gate):
        for name, damage in DAMAGES.items():
            damaged = damage(plan, policy, gate)
            if damaged is not None and damaged != plan:
                yield Wreck(name, damaged, policy)
    silent = replace(policy, rules=())
    yield Wreck("the policy says nothing", replace(plan, policy=silent.digest), silent)


def _swap(plan: Plan, old: Step, *new: Step) -> Plan:
    steps = [item for step in plan.steps for item in (new if step.id == old.id else (step,))]
    return replace(plan, steps=tuple(steps))


def _chain(gate: Step) -> GateChain:
    assert gate.gate is not None
    return gate.gate


def _with_chain(plan: Plan, gate: Step, *chain: tuple[str, str, float, tuple[str, ...]]) -> Plan:
    return _swap(plan, gate, gate._replace(gate=GateChain(_chain(gate).rules, tuple(chain))))


def _cut_out(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return without_gate(plan, gate)


def _emptied(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return _with_chain(plan, gate)


def _shortened(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return _with_chain(plan, gate, *_chain(gate).chain[1:])


def _less_sure(plan: Plan, policy: Policy, gate: Step) -> Plan:
    (name, action, threshold, categories), *rest = _chain(gate).chain
    return _with_chain(plan, gate, (name, action, threshold + 0.01, categories), *rest)


def _softened(plan: Plan, policy: Policy, gate: Step) -> Plan | None:
    chain = _chain(gate).chain
    if all(action == "redact" for _, action, _, _ in chain):
        return None
    return _with_chain(plan, gate, *((name, "redact", at, cats) for name, _, at, cats in chain))


def _held_instead(plan: Plan, policy: Policy, gate: Step) -> Plan:
    """People could give back what is held. A plan without a redactor comes back as it is."""
    return _instead(plan, gate, "hold")


def _blocked_instead(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return _instead(plan, gate, "block")


def _instead(plan: Plan, gate: Step, stern: str) -> Plan:
    chain = _chain(gate).chain
    return _with_chain(
        plan,
        gate,
        *((name, stern if action == "redact" else action, at, cats) for name, action, at, cats in chain),
    )


def _narrowed(plan: Plan, policy: Policy, gate: Step) -> Plan:
    chain = _chain(gate).chain
    return _with_chain(plan, gate, *((name, action, at, ("nothing",)) for name, action, at, _ in chain))


def _renamed(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return _swap(plan, gate, gate._replace(gate=GateChain(("another",), _chain(gate).chain)))


def _unlabelling(plan: Plan, policy: Policy, gate: Step) -> Plan:
    """The gate filters as before, and puts no label."""
    rules = tuple(rule for rule in _chain(gate).rules if not rule.startswith("labelling:"))
    return _swap(plan, gate, gate._replace(gate=GateChain(rules, _chain(gate).chain)))


def _fed_by_a_changing_step(plan: Plan, policy: Policy, gate: Step) -> Plan | None:
    """A step that joins texts stands between the gate and what it guards."""
    if str(gate.bindings[0].type) != "text" or gate.bindings[0].collect:
        return None
    steps = []
    for step in plan.steps:
        steps.append(step._replace(bindings=tuple(_led(b, gate.id, Ref("x", "text")) for b in step.bindings)))
        if step.id == gate.id:
            steps.append(_join(gate))
    return _in_first_segment(replace(plan, steps=tuple(steps)), gate, "x")


def _fed_by_another_gate(plan: Plan, policy: Policy, gate: Step) -> Plan:
    """A gate of another rule stands between the gate and what it guards; it may change the bytes."""
    other = gate._replace(
        id="gate:x",
        bindings=(gate.bindings[0]._replace(refs=(Ref(gate.id, "value"),), collect=False),),
        gate=GateChain(("another",), _chain(gate).chain),
    )
    steps = []
    for step in plan.steps:
        steps.append(
            step._replace(bindings=tuple(_led(b, gate.id, Ref("gate:x", "value")) for b in step.bindings))
        )
        if step.id == gate.id:
            steps.append(other)
    return _in_first_segment(replace(plan, steps=tuple(steps)), gate, "gate:x")


def _join(gate: Step) -> Step:
    binding = Binding(
        "texts", replace(gate.bindings[0].type, many=True), (Ref(gate.id, "value"),), collect=True
    )
    return gate._replace(
        id="x",
        type="text.join",
        node="x",
        bindings=(binding,),
        outputs=(("text", gate.bindings[0].type),),
        gate=None,
    )


def _led(binding: Binding, old: str, new: Ref) -> Binding:
    return binding._replace(refs=tuple(new if ref.step == old else ref for ref in binding.refs))


def _in_first_segment(plan: Plan, gate: Step, name: str) -> Plan:
    segments = tuple(replace(s, steps=(*s.steps, name)) if gate.id in s.steps else s for s in plan.segments)
    return replace(plan, segments=segments)


def _of_another_policy(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return replace(plan, policy="0" * 64)


def _twice_there(plan: Plan, policy: Policy, gate: Step) -> Plan:
    """Who looks a step up by its id finds the one or the other."""
    return _swap(plan, gate, gate._replace(gate=GateChain(("another",), ())), gate)


def _half_a_gate(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return _swap(plan, gate, gate._replace(gate=None))


def _a_node_that_calls_itself_a_gate(plan: Plan, policy: Policy, gate: Step) -> Plan:
    first = next(step for step in plan.steps if not step.gate)
    return _swap(plan, first, first._replace(gate=_chain(gate)))


def _of_unknown_type(plan: Plan, policy: Policy, gate: Step) -> Plan:
    """Past the gate, so that nobody knows what is a sink there."""
    guarded = next(s for s in plan.steps if any(ref.step == gate.id for b in s.bindings for ref in b.refs))
    bare = without_gate(plan, gate)
    return _swap(bare, bare.step(guarded.id), bare.step(guarded.id)._replace(type="un.known"))


def _fed_at_a_port_that_is_not_there(plan: Plan, policy: Policy, gate: Step) -> Plan:
    first = next(step for step in plan.steps if not step.gate)
    hidden = Binding("hidden", gate.bindings[0].type, (Ref(gate.id, "value"),))
    last = plan.steps[-1]
    return _swap(plan, last, last._replace(bindings=(*last.bindings, hidden))) if last is not first else plan


def _shadowed(plan: Plan, gate: Step) -> Plan:
    """With a shadow of the gate, in a segment of its own, as a policy on trial adds one."""
    shadow = gate._replace(
        id="shadow:x",
        type=SHADOW,
        outputs=(),
        gate=None,
        shadow=_chain(gate),
        segment=len(plan.segments),
    )
    segment = Segment(shadow.segment, "inline", (shadow.id,), (gate.segment,))
    return replace(plan, steps=(*plan.steps, shadow), segments=(*plan.segments, segment))


def _a_shadow_that_gives(plan: Plan, policy: Policy, gate: Step) -> Plan:
    shadowed = _shadowed(plan, gate)
    shadow = shadowed.steps[-1]
    return _swap(shadowed, shadow, shadow._replace(outputs=gate.outputs))


def _fed_by_a_shadow(plan: Plan, policy: Policy, gate: Step) -> Plan:
    """What the gate guarded is fed by its shadow, in a segment of its own, and the gate is gone."""
    shadow = gate._replace(type=SHADOW, gate=None, outputs=(), shadow=_chain(gate))
    segments = _out_of_its_segment(plan, policy, gate).segments
    alone = Segment(len(segments), "inline", (gate.id,), ())
    return replace(_swap(plan, gate, shadow), segments=(*segments, alone))


def _a_shadow_among_others(plan: Plan, policy: Policy, gate: Step) -> Plan:
    shadowed = _shadowed(plan, gate)
    *others, last = shadowed.segments
    joined = (replace(s, steps=(*s.steps, *last.steps)) if gate.id in s.steps else s for s in others)
    return replace(shadowed, segments=tuple(joined))


def _gate_last(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return replace(plan, steps=(*(step for step in plan.steps if step.id != gate.id), gate))


def _out_of_its_segment(plan: Plan, policy: Policy, gate: Step) -> Plan:
    segments = tuple(replace(s, steps=tuple(n for n in s.steps if n != gate.id)) for s in plan.segments)
    return replace(plan, segments=segments)


def _a_result_from_nowhere(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return replace(plan, results=(*plan.results, _result(plan, Ref("nowhere", "text"))))


def _a_result_from_before_the_gate(plan: Plan, policy: Policy, gate: Step) -> Plan:
    return replace(plan, results=(*plan.results, _result(plan, gate.bindings[0].refs[0])))


def _result(plan: Plan, ref: Ref) -> Result:
    return Result("more", plan.results[0].type, "more", "more", ref.step, ref.port)


def _said_beside(plan: Plan, policy: Policy, gate: Step) -> Plan | None:
    """Words that stood at a port of a step are back in its setting of that name."""
    words = {step.id: step.params["value"] for step in plan.steps if step.id.startswith("told:")}
    words |= {g.id: words[at] for g in plan.steps if g.gate and (at := g.bindings[0].refs[0].step) in words}
    for step in plan.steps:
        for binding in step.bindings if not step.gate else ():
            if (at := binding.refs[0].step) in words:
                rest = tuple(item for item in step.bindings if item != binding)
                return _swap(
                    plan, step, step._replace(bindings=rest, params=step.params | {binding.port: words[at]})
                )
    return None


DAMAGES: Mapping[str, Damage] = {
    "a gate is cut out": _cut_out,
    "a gate filters nothing": _emptied,
    "a gate lacks a filter": _shortened,
    "a gate has a higher threshold": _less_sure,
    "a gate acts more softly": _softened,
    "a gate holds what it should take out": _held_instead,
    "a gate blocks what it should take out": _blocked_instead,
    "a gate knows fewer categories": _narrowed,
    "a gate names another rule": _renamed,
    "a gate puts no label": _unlabelling,
    "a step that changes bytes follows the gate": _fed_by_a_changing_step,
    "another gate follows the gate": _fed_by_another_gate,
    "the plan names another policy": _of_another_policy,
    "an id is there twice": _twice_there,
    "a gate says nothing of its chain": _half_a_gate,
    "a node calls itself a gate": _a_node_that_calls_itself_a_gate,
    "a step is of unknown type": _of_unknown_type,
    "a step is fed where it has no port": _fed_at_a_port_that_is_not_there,
    "a shadow gives something": _a_shadow_that_gives,
    "a step is fed by a shadow": _fed_by_a_shadow,
    "a shadow stands among other steps": _a_shadow_among_others,
    "a gate runs last": _gate_last,
    "no segment runs the gate": _out_of_its_segment,
    "words of a setting go past the gate": _said_beside,
    "a result comes from nowhere": _a_result_from_nowhere,
    "a result is taken before its gate": _a_result_from_before_the_gate,
}
