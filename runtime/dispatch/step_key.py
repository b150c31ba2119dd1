"""step_key: what decides a step's result, as one hash. The same key, the same result: such a step need not run again.

Keys are Merkle: of what a step takes from another of its segment, that step's key stands for the value, so all keys of
a segment are known before any of it has run. What is not known has no key, nor has anything that hangs on it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from runtime.arithmetic import UNTOLD, Arithmetic
from runtime.dispatch.states import StepState
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Effects, NodeSpec, ParamKind, Resource
from runtime.plan import GATE, Plan, Ref, Step
from runtime.safety.filters import Filter
from runtime.values import Json, Value

FORMAT = 1
# Goes into a key where nothing arrives, because its branch was not taken.
NOTHING = "nothing"
NO_ANSWERS: Mapping[str, str] = MappingProxyType({})
ENDED_WITH_VALUES = (StepState.DONE, StepState.CACHED, StepState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What beside the plan decides results. `model` gives the digest of an installed model, None for any other;
    `arithmetic` is that of the worker which will make them."""

    registry: Registry
    filters: Mapping[str, Filter]
    model: Callable[[str], str | None]
    arithmetic: Arithmetic = UNTOLD


def step_keys(
    plan: Plan,
    segment: int,
    arguments: Mapping[str, Value],
    states: Mapping[str, StepState],
    values: Mapping[Ref, Value],
    around: Surroundings,
    answers: Mapping[str, str] = NO_ANSWERS,
) -> dict[str, str]:
    """The keys (SHA-256, hex) of those steps of the segment that have one. `states` and `values` are those of others.

    Of a step that asks a person what decides is the answer: before it is given, there is no key.
    """
    keys: dict[str, str] = {}
    given = _arguments_by_node(plan, arguments)
    inside = frozenset(plan.segment(segment).steps)
    for name in plan.segment(segment).steps:
        step = plan.step(name)
        own = _own(step, plan, around, answers)
        arriving = _arriving(step, inside, keys, states, values)
        if own is not None and arriving is not None:
            body = [FORMAT, own, arriving, given.get(step.node) if step.node else None]
            keys[name] = _hash(body)
    return keys


def is_worth_keeping(step: Step) -> bool:
    """Whether looking its result up is cheaper than making it."""
    return step.gate is not None or step.resource != Resource.INLINE.value


def _own(step: Step, plan: Plan, around: Surroundings, answers: Mapping[str, str]) -> Json | None:
    """What of the step itself decides its result; None where something else may."""
    if step.shadow is not None:
        return None
    ports = [[port, str(port_type)] for port, port_type in step.outputs]
    if step.gate is not None:
        return [GATE, _gate(step, plan, around), ports]
    spec = around.registry.spec(step.type, step.version)
    if spec is None or spec.effects is not Effects.PURE:
        return None
    models = _models(step, spec, around)
    if models is None:
        return None
    own = [step.type, step.version, step.params, models, ports, plan.copied]
    if spec.asks is None:
        return own
    return [*own, answers[step.id]] if step.id in answers else None


def _gate(step: Step, plan: Plan, around: Surroundings) -> Json:
    """A gate's answer is that of its filters, and its clearance that of its policy."""
    assert step.gate is not None
    uses = [[name, action, threshold, list(cats)] for name, action, threshold, cats in step.gate.chain]
    versions = sorted(
        (name, around.filters[name].spec.version) for name, *_ in step.gate.chain if name in around.filters
    )
    return [plan.policy, list(step.gate.rules), uses, versions]


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
    states: Mapping[str, StepState],
    values: Mapping[Ref, Value],
) -> list[Json] | None:
    """What stands for each of its inputs; None when one of them stands for nothing that is known yet."""
    found: list[Json] = []
    for binding in step.bindings:
        tokens = []
        for ref in binding.refs:
            token = keys.get(ref.step) if ref.step in inside else _token(ref, states, values)
            if token is None:
                return None
            tokens.append([ref.port, token])
        found.append([binding.port, str(binding.type), binding.collect, tokens])
    return found


def _token(ref: Ref, states: Mapping[str, StepState], values: Mapping[Ref, Value]) -> str | None:
    if states.get(ref.step) not in ENDED_WITH_VALUES:
        return None
    value = values.get(ref)
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
