"""Gate: runs a chain of filters over a value, and says what may pass of it."""

from dataclasses import dataclass, replace

from runtime.engine.inspection import Inspector
from runtime.engine.look import Answers, Look, look_at, take_from
from runtime.engine.look import Hit as Hit
from runtime.events import Event, EventKind
from runtime.labels import Clearance, Source
from runtime.nodes.context import Assets
from runtime.plan import GateChain, Step
from runtime.ports import PortType
from runtime.safety.filters import Match
from runtime.safety.marking import marked
from runtime.safety.policy import STRICTNESS, Action, FilterUse, Policy
from runtime.safety.redaction import Span
from runtime.safety.ruling import Held, Spot
from runtime.values import Data, Value
from runtime.words import Words

_TOLD = {
    Action.REDACT: Words("Taken out: {category}.", "已隐去：{category}。"),
    Action.HOLD: Words("Kept back until a person has looked at it: {category}.", "待人工审核：{category}。"),
    Action.BLOCK: Words("Not let through: {category}.", "未放行：{category}。"),
}
# How often a value is looked at. Twice is usual where something is taken out; a third time, where that brought
# something to light.
MOST_LOOKS = 5


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
    """Run the chain over the data as it came and, where something was taken out, over what will leave.

    Who adds a redactor so takes nothing from a judge. Raises OperationalError `gate_unavailable` when a filter cannot
    give a sound answer, UserError `too_many_texts` for a list or structure of more texts than are read.
    """
    asked = uses(chain)
    answers = Answers(port_type.kind, inspector)
    found = Look()
    for number in range(MOST_LOOKS):
        seen = look_at(port_type, data, asked, answers, again=number > 0)
        found.add(seen)
        data, taken = take_from(data, seen.cuts)
        found.move(taken)
        if not taken:
            break
    else:
        # Something is found anew in what is left each time: it cannot be taken out.
        found.hits += [Hit(hit.filter, Action.BLOCK, _nowhere(hit.match)) for hit in seen.hits]
    hits = tuple(dict.fromkeys(found.hits))
    return Verdict(data, hits, tuple(found.spans), min(found.opened, default=None))


def _nowhere(match: Match) -> Match:
    return replace(match, start=None, end=None)


def uses(chain: GateChain) -> list[FilterUse]:
    """The chain's filters, from mild to strict."""
    found = [
        FilterUse(name, Action(action), threshold, cats) for name, action, threshold, cats in chain.chain
    ]
    return sorted(found, key=lambda use: STRICTNESS[use.action])


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
    return Held(Value(port_type, verdict.data, sources), tuple(dict.fromkeys(spots)))


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
