"""Bindings: what each input of a step receives, or why it receives nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, cast

from runtime.dispatch.states import StepState
from runtime.plan import Binding, Ref
from runtime.ports import Kind, PortType
from runtime.values import Data, Json, Value, convert


class Missing(StrEnum):
    """Why an input stays empty: its branch was not taken, a gate keeps it back, or a person has yet to decide."""

    PRUNED = "pruned"
    WITHHELD = "withheld"
    WAITING = "waiting"


Arrival: TypeAlias = Value | Missing


@dataclass(slots=True)
class Board:
    """What is known while a segment runs: the state of each step, and what finished steps gave."""

    states: dict[str, StepState] = field(default_factory=dict)
    values: dict[Ref, Value] = field(default_factory=dict)

    def at(self, ref: Ref) -> Arrival:
        """What stands at an output port. RuntimeError when its step has not ended: the plan's order is broken."""
        state = self.states.get(ref.step, StepState.PENDING)
        if state is StepState.WITHHELD:
            return Missing.WITHHELD
        if state in (StepState.DONE, StepState.CACHED):
            # A router leaves the ports out that it did not choose.
            return self.values.get(ref, Missing.PRUNED)
        if state is StepState.SKIPPED:
            return Missing.PRUNED
        if state is StepState.WAITING:
            return Missing.WAITING
        raise RuntimeError(f"{ref.step} is {state}, and a later step asks for what it gave")


def resolve(binding: Binding, board: Board) -> Arrival:
    """What the input receives, as its port takes it.

    Of alternatives the one that arrived; to collect, all that arrived in their order. What a gate keeps back
    keeps the whole input back, and what a person has yet to decide about keeps it waiting.
    """
    arrivals = [board.at(ref) for ref in binding.refs]
    for reason in (Missing.WITHHELD, Missing.WAITING):
        if reason in arrivals:
            return reason
    values = [item for item in arrivals if isinstance(item, Value)]
    if not values:
        return Missing.PRUNED
    if binding.collect:
        return _collect(values, binding.type)
    return enter(values[0], binding.type)


def enter(value: Value, target: PortType) -> Value:
    """The value as a port of type `target` takes it; clearances stay with the bytes that they were given for."""
    kind = value.type.kind if target.kind is Kind.ANY else target.kind
    wraps = target.many and not value.type.many
    entered = PortType(kind, many=target.many or value.type.many)
    if entered == value.type:
        return value
    data = convert(value.data, value.type, target)
    return _relabelled(entered, [data] if wraps else data, (value,))


def _collect(values: Sequence[Value], target: PortType) -> Value:
    items: list[Data] = []
    for value in values:
        data = convert(value.data, value.type, target)
        items.extend(cast(list[Json], data) if value.type.many else [data])
    kind = values[0].type.kind if target.kind is Kind.ANY else target.kind
    return _relabelled(PortType(kind, many=True), items, values)


def _relabelled(port_type: PortType, data: Data, origins: Sequence[Value]) -> Value:
    made = Value(port_type, data, frozenset().union(*(value.sources for value in origins)))
    kept = {c for value in origins for c in value.clearances if c.digest == made.digest}
    return Value(port_type, data, made.sources, frozenset(kept))
