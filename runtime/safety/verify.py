"""verify: a second opinion on a plan, by a program that shares nothing with the one that inserted the gates.

It believes the registry and the policy, and of the plan only what it can check itself.
"""

from collections.abc import Iterator, Mapping

from runtime.labelling.profile import Profile
from runtime.labels import Sink, Source
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Effects, NodeSpec, ParamKind
from runtime.plan import ERROR_PORT, GATE, SHADOW, Fallback, Plan, Ref, Step
from runtime.ports import Kind
from runtime.safety.policy import Action, Policy, Rule
from runtime.words import Words

_EVERYBODY = frozenset(Source)
# What an earlier run has delivered comes in again as an upload.
_MAYBE_MODEL = {Source.MODEL, Source.UPLOAD}
# What a gate may do where a rule asks for an action. A person may give back what is held or blocked: for what is taken
# out, neither will do.
_INSTEAD = {
    Action.REDACT: {"redact"},
    Action.HOLD: {"hold", "block"},
    Action.BLOCK: {"block"},
}
# What of a setting can hold words, whatever its kind says.
_WORDY = (str, list, dict)


def verify(plan: Plan, policy: Policy, registry: Registry) -> tuple[str, ...]:
    """Every way in which the plan would let bytes past the policy; empty when there is none."""
    if plan.policy != policy.digest:
        return ("the plan was made under another policy",)
    steps = {step.id: step for step in plan.steps}
    malformed = tuple(_malformed(plan, steps, registry))
    if malformed:
        return malformed
    specs = {s.id: found for s in plan.steps if (found := registry.spec(s.type, s.version))}
    return (*_leaks(plan, steps, specs, policy), *_strays(plan, specs))


def _malformed(plan: Plan, steps: Mapping[str, Step], registry: Registry) -> Iterator[str]:
    """Steps that are not what the registry knows, or refer to what does not run before them."""
    if len(steps) != len(plan.steps):
        yield "two steps share an id"
    earlier: set[str] = set()
    for step in plan.steps:
        if (step.type == GATE) != (step.gate is not None):
            yield f"{step.id} is half a gate"
        if (step.type == SHADOW) != (step.shadow is not None) or (step.shadow and step.outputs):
            yield f"{step.id} is no shadow, which looks and gives nothing"
        if step.retry is not None and not _may_repeat(step, registry):
            yield f"{step.id} would be tried again, which it must not"
        ports = _ports(step, registry)
        if ports is None:
            yield f"{step.id} is of unknown type {step.type} version {step.version}"
            continue
        for binding in step.bindings:
            if binding.port not in ports:
                yield f"{step.id} has no port {binding.port}"
            if any(ref.step in steps and steps[ref.step].type == SHADOW for ref in binding.refs):
                yield f"{step.id}.{binding.port} is fed by a shadow, which has cleared nothing"
            if any(ref.step not in earlier for ref in binding.refs) or not binding.refs:
                yield f"{step.id}.{binding.port} is fed by nothing that runs before it"
        earlier.add(step.id)


def _may_repeat(step: Step, registry: Registry) -> bool:
    """Whether trying it again does no harm. A gate that failed has withheld, and asks nobody again by itself."""
    spec = registry.spec(step.type, step.version)
    return step.type not in (GATE, SHADOW) and spec is not None and spec.effects is not Effects.UNSAFE


def _ports(step: Step, registry: Registry) -> set[str] | None:
    if step.type in (GATE, SHADOW):
        return {"value"}
    spec = registry.spec(step.type, step.version)
    return {port.name for port in (*spec.inputs_for(step.params), *spec.told)} if spec else None


def _kept_words(step: Step, spec: NodeSpec) -> Iterator[str]:
    """Settings with words that go to a sink, and are still with the step: no gate has seen them."""
    for param in spec.params:
        value = step.params.get(param.name)
        if isinstance(value, _WORDY) and value and param.kind is not ParamKind.CHOICE and param.reach.sink:
            yield param.name


def _leaks(
    plan: Plan, steps: Mapping[str, Step], specs: Mapping[str, NodeSpec], policy: Policy
) -> Iterator[str]:
    makers, failing, authors = _makers(plan, specs), _failing(plan, specs), _authors(plan)
    for step in plan.steps:
        if step.id not in specs:
            continue
        for name in _kept_words(step, specs[step.id]):
            yield f"{step.id} brings the words of its setting {name} past every gate"
        for port in (*specs[step.id].inputs, *specs[step.id].told):
            binding = step.binding(port.name)
            if port.sink is None or binding is None:
                continue
            for ref in binding.refs:
                made = _made_at(ref, failing, makers, authors)
                # A worker makes of the value what the binding says, before it stands at a port that takes anything.
                arriving = binding.type if port.type.kind is Kind.ANY else port.type
                for rule in _demands(policy, port.sink, arriving.kind, made):
                    if rule is None:
                        yield f"no rule speaks of {arriving} at {step.id}.{port.name}"
                    elif not _guarded(ref, rule, steps, specs):
                        yield f"{step.id}.{port.name} can be reached from {ref.step} past rule {rule.id}"


def _makers(plan: Plan, specs: Mapping[str, NodeSpec]) -> dict[str, frozenset[Source]]:
    """For each step everybody whose bytes may be in what it gives, whatever gates lie between."""
    found: dict[str, frozenset[Source]] = {}
    failing, authors = _failing(plan, specs), _authors(plan)
    for step in plan.steps:
        made = {port.source for port in specs[step.id].outputs if port.source} if step.id in specs else set()
        if Source.AUTHOR in made:
            made |= authors
        for binding in step.bindings:
            for ref in binding.refs:
                made |= _made_at(ref, failing, found, authors)
        # What it gives in place of what it failed to make is its author's.
        found[step.id] = (frozenset(made) or _EVERYBODY) | (authors if step.fallback else set())
    return found


def _authors(plan: Plan) -> frozenset[Source]:
    """Who wrote what stands in the drawing: of a copied one, people elsewhere, which the plan says and signs."""
    return frozenset({Source.AUTHOR, Source.RETRIEVED} if plan.copied else {Source.AUTHOR})


def _made_at(
    ref: Ref,
    failing: Mapping[str, Fallback],
    makers: Mapping[str, frozenset[Source]],
    authors: frozenset[Source],
) -> frozenset[Source]:
    """Everybody whose bytes may stand at an output; by the way of a failure go its author's words alone."""
    fallback = failing.get(ref.step)
    if fallback is not None and fallback.text is not None and ref.port == ERROR_PORT:
        return authors
    return makers[ref.step]


def _failing(plan: Plan, specs: Mapping[str, NodeSpec]) -> dict[str, Fallback]:
    """The steps that go on after a failure, but for those with an output of their own where that is told."""
    return {
        step.id: step.fallback
        for step in plan.steps
        if step.fallback
        and step.id in specs
        and ERROR_PORT not in {p.name for p in specs[step.id].outputs_for(step.params)}
    }


def _demands(policy: Policy, sink: Sink, kind: object, makers: frozenset[Source]) -> Iterator[Rule | None]:
    """The rules that such a value must have met, for their chain or for its label; None where no rule speaks."""
    for source in makers:
        spoken = [r for r in policy.rules if r.sink is sink and kind in r.media and source in r.sources]
        if not spoken:
            yield None
        yield from (rule for rule in spoken if rule.chain)
    shown = sink in (Sink.PERSON, Sink.OUTSIDE) and kind not in (Kind.NUMBER, Kind.BOOLEAN, Kind.MODEL)
    if shown and policy.labelling.profile is not Profile.NONE and makers & _MAYBE_MODEL:
        yield Rule(f"labelling:{sink}", Words("", ""), Words("", ""), sink, (), (), ())


def _guarded(ref: Ref, rule: Rule, steps: Mapping[str, Step], specs: Mapping[str, NodeSpec]) -> bool:
    """Whether every way back from `ref`, over nodes that only route, meets a gate that enforces `rule`."""
    waiting, seen = [ref.step], {ref.step}
    while waiting:
        step = steps[waiting.pop()]
        if _enforces(step, rule):
            continue
        # Another gate does not do: it may redact, and then these are no longer the bytes that were cleared.
        # Nor does a step that may give words of its own in place of what it was to hand on.
        if step.type == GATE or not specs[step.id].routes or not step.bindings or step.fallback:
            return False
        for source in {item.step for binding in step.bindings for item in binding.refs} - seen:
            seen.add(source)
            waiting.append(source)
    return True


def _enforces(step: Step, rule: Rule) -> bool:
    """A gate that names the rule, with each of its filters at least as strict as the rule has it."""
    if step.gate is None or rule.id not in step.gate.rules:
        return False
    return all(
        any(
            name == use.filter
            and action in _INSTEAD[use.action]
            and threshold <= use.threshold
            and (not categories or (use.categories and set(use.categories) <= set(categories)))
            for name, action, threshold, categories in step.gate.chain
        )
        for use in rule.chain
    )


def _strays(plan: Plan, specs: Mapping[str, NodeSpec]) -> Iterator[str]:
    """Results and segments must be those of the steps: nothing promised, or run, beside the checked graph."""
    known = {step.id for step in plan.steps}
    listed = [name for item in plan.segments for name in item.steps]
    if sorted(listed) != sorted(known):
        yield "the segments do not hold each step once"
    shown = {
        (step, port.name)
        for step, spec in specs.items()
        if spec.asks is None  # what it shows is for who may answer, and for nobody else
        for port in spec.inputs
        if port.sink is Sink.PERSON
    }
    shadows = {step.id for step in plan.steps if step.type == SHADOW}
    for item in plan.segments:
        # A shadow may crash its worker; what stood beside it would go down with it.
        if not shadows.isdisjoint(item.steps) and not shadows.issuperset(item.steps):
            yield f"segment {item.index} mixes shadows with what a run waits for"
    for result in plan.results:
        if result.step not in known:
            yield f"the result {result.name} comes from no step"
        elif (result.step, result.port) not in shown:
            yield f"the result {result.name} is not what a person sees at {result.step}.{result.port}"
