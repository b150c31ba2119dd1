"""insert_gates: a gate before every port at which bytes leave the graph or steer a model, as the policy asks.

A gate stands at the sink's edge, after all routing, so that nothing can come between it and the sink; ports that
are fed by the same outputs under the same rules, and take them alike, share one gate.
"""

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from operator import is_not

from runtime.graph.model import Issue
from runtime.labels import Sink, Source
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec, Resource
from runtime.plan import ERROR_PORT, GATE, Binding, GateChain, Ref, Step
from runtime.ports import KIND_WORDS, Kind, PortType
from runtime.safety.policy import Policy, Rule, merge_chains
from runtime.words import Words

GATE_TIME_LIMIT = 60.0
ANYBODY = frozenset(Source)
AUTHORS = frozenset({Source.AUTHOR})
COPIED = frozenset({Source.AUTHOR, Source.RETRIEVED})
Labels = Mapping[Ref, frozenset[Source]]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a policy asks about a value: of whose bytes it says nothing, and which rules its gate has to enforce.

    `chain` is None where no rule asks anything.
    """

    silent: Sequence[Source]
    title: Words
    chain: GateChain | None


def insert_gates(
    steps: Sequence[Step], policy: Policy, registry: Registry, copied: bool = False
) -> tuple[tuple[Step, ...], list[Issue]]:
    """The steps with gates among them, each just before the first step that it guards.

    In a drawing that was `copied` from elsewhere, the author's words may be a stranger's.
    """
    specs = {step.id: _spec(step, registry) for step in steps}
    labels = label(steps, specs, COPIED if copied else AUTHORS)

    # In a thousand nodes values are of a few kinds and makers only.
    @cache
    def demand(sink: Sink, kind: Kind, sources: frozenset[Source]) -> Demand:
        return _demand(policy.gaps(sink, kind, sources), policy.rules_for(sink, kind, sources))

    gated: list[Step] = []
    gates: dict[tuple[tuple[Ref, ...], tuple[str, ...], PortType, bool], Step] = {}
    taken: set[str] = set()
    issues: list[Issue] = []
    for step in steps:
        bindings = []
        for binding in step.bindings:
            sink = _sink(specs[step.id], binding.port)
            if sink is None:
                bindings.append(binding)
                continue
            asked = demand(sink, binding.type.kind, _makers(binding, labels))
            issues.extend(_gap(step, binding, asked.silent))
            if asked.chain is None:
                bindings.append(binding)
                continue
            key = (binding.refs, asked.chain.rules, binding.type, binding.collect)
            gate = gates.get(key)
            if gate is None:
                gate = gates[key] = _gate(binding, asked.title, asked.chain, taken)
                taken.add(gate.id)
                gated.append(gate)
            bindings.append(Binding(binding.port, binding.type, (Ref(gate.id, "value"),), collect=False))
        is_guarded = any(map(is_not, bindings, step.bindings))
        gated.append(step._replace(bindings=tuple(bindings)) if is_guarded else step)
    return tuple(gated), issues


def _demand(silent: Sequence[Source], rules: Sequence[Rule]) -> Demand:
    if not rules:
        return Demand(silent, Words("", ""), None)
    chain = tuple(
        (use.filter, use.action.value, use.threshold, use.categories) for use in merge_chains(rules)
    )
    return Demand(silent, rules[0].title, GateChain(tuple(rule.id for rule in rules), chain))


def _makers(binding: Binding, labels: Labels) -> frozenset[Source]:
    if len(binding.refs) == 1:
        return labels[binding.refs[0]]
    return frozenset().union(*(labels[ref] for ref in binding.refs))


def label(steps: Sequence[Step], specs: Mapping[str, NodeSpec], authors: frozenset[Source]) -> Labels:
    """For each output: everybody whose bytes may be in it; where nobody is known, it may be anybody's.

    `authors` are those who may have written what stands in the drawing.

    That is said at once, not left empty: joined with a known source, an empty set would be forgotten.
    """
    found: dict[Ref, frozenset[Source]] = {}
    for step in steps:
        reached = frozenset().union(*(found[ref] for binding in step.bindings for ref in binding.refs))
        sources = {port.name: port.source for port in specs[step.id].outputs_for(step.params)}
        for name, _ in step.outputs:
            own = sources.get(name)
            makers = (reached | (authors if own is Source.AUTHOR else {own}) if own else reached) or ANYBODY
            found[Ref(step.id, name)] = _or_else(step, name, makers, authors)
    return found


def _or_else(
    step: Step, port: str, makers: frozenset[Source], authors: frozenset[Source]
) -> frozenset[Source]:
    """With whoever wrote what stands there when the step fails: the author, and nobody else at `error`."""
    if step.fallback is None:
        return makers
    return authors if port == ERROR_PORT else makers | authors


def _spec(step: Step, registry: Registry) -> NodeSpec:
    spec = registry.spec(step.type, step.version)
    assert spec is not None, f"{step.type} left the registry while compiling"
    return spec


def _sink(spec: NodeSpec, port: str) -> Sink | None:
    for item in spec.inputs:
        if item.name == port:
            return item.sink
    for item in spec.told:
        if item.name == port:
            return item.sink
    return None


def _gate(binding: Binding, title: Words, chain: GateChain, taken: Set[str]) -> Step:
    return Step(
        id=_gate_id(binding, chain.rules, taken),
        type=GATE,
        version=1,
        title=title,
        node=None,
        params={},
        bindings=(Binding("value", binding.type, binding.refs, binding.collect),),
        outputs=(("value", binding.type),),
        resource=Resource.INLINE.value,
        time_limit=GATE_TIME_LIMIT,
        gate=chain,
    )


def _gate_id(binding: Binding, rules: tuple[str, ...], taken: Set[str]) -> str:
    """A colon can stand in no node id of a graph, so nobody can draw a gate.

    Who chooses the names of nodes soon finds two gates whose hashes begin alike, and ports that take the same
    differently differ in nothing else: then the whole of it is hashed, and more of the hash is the name.
    """
    first = binding.refs[0]
    name = f"gate:{first.step}.{first.port}:{_hash((binding.refs, rules))[:8]}"
    if name not in taken:
        return name
    return f"{name[:-8]}{_hash((binding.refs, rules, str(binding.type), binding.collect))[:32]}"


def _hash(named: object) -> str:
    return hashlib.sha256(repr(named).encode()).hexdigest()


def _gap(step: Step, binding: Binding, sources: Sequence[Source]) -> list[Issue]:
    if not sources:
        return []
    return [
        Issue(
            "policy_gap",
            Words(
                "The policy does not say whether {kind} may pass to {title}.",
                "策略未说明{kind}能否进入“{title}”。",
            ).fill(kind=KIND_WORDS[binding.type.kind], title=step.title),
            Words("Ask an administrator to add a rule for it.", "请管理员为此添加规则。"),
            node=step.node,
            port=binding.port,
        )
    ]
