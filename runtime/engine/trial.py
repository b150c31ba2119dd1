"""Tries a value: what the gate before a sink would say of it, filter by filter, in a run that there is not."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from runtime.dispatch.trial import Trial
from runtime.engine.gate import Verdict, cleared, judge, uses
from runtime.engine.inspection import Inspector
from runtime.engine.look import meets
from runtime.errors import OperationalError, UserError
from runtime.nodes.context import Assets
from runtime.plan import GateChain
from runtime.ports import Kind
from runtime.safety.filters import Match
from runtime.safety.policy import STRICTNESS, FilterUse, Rule, merge_chains
from runtime.sound.plain import plain_sound
from runtime.sound.recorded import TooLong
from runtime.sound.wav import MEDIA_TYPE, NotASound
from runtime.values import AssetRef, Data, Json, Value
from runtime.words import Words

ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Beside:
    """The stored bytes, and beside them a sound that is only tried, and so never stored."""

    stored: Assets
    tried: AssetRef
    content: bytes

    def read(self, ref: AssetRef) -> bytes:
        return self.content if ref == self.tried else self.stored.read(ref)

    def write(
        self, content: bytes, media_type: str, width: int | None = None, height: int | None = None
    ) -> AssetRef:
        raise RuntimeError("a trial keeps nothing")


@dataclass(slots=True)
class Noting(Inspector):
    """An inspector that keeps what each filter said, each time that it was asked, also what the policy lets pass."""

    said: dict[str, list[Match]] = field(default_factory=dict)

    def inspect(self, name: str, kind: Kind, values: Sequence[Data]) -> list[tuple[Match, ...]]:
        answers = Inspector.inspect(self, name, kind, values)
        self.said.setdefault(name, []).extend(match for matches in answers for match in matches)
        return answers


def try_out(trial: Trial, inspector: Inspector) -> dict[str, Json]:
    """The verdict, each filter's scores, and the value as it would go on; or the fault that closed the gate.

    `value` is None for what would be held or blocked. Nothing that was recognised is quoted.
    """
    value, policy, assets = trial.value, trial.policy, inspector.assets
    if value.type.kind is Kind.AUDIO:
        try:
            value, assets = _as_it_would_go_on(value, assets, inspector)
        except (NotASound, TooLong):
            return {"fault": _fault(_unreadable())}
    rules = policy.rules_for(trial.sink, value.type.kind, value.sources)
    chain = chain_of(rules)
    noting = Noting(
        inspector.filters,
        assets,
        inspector.models,
        inspector.check,
        inspector.deadline,
        providers=inspector.providers,
    )
    try:
        verdict = judge(value.type, value.data, chain, noting)
    except (OperationalError, UserError) as fault:
        return {"fault": _fault(fault)}
    finally:
        inspector.hung = inspector.hung or noting.hung
    passed = cleared(value.type, verdict.data, value.sources, chain, policy) if verdict.passes else None
    return {
        "verdict": _strictest(verdict),
        "filters": [_row(use, noting.said[use.filter]) for use in uses(chain)],
        "value": passed.to_json() if passed else None,
    }


def _as_it_would_go_on(value: Value, assets: Assets, inspector: Inspector) -> tuple[Value, Assets]:
    """An uploaded sound in the form that its input gives on, which filters judge. Raises NotASound, TooLong."""
    if not isinstance(value.data, AssetRef):
        raise NotASound("it is no stored sound")
    plain = plain_sound(assets.read(value.data), inspector.check)
    ref = AssetRef(hashlib.sha256(plain).hexdigest(), MEDIA_TYPE, len(plain))
    return replace(value, data=ref), Beside(assets, ref, plain)


def chain_of(rules: Iterable[Rule]) -> GateChain:
    """The chain as the compiler makes it for a gate of these rules."""
    rules = tuple(rules)
    merged = merge_chains(rules)
    return GateChain(
        tuple(rule.id for rule in rules),
        tuple((use.filter, use.action.value, use.threshold, use.categories) for use in merged),
    )


def _row(use: FilterUse, matches: Iterable[Match]) -> dict[str, Json]:
    """What one filter said: the highest score of each category, and whether the policy acts on it."""
    best: dict[str, Match] = {}
    for match in matches:
        if not match.open and (match.category not in best or match.score > best[match.category].score):
            best[match.category] = match
    return {
        "filter": use.filter,
        "action": use.action.value,
        "threshold": use.threshold,
        "matches": [
            {"category": match.category, "score": round(float(match.score), 4), "met": meets(match, use)}
            for match in sorted(best.values(), key=lambda match: -match.score)
        ],
    }


def _strictest(verdict: Verdict) -> str:
    actions = sorted({hit.action for hit in verdict.hits}, key=lambda action: STRICTNESS[action])
    return actions[-1].value if actions else ALLOW


def _unreadable() -> OperationalError:
    return OperationalError(
        "sound_unreadable",
        Words("The sound cannot be read.", "无法读取该音频。"),
        Words("In a run, nothing of it would go on.", "在运行中，此音频不会继续传递。"),
    )


def _fault(fault: OperationalError | UserError) -> dict[str, Json]:
    return {
        "code": fault.code,
        "message": fault.message.to_json(),
        "hint": fault.hint.to_json() if fault.hint else None,
    }
