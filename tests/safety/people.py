"""Probes of what people decide: hostile rulings and appeals. Each says what got out, or was heard, that should not."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from builder.common.errors import Refused
from runtime.dispatch.states import StepState
from runtime.labels import Source
from runtime.ports import TEXT
from runtime.safety import ruling as rulings_of
from runtime.safety.deliver import NotCleared
from runtime.safety.filters import Match
from runtime.safety.policy import Action, FilterUse
from runtime.safety.ruling import Cut, Decision, Held, Ruling
from runtime.values import Value
from tests.engine.segments import Bench, Told, compiled
from tests.fixtures.runs import chain, stub_policy
from tests.packs_stub.filters import declare

CANARY = "CANARY-7261"
TEXT_HELD = f"a forbidden {CANARY} thing"
START = TEXT_HELD.index(CANARY)
CUT = Cut(None, START, START + len(CANARY))
PLAIN = chain(("a", "echo", {}))
HOLDS = stub_policy(FilterUse("stub.words", Action.HOLD), FilterUse("stub.late", Action.BLOCK))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOW, BLOCK = (Decision.ALLOW, ()), (Decision.BLOCK, ())
Findings = list[str]


def _resumed(given: Callable[[Ruling], Ruling], late: bool = False) -> Told:
    """A gate that waits goes on with what was decided; `late`: a filter has come to block what is cut."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), HOLDS)
        found = (lambda data, services: [Match("stub", 1.0, 0, 1)]) if late else (lambda data, services: [])
        bench.filters["stub.late"] = declare("late", found)
        gate = next(step for step in compiled(PLAIN, HOLDS).steps if step.gate)
        assert gate.gate is not None
        honest = Ruling(Decision.ALLOW, Value(TEXT, TEXT_HELD).digest, gate.gate.rules, HOLDS.digest)
        bench.rulings = {gate.id: given(honest)}
        return bench.run(PLAIN, states={gate.id: StepState.WAITING}, text=TEXT_HELD)


def rulings() -> Findings:
    """A ruling is about these bytes, rules and policy; what is cut is gone and judged anew; the strictest counts."""
    forged: dict[str, dict[str, Any]] = {
        "of other bytes": {"digest": "0" * 64},
        "under other rules": {"rules": ("other",)},
        "under another policy": {"policy": "0" * 64},
        "to block": {"decision": Decision.BLOCK},
    }
    found = [
        f"a ruling {name} lets pass"
        for name, change in forged.items()
        if _resumed(lambda honest, change=change: replace(honest, **change)).results
    ]
    cut = _resumed(lambda honest: replace(honest, decision=Decision.REDACT, cuts=(CUT,)))
    given = str([value.data for value in cut.results.values()])
    if "thing" not in given or "C" in given:
        found.append("what was cut is delivered")
    late = _resumed(lambda honest: replace(honest, decision=Decision.REDACT, cuts=(CUT,)), late=True)
    found += ["what was cut is not judged again"] if late.results else []
    if rulings_of.strictest([ALLOW, BLOCK])[0] is not Decision.BLOCK:
        found.append("a mild opinion beats a strict one")
    one, other = (Decision.REDACT, (Cut(None, 0, 1),)), (Decision.REDACT, (CUT,))
    if CUT not in rulings_of.strictest([one, other])[1]:
        found.append("a reviewer's cut is forgotten")
    wrong = (Cut(None, 0, 10_000), Cut(None, -2, 1), Cut(0, 0, 1), Cut(None, 5, 5))
    return found + [f"{cut} fits" for cut in wrong if rulings_of.may_cut(Value(TEXT, TEXT_HELD), (cut,))]


def _review(**given: Any) -> Any:
    """As much of a review as is asked before anything is written."""
    policy, value = stub_policy(), Value(TEXT, TEXT_HELD, frozenset({Source.MODEL}))
    fields = {
        "pk": 1, "run_id": 1, "run": SimpleNamespace(by_id=1, lent_by_id=None), "step": "gate", "purpose": "appeal", "state": "open",
        "outputs": ["answer"], "rules": ["person-text"], "digest": value.digest, "policy": policy.digest, "held": {},
        "material": Held(value), "deadline": NOW + timedelta(days=1), "keep_until": NOW + timedelta(days=1),
        "opinions": _Rows(), "looks": _Rows(), "needed": 1, "lent_by_id": None,
    }  # fmt: skip
    return SimpleNamespace(**(fields | given))


class _Rows:
    """Rows of which there are none."""

    def filter(self, **_: object) -> "_Rows":
        return self

    def exists(self) -> bool:
        return False


def _ledger(**run: Any) -> Any:
    given: dict[str, Any] = {"pk": 1, "state": "blocked", "cancel_requested": False, "policy": None}
    return SimpleNamespace(now=NOW, run=SimpleNamespace(**(given | run)))


def _refused(work: Callable[[], object]) -> bool:
    try:
        work()
    except (Refused, NotCleared):
        return True
    except _Heard:
        pass
    return False


class _Heard(Exception):
    """Somebody went on to write."""


@contextmanager
def _heard(*_: object) -> Iterator[None]:
    raise _Heard
    yield


def appeals() -> Findings:
    """Only the author asks, once, of a run that has ended; another decides, who looked, in time; the cut is gone."""
    from builder.reviews import appeal, desk, give_opinion

    author, other = SimpleNamespace(pk=1), SimpleNamespace(pk=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk, "administrators", list)
        patch.setattr(appeal, "open_ledger", _heard)
        judge = partial(give_opinion.Judgement, note="So be it.")
        must_refuse: dict[str, Callable[[], object]] = {
            "a stranger appeals": lambda: appeal.appeal(
                SimpleNamespace(by_id=1, pk=1), other, "answer", "Please."
            ),
            "an author decides": lambda: desk.require_other(_review(purpose="hold"), author),
            "who lent the author's session decides": lambda: desk.require_other(
                _review(purpose="hold", run=SimpleNamespace(by_id=1, lent_by_id=2)), other
            ),
            "who lent the session of an appeal decides": lambda: desk.require_other(
                _review(purpose="hold", lent_by_id=2), other
            ),
            "nobody has looked": lambda: give_opinion._require_sense(_review(), other, judge(Decision.ALLOW)),
            "the time is over": lambda: give_opinion._require_open(_ledger(), _review(deadline=NOW), other),
            "it is over": lambda: give_opinion._require_open(_ledger(), _review(state="decided"), other),
        }
        looked = _review(looks=SimpleNamespace(filter=lambda **_: SimpleNamespace(exists=lambda: True)))
        wide = judge(Decision.REDACT, cuts=(Cut(None, 0, 10_000),))
        must_refuse["a cut does not fit"] = lambda: give_opinion._require_sense(looked, other, wide)
        if _refused(lambda: desk.require_other(_review(purpose="hold"), other)):
            return ["nobody may decide"]
        found = [f"{name}, and it is heard" for name, work in must_refuse.items() if not _refused(work)]
    return found + _asked_wrongly() + _given_back()


def _asked_wrongly() -> Findings:
    """Runs that go on, appeals that were made, material whose time is up."""
    from builder.reviews import appeal

    asked = {
        "a run that goes on": (_ledger(state="running"), _review(state="kept")),
        "what was appealed for already": (_ledger(), _review(state="decided")),
        "what is kept no longer": (_ledger(), _review(state="kept", keep_until=NOW)),
    }
    found = []
    for name, (ledger, review) in asked.items():
        ledger.run.reviews = SimpleNamespace(
            filter=lambda review=review, **_: SimpleNamespace(order_by=lambda _: [review])
        )
        if not _refused(lambda ledger=ledger: appeal._require_withheld(ledger, "answer")):
            found.append(f"{name} can be appealed for")
    return found


def _given_back() -> Findings:
    """What an appeal gives back, and what it does not."""
    from builder.reviews import give_opinion, release

    written: list[Any] = []

    def settled(review: Any, *opinions: Any) -> str:
        written.clear()
        ledger = _ledger(policy=SimpleNamespace(policy=stub_policy()))
        rows = [SimpleNamespace(read=opinion) for opinion in opinions]
        try:
            give_opinion._settle(ledger, review, rows)
        except NotCleared:
            pass  # then `written` tells whether it was in time
        return str(written)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "open_store", lambda: None)
        patch.setattr(release, "_write", lambda ledger, review, labelling, value: written.append(value.data))
        patch.setattr(give_opinion, "decide", lambda *_: None)
        if TEXT_HELD not in settled(_review(), ALLOW):
            return ["what is allowed is not given back"]
        cut = settled(_review(), (Decision.REDACT, (CUT,)))
        found = [] if "thing" in cut and "C" not in cut else ["what was cut is given back"]
        cuts = settled(_review(), (Decision.REDACT, (Cut(None, 0, 1),)), (Decision.REDACT, (CUT,)))
        found += ["what one of two cut is given back"] if CANARY in cuts else []
        found += ["what one of two refused is given back"] if settled(_review(), ALLOW, BLOCK) != "[]" else []
        old = _review(policy="0" * 64)
        return found + (["it is given back under another policy"] if settled(old, ALLOW) != "[]" else [])


PEOPLE: dict[str, Callable[[], Findings]] = {"rulings": rulings, "appeals": appeals}
