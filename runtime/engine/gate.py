"""Gate: runs a chain of filters over a value, and says what may pass of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

from runtime.engine.inspection import Inspector
from runtime.events import Event, EventKind
from runtime.labels import Clearance, Source
from runtime.nodes.context import Assets
from runtime.plan import GateChain, Step
from runtime.ports import Kind, PortType
from runtime.safety.filters import Match
from runtime.safety.marking import marked
from runtime.safety.policy import STRICTNESS, Action, FilterUse, Policy
from runtime.safety.redaction import Span, take_out
from runtime.safety.ruling import Held, Spot
from runtime.values import Data, Json, Value
from runtime.words import Words

_TOLD = {
    Action.REDACT: Words("Taken out: {category}.", "已隐去：{category}。"),
    Action.HOLD: Words("Kept back until a person has looked at it: {category}.", "待人工审核：{category}。"),
    Action.BLOCK: Words("Not let through: {category}.", "未放行：{category}。"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A match that met an action of the chain; `item` is its place in a list."""

    filter: str
    action: Action
    match: Match
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a chain says of one value: the data with what was redacted taken out, and everything it recognised.

    `spans` are the places in `data` (text only) where a judging filter recognised something, at any score.
    From `settled` on more text may change what any filter of the chain says; None when nothing is open.
    """

    data: Data
    hits: tuple[Hit, ...] = ()
    spans: tuple[Span, ...] = ()
    settled: int | None = None

    @property
    def passes(self) -> bool:
        return all(hit.action is Action.REDACT for hit in self.hits)

    @property
    def blocks(self) -> bool:
        return any(hit.action is Action.BLOCK for hit in self.hits)


def judge(port_type: PortType, data: Data, chain: GateChain, inspector: Inspector) -> Verdict:
    """Run the chain over the data; a list is judged item by item, and passes when all its items do.

    Raises OperationalError `gate_unavailable` when a filter cannot give a sound answer.
    """
    if not port_type.many:
        return _judge_one(port_type.kind, data, chain, inspector)
    verdicts = [_judge_one(port_type.kind, item, chain, inspector) for item in cast(list[Json], data)]
    hits = tuple(replace(hit, item=n) for n, verdict in enumerate(verdicts) for hit in verdict.hits)
    return Verdict([verdict.data for verdict in verdicts], hits)


def _judge_one(kind: Kind, data: Data, chain: GateChain, inspector: Inspector) -> Verdict:
    seen: Data = data
    if kind is Kind.JSON and not isinstance(data, str):
        seen = json.dumps(data, ensure_ascii=False)
    hits: list[Hit] = []
    spans: list[Span] = []
    opened: list[int] = []
    asked = uses(chain)
    for use in asked:
        inspector.check()
        answer = inspector.inspect(use.filter, kind, seen)
        opened += [match.start for match in answer if match.open and match.start is not None]
        matches = [match for match in answer if not match.open]
        met = [match for match in matches if meets(match, use)]
        if use.action is Action.REDACT and isinstance(data, str):
            hits += [Hit(use.filter, _sternest(match, use, asked), match) for match in met]
            hits = [hit if hit.action is Action.REDACT else _shifted(hit, data, met) for hit in hits]
            opened = [_moved(place, data, met) for place in opened]
            seen = data = redact(data, met)
        else:
            # What has no text of its own to edit (a picture, a structure) cannot be redacted: it stays behind.
            action = Action.BLOCK if use.action is Action.REDACT else use.action
            hits += [Hit(use.filter, action, match) for match in met]
            spans += [(m.start, m.end) for m in matches if m.start is not None and m.end is not None]
    return Verdict(data, tuple(hits), tuple(spans), min(opened, default=None))


def _sternest(match: Match, use: FilterUse, asked: Iterable[FilterUse]) -> Action:
    """What becomes of a match of a redactor: a stricter use of the same filter would never see it again."""
    met = (item.action for item in asked if item.filter == use.filter and meets(match, item))
    return max(met, key=STRICTNESS.__getitem__)


def _shifted(hit: Hit, text: str, matches: Iterable[Match]) -> Hit:
    """The hit at its place in the text once the matches are taken out."""
    start, end = hit.match.start, hit.match.end
    if start is None or end is None:
        return hit
    matches = tuple(matches)
    place = replace(hit.match, start=_moved(start, text, matches), end=_moved(end, text, matches))
    return replace(hit, match=place)


def _moved(place: int, text: str, matches: Iterable[Match]) -> int:
    """Where a place of the text lies once the matches are taken out; from inside a match, where that begins."""
    spans = sorted((_span(match, len(text)) for match in matches), reverse=True)
    for start, end in spans:
        if start < place < end:
            place = start
    return len(take_out(text[:place], (span for span in spans if span[1] <= place)))


def uses(chain: GateChain) -> list[FilterUse]:
    """The chain's filters, redactors first, so that what is judged is what would be delivered."""
    found = [
        FilterUse(name, Action(action), threshold, cats) for name, action, threshold, cats in chain.chain
    ]
    return sorted(found, key=lambda use: STRICTNESS[use.action])


def redact(text: str, matches: Iterable[Match]) -> str:
    """The text with every matched span replaced by the mark; a match without a span takes the whole text."""
    return take_out(text, (_span(match, len(text)) for match in matches))


def _span(match: Match, length: int) -> Span:
    return (match.start, match.end) if match.start is not None and match.end is not None else (0, length)


def meets(match: Match, use: FilterUse) -> bool:
    """Whether the policy acts on this match: its score and its category are those that the use names."""
    return match.score >= use.threshold and (not use.categories or match.category in use.categories)


def cleared(
    port_type: PortType,
    data: Data,
    sources: frozenset[Source],
    chain: GateChain,
    policy: Policy,
    assets: Assets | None = None,
) -> Value:
    """The value that leaves a gate: labelled where the policy asks for it, and cleared by each of the gate's rules.

    Nothing else gives clearances, so nothing has the one of a labelling rule without its label. Without `assets`
    no picture can be labelled. Raises OperationalError `label_impossible`.
    """
    value = Value(port_type, marked(port_type, data, sources, chain, policy, assets), sources)
    clearances = frozenset(Clearance(value.digest, rule, policy.digest) for rule in chain.rules)
    return replace(value, clearances=clearances)


def held(port_type: PortType, verdict: Verdict, sources: frozenset[Source]) -> Held:
    """What a reviewer is shown of a value that did not pass: as it would have been delivered, with the places."""
    spots = tuple(
        Spot(hit.item, hit.match.start, hit.match.end, hit.filter, hit.match.category)
        for hit in verdict.hits
        if hit.action is not Action.REDACT and hit.match.start is not None and hit.match.end is not None
    )
    return Held(Value(port_type, verdict.data, sources), spots)


def findings(gate: Step, verdict: Verdict, policy: Policy, inspector: Inspector) -> list[Event]:
    """One event for each filter, action and category that was met; never anything of the material."""
    best: dict[tuple[str, Action, str], float] = {}
    for hit in verdict.hits:
        key = (hit.filter, hit.action, hit.match.category)
        best[key] = max(best.get(key, 0.0), float(hit.match.score))
    return [
        _finding(gate, key, score, policy, inspector)
        for key, score in sorted(best.items(), key=lambda item: -STRICTNESS[item[0][1]])
    ]


def _finding(
    gate: Step, key: tuple[str, Action, str], score: float, policy: Policy, inspector: Inspector
) -> Event:
    name, action, category = key
    assert gate.gate is not None
    title = inspector.filters[name].spec.category_title(category)
    return Event(
        EventKind.GATE_FINDING,
        {
            "step": gate.id,
            "rule": _rule_behind(gate.gate, name, policy),
            "action": action.value,
            "filter": name,
            "category": category,
            "score": round(score, 4),
            "message": _TOLD[action].fill(category=title).to_json(),
        },
    )


def _rule_behind(chain: GateChain, filter_name: str, policy: Policy) -> str:
    """The first rule of the gate that asks for this filter."""
    asking = [
        r.id for r in policy.rules if r.id in chain.rules and filter_name in {u.filter for u in r.chain}
    ]
    return asking[0] if asking else chain.rules[0]
