"""Policy: what must be filtered before it reaches which sink. Plain data, versioned, immutable once used."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, Self

from runtime.labelling.profile import UNLABELLED, Labelling, Profile
from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.values import Json
from runtime.words import Words

FORMAT = 1


class Action(StrEnum):
    """What a gate does about a match, from mild to strict."""

    REDACT = "redact"
    HOLD = "hold"
    BLOCK = "block"


STRICTNESS = {Action.REDACT: 0, Action.HOLD: 1, Action.BLOCK: 2}


@dataclass(frozen=True, slots=True)
class FilterUse:
    """One filter of a chain: matches scoring at or above `threshold` (0..1) in these categories meet `action`.

    No categories means all that the filter knows.
    """

    filter: str
    action: Action
    threshold: float = 0.5
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """For a sink, media and sources: the filters that must pass. An empty chain is an explicit allowance."""

    id: str
    title: Words
    reason: Words
    sink: Sink
    media: tuple[Kind, ...]
    sources: tuple[Source, ...]
    chain: tuple[FilterUse, ...]

    def concerns(self, sink: Sink, kind: Kind, sources: Iterable[Source]) -> bool:
        return self.sink is sink and kind in self.media and not set(self.sources).isdisjoint(sources)


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules under one version. `previews` is what may be shown of a picture before its gate has passed."""

    version: int
    rules: tuple[Rule, ...]
    previews: Literal["none", "blurred"] = "none"
    labelling: Labelling = UNLABELLED
    # Worked out when somebody first asks, and asked for at every look at a gate.
    _digest: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def every_rule(self) -> tuple[Rule, ...]:
        """The rules, and those that the labelling makes."""
        return (*self.rules, *labelling_rules(self.labelling))

    def rules_for(self, sink: Sink, kind: Kind, sources: Iterable[Source]) -> tuple[Rule, ...]:
        """The rules that concern such a value and ask something. A value without labels is treated as having all."""
        known = frozenset(sources) or frozenset(Source)
        asking = (rule for rule in self.every_rule if rule.chain or is_labelling(rule.id))
        return tuple(rule for rule in asking if rule.concerns(sink, kind, known))

    def gaps(self, sink: Sink, kind: Kind, sources: Iterable[Source]) -> list[Source]:
        """The sources about which no rule says anything for this sink and kind: nothing of theirs may pass."""
        known = frozenset(sources) or frozenset(Source)
        return sorted(s for s in known if not any(rule.concerns(sink, kind, (s,)) for rule in self.rules))

    @property
    def digest(self) -> str:
        if self._digest is None:
            object.__setattr__(self, "_digest", digest_of(self.to_json()))
        assert self._digest is not None
        return self._digest

    def to_json(self) -> dict[str, Json]:
        # Without labels nothing is said of them: the digests of policies from before there were any still hold.
        labelled = self.labelling.profile is not Profile.NONE
        return {
            "format": FORMAT,
            "version": self.version,
            "previews": self.previews,
            **({"labelling": self.labelling.to_json()} if labelled else {}),
            "rules": [_rule_to_json(rule) for rule in self.rules],
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        if data.get("format") != FORMAT:
            raise ValueError(f"policy format {data.get('format')!r} is not {FORMAT}")
        rules = tuple(_rule_from_json(item) for item in data["rules"])
        if len({rule.id for rule in rules}) != len(rules):
            raise ValueError("two rules of the policy share an id")
        if any(is_labelling(rule.id) for rule in rules):
            raise ValueError("a rule of the policy has the name of one that its labelling makes")
        labelling = Labelling.from_json(data.get("labelling"))
        return cls(data["version"], rules, data.get("previews", "none"), labelling)


# A colon can stand in no id that an administrator gives.
_LABELLING = "labelling:"
# What a model can have made, and a person can take for somebody's work. Numbers and yes or no carry no label.
_LABELLED = (Kind.TEXT, Kind.JSON, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT)


def is_labelling(rule: str) -> bool:
    """Whether the rule with this id asks for a label, and for no filter."""
    return rule.startswith(_LABELLING)


@cache
def labelling_rules(labelling: Labelling) -> tuple[Rule, ...]:
    """The rules that a profile makes: what a model had a part in leaves with its label, or not at all."""
    if labelling.profile is Profile.NONE:
        return ()
    return tuple(
        Rule(
            f"{_LABELLING}{sink}",
            Words("AI label", "AI 标识"),
            Words("What a model had a part in is labelled here.", "有模型参与生成的内容会在此添加标识。"),
            sink,
            _LABELLED,
            # An upload may be what an earlier run has delivered: only the run itself knows.
            (Source.MODEL, Source.UPLOAD),
            (),
        )
        for sink in (Sink.PERSON, Sink.OUTSIDE)
    )


def merge_chains(rules: Iterable[Rule]) -> tuple[FilterUse, ...]:
    """One chain that satisfies all the rules: each filter once for each action, at its lowest threshold.

    From mild to strict, and in one order whatever that of the rules.
    """
    merged: dict[tuple[str, Action], FilterUse] = {}
    for use in (use for rule in rules for use in rule.chain):
        key = (use.filter, use.action)
        before = merged.get(key)
        merged[key] = use if before is None else _stricter(before, use)
    return tuple(sorted(merged.values(), key=lambda use: (STRICTNESS[use.action], use.filter)))


def _stricter(one: FilterUse, other: FilterUse) -> FilterUse:
    everything = not one.categories or not other.categories
    categories = () if everything else tuple(sorted({*one.categories, *other.categories}))
    return FilterUse(one.filter, one.action, min(one.threshold, other.threshold), categories)


def digest_of(data: Json) -> str:
    """SHA-256 (hex) of a policy as it is written down; what is read from it later must still have it."""
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _rule_to_json(rule: Rule) -> dict[str, Json]:
    return {
        "id": rule.id,
        "title": rule.title.to_json(),
        "reason": rule.reason.to_json(),
        "sink": rule.sink.value,
        "media": [kind.value for kind in rule.media],
        "sources": [source.value for source in rule.sources],
        "chain": [
            {
                "filter": use.filter,
                "action": use.action.value,
                "threshold": use.threshold,
                "categories": list(use.categories),
            }
            for use in rule.chain
        ],
    }


def _rule_from_json(data: dict[str, Json]) -> Rule:
    return Rule(
        id=data["id"],
        title=Words.from_json(data["title"]),
        reason=Words.from_json(data["reason"]),
        sink=Sink(data["sink"]),
        media=tuple(Kind(name) for name in data["media"]),
        sources=tuple(Source(name) for name in data["sources"]) if data.get("sources") else tuple(Source),
        chain=tuple(
            FilterUse(
                item["filter"],
                Action(item["action"]),
                float(item.get("threshold", 0.5)),
                tuple(item.get("categories", ())),
            )
            for item in data["chain"]
        ),
    )


@cache
def default_policy() -> Policy:
    """The policy that an installation starts with, from `default_policy.toml` beside this module."""
    path = Path(__file__).with_name("default_policy.toml")
    return Policy.from_json(tomllib.loads(path.read_text(encoding="utf-8")))
