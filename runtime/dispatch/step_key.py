"""step_key: what decides a step's result, as one hash. The same key, the same result: such a step need not run again.

Keys are Merkle: of what a step takes from another of its segment, that step's key stands for the value, so all keys of
a segment are known before any of it has run. What is not known has no key, nor has anything that hangs on it. Where a step
then gives something else than its key says (its author's words instead of a result), whoever runs the segment lets go of all
keys behind it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from runtime.arithmetic import UNTOLD, Arithmetic
from runtime.dispatch.states import STEP_ENDED, StepState
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Effects, NodeSpec, ParamKind, Resource
from runtime.plan import GATE, Plan, Ref, Step
from runtime.safety.filters import Filter, FilterSpec
from runtime.safety.ruling import Ruling
from runtime.values import Json, Value

FORMAT = 2
# Goes into a key where nothing arrives, because its branch was not taken.
NOTHING = "nothing"
ENDED_WITH_VALUES = (StepState.DONE, StepState.CACHED, StepState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What beside the plan decides results. `model` gives the digest of an installed model, None for any other;
    `arithmetic` is that of the worker which will make them."""

    registry: Registry
    filters: Mapping[str, Filter]
    model: Callable[[str], str | None]
    arithmetic: Arithmetic = UNTOLD


class Known(NamedTuple):
    """What is known when a segment is claimed: of steps that have begun or ended, of people, and of earlier attempts.

    `keys` are those of its own steps that have ended, as they were written down: where one did not give what its key says, there
    is none.
    """

    arguments: Mapping[str, Value] = MappingProxyType({})
    states: Mapping[str, StepState] = MappingProxyType({})
    values: Mapping[Ref, Value] = MappingProxyType({})
    answers: Mapping[str, str] = MappingProxyType({})
    rulings: Mapping[str, Ruling] = MappingProxyType({})
    keys: Mapping[str, str] = MappingProxyType({})


def step_keys(plan: Plan, segment: int, known: Known, around: Surroundings) -> dict[str, str]:
    """The keys (SHA-256, hex) of those steps of the segment that have one.

    Of a step that asks a person what decides is the answer: before it is given, there is no key. What a person ruled about what a
    gate holds is part of that gate's.
    """
    keys: dict[str, str] = {}
    given = _arguments_by_node(plan, known.arguments)
    inside = frozenset(plan.segment(segment).steps)
    for name in plan.segment(segment).steps:
        if known.states.get(name) in STEP_ENDED:
            keys |= {name: known.keys[name]} if known.keys.get(name) else {}
            continue
        step = plan.step(name)
        own = _own(step, plan, around, known)
        arriving = _arriving(step, inside, keys, known)
        if own is not None and arriving is not None:
            body = [FORMAT, own, arriving, given.get(step.node) if step.node else None]
            keys[name] = _hash(body)
    return keys


def is_worth_keeping(step: Step) -> bool:
    """Whether looking its result up is cheaper than making it."""
    return step.gate is not None or step.resource != Resource.INLINE.value


def _own(step: Step, plan: Plan, around: Surroundings, known: Known) -> Json | None:
    """What of the step itself decides its result; None where something else may."""
    if step.shadow is not None:
        return None
    ports = [[port, str(port_type)] for port, port_type in step.outputs]
    if step.gate is not None:
        ruling = known.rulings.get(step.id)
        gate = _gate(step, plan, around)
        return [GATE, gate, ports, ruling.to_json() if ruling else None] if gate is not None else None
    spec = around.registry.spec(step.type, step.version)
    if spec is None or spec.effects is not Effects.PURE:
        return None
    models = _models(step, spec, around)
    if models is None:
        return None
    own = [step.type, step.version, step.params, models, ports, plan.copied]
    if spec.asks is None:
        return own
    return [*own, known.answers[step.id]] if step.id in known.answers else None


def _gate(step: Step, plan: Plan, around: Surroundings) -> Json | None:
    """A gate's answer is that of its filters, and its clearance that of its policy; None where a filter's model is not known."""
    assert step.gate is not None
    uses = [[name, action, threshold, list(cats)] for name, action, threshold, cats in step.gate.chain]
    filters = _with_their_own([name for name, *_ in step.gate.chain], around)
    editions: list[Json] = []
    for name, spec in sorted(filters.items()):
        digest = around.model(spec.model) if spec.model else None
        if spec.model and digest is None:
            return None
        editions.append([name, spec.version, digest])
    return [plan.policy, list(step.gate.rules), uses, editions]


def _with_their_own(names: Iterable[str], around: Surroundings) -> dict[str, FilterSpec]:
    """The filters that are installed, and those that they hand to what they read."""
    found: dict[str, FilterSpec] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in around.filters and name not in found:
            found[name] = around.filters[name].spec
            waiting += found[name].uses
    return found


def _models(step: Step, spec: NodeSpec, around: Surroundings) -> list[Json] | None:
    """The models that the step's settings name, as they are installed, and how they compute; None where one answers from
    elsewhere."""
    found: list[Json] = []
    for param in spec.params:
        if param.kind is not ParamKind.MODEL or not step.params.get(param.name):
            continue
        digest = around.model(str(step.params[param.name]))
        if digest is None:
            return None
        found.append([param.name, digest, *around.arithmetic.of(param.capability)])
    return found


def _arriving(
    step: Step,
    inside: Iterable[str],
    keys: Mapping[str, str],
    known: Known,
) -> list[Json] | None:
    """What stands for each of its inputs; None when one of them stands for nothing that is known yet."""
    found: list[Json] = []
    for binding in step.bindings:
        tokens = []
        for ref in binding.refs:
            token = keys.get(ref.step) if ref.step in inside else _token(ref, known)
            if token is None:
                return None
            tokens.append([ref.port, token])
        found.append([binding.port, str(binding.type), binding.collect, tokens])
    return found


def _token(ref: Ref, known: Known) -> str | None:
    if known.states.get(ref.step) not in ENDED_WITH_VALUES:
        return None
    value = known.values.get(ref)
    return NOTHING if value is None else _hash(value.to_json())


def _arguments_by_node(plan: Plan, arguments: Mapping[str, Value]) -> dict[str, Json]:
    """What the run was started with, by the node that hands it on."""
    found: dict[str, Json] = {}
    for item in plan.arguments:
        if item.name in arguments:
            found.setdefault(item.node, []).append([item.name, _hash(arguments[item.name].to_json())])
    return found


def _hash(body: Json) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
