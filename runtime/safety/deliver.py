"""deliver(): the only way to a sink. It asks for a clearance bound to these very bytes and this policy."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from runtime.labelling.profile import Labelling
from runtime.labelling.text import is_labelled
from runtime.labels import Clearance, Sink, Source
from runtime.safety.policy import Policy, is_labelling
from runtime.values import Value

T = TypeVar("T")


class NotCleared(Exception):
    """A value was about to reach a sink without the clearances that the policy asks for."""


def deliver(value: Value, sink: Sink, policy: Policy, write: Callable[[Value], T]) -> T:
    """Hand `value` to `write` when every rule that concerns it at `sink` has cleared exactly these bytes.

    Knows neither plan nor gates: it trusts the policy and the bytes' own hash. What is written carries the
    clearances that were asked for here, and no others. Raises NotCleared, having written nothing, when a clearance
    is missing or when no rule speaks of such a value.
    """
    kind = value.type.kind
    if policy.gaps(sink, kind, value.sources):
        raise NotCleared(f"no rule of policy {policy.version} speaks of {kind} at {sink}")
    asked = set()
    for rule in policy.rules_for(sink, kind, value.sources):
        clearance = Clearance(value.digest, rule.id, policy.digest)
        asked.add(clearance)
        if clearance not in value.clearances:
            raise NotCleared(f"rule {rule.id} has not cleared this {kind} for {sink}")
        if is_labelling(rule.id) and not _carries_sentence(value, policy.labelling):
            raise NotCleared(f"a model made this {kind}, and its label is not in it")
    return write(replace(value, clearances=frozenset(asked)))


def _carries_sentence(value: Value, labelling: Labelling) -> bool:
    """Whether each text of a model begins with its visible label: that is seen without trusting any gate.

    What pictures carry is looked at where their bytes are read, before their row is written.
    """
    if value.sources and Source.MODEL not in value.sources:
        return True
    items = value.data if value.type.many and isinstance(value.data, list) else [value.data]
    return all(is_labelled(item, labelling) for item in items if isinstance(item, str))
