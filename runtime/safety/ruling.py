"""Ruling: what a person decided about a value that a gate held, and what is left of the value then.

A ruling is for exactly these bytes, under these rules of this policy: about anything else it says nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, cast

from runtime.ports import Kind, PortType
from runtime.safety.redaction import MARK, take_out
from runtime.values import Data, Json, Value


class Decision(StrEnum):
    """What a reviewer may decide, from mild to strict."""

    ALLOW = "allow"
    REDACT = "redact"
    BLOCK = "block"


_STRICTNESS = {Decision.ALLOW: 0, Decision.REDACT: 1, Decision.BLOCK: 2}


@dataclass(frozen=True, slots=True)
class Cut:
    """What a reviewer takes out: a span of a text (code points), or without one the whole.

    `item` counts from 0 where the value is a list; None where it is not.
    """

    item: int | None = None
    start: int | None = None
    end: int | None = None

    @property
    def whole(self) -> bool:
        return self.start is None

    def to_json(self) -> dict[str, Json]:
        return {"item": self.item, "start": self.start, "end": self.end}

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(data["item"], data["start"], data["end"])


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a filter recognised in a held text, so that a reviewer finds it. As private as the text."""

    item: int | None
    start: int
    end: int
    filter: str
    category: str

    def to_json(self) -> dict[str, Json]:
        return {
            "item": self.item,
            "start": self.start,
            "end": self.end,
            "filter": self.filter,
            "category": self.category,
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(data["item"], data["start"], data["end"], data["filter"], data["category"])


@dataclass(frozen=True, slots=True)
class Held:
    """What a gate kept back, as it would have been delivered: for reviewers' eyes alone."""

    value: Value
    spots: tuple[Spot, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {"value": self.value.to_json(), "spots": [spot.to_json() for spot in self.spots]}

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(Value.from_json(data["value"]), tuple(Spot.from_json(item) for item in data["spots"]))


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about the bytes with this digest, under these rules of the policy with that digest."""

    decision: Decision
    digest: str
    rules: tuple[str, ...]
    policy: str
    cuts: tuple[Cut, ...] = ()

    def concerns(self, digest: str, rules: Iterable[str], policy: str) -> bool:
        return (self.digest, self.rules, self.policy) == (digest, tuple(rules), policy)

    def to_json(self) -> dict[str, Json]:
        return {
            "decision": self.decision.value,
            "digest": self.digest,
            "rules": list(self.rules),
            "policy": self.policy,
            "cuts": [cut.to_json() for cut in self.cuts],
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(
            Decision(data["decision"]),
            data["digest"],
            tuple(data["rules"]),
            data["policy"],
            tuple(Cut.from_json(item) for item in data["cuts"]),
        )


def strictest(opinions: Iterable[tuple[Decision, tuple[Cut, ...]]]) -> tuple[Decision, tuple[Cut, ...]]:
    """Of several opinions the strictest; what anybody wanted taken out is taken out."""
    given = list(opinions)
    decision = max((decision for decision, _ in given), key=lambda item: _STRICTNESS[item])
    cuts = tuple(cut for _, cuts in given for cut in cuts) if decision is Decision.REDACT else ()
    return decision, cuts


def may_cut(value: Value, cuts: Iterable[Cut]) -> bool:
    """Whether every cut names something that is there and can be taken out, and something is left to deliver."""
    given = list(cuts)
    if not given or not all(_fits(value, cut) for cut in given):
        return False
    gone = {cut.item for cut in given if cut.whole}
    return not value.type.many or len(gone) < len(cast(list[Json], value.data))


def _fits(value: Value, cut: Cut) -> bool:
    if value.type.many != (cut.item is not None):
        return False
    data = value.data
    if cut.item is not None:
        items = cast(list[Json], value.data)
        if not 0 <= cut.item < len(items):
            return False
        data = items[cut.item]
    if cut.start is None or cut.end is None:
        # An item can leave its list; a lone value can only be replaced by the mark, and a picture has none.
        return cut.start is cut.end and (value.type.many or value.type.kind in (Kind.TEXT, Kind.JSON))
    return isinstance(data, str) and 0 <= cut.start < cut.end <= len(data)


def cut_out(port_type: PortType, data: Data, cuts: Iterable[Cut]) -> Data:
    """What is left of the data. Give only cuts that `may_cut` has found to fit."""
    given = list(cuts)
    if not port_type.many:
        return _cut_one(data, given)
    items = cast(list[Json], data)
    gone = {cut.item for cut in given if cut.whole}
    return [
        _cut_one(item, [cut for cut in given if cut.item == number])
        for number, item in enumerate(items)
        if number not in gone
    ]


def _cut_one(data: Data, cuts: list[Cut]) -> Data:
    if any(cut.whole for cut in cuts):
        return MARK
    if not isinstance(data, str):
        return data
    return take_out(
        data, [(cut.start, cut.end) for cut in cuts if cut.start is not None and cut.end is not None]
    )
