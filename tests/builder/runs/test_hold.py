"""Held values in the run store: a run that waits for a person, and what ends its waiting."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from builder.runs.cancel_run import cancel_run
from builder.runs.keep_back import decide
from builder.runs.ledger import open_ledger
from builder.runs.models import Event, Purpose, Review, ReviewState, Run, Segment
from builder.runs.store import DatabaseRunStore
from builder.safety.models import AuditEntry
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import LOSSES, Claim, Progress, StepRecord
from runtime.safety.ruling import Cut, Decision, Held
from tests.builder.runs.claims import ALL, FORK, claim, everything, expire, fresh, numbers, value

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "CANARY-4417"
WAITING = SegmentState.WAITING


def gate_of(claimed: Claim) -> str:
    return next(step.id for step in claimed.plan.steps if step.gate and step.segment == claimed.segment)


def waits(claimed: Claim, text: str = CANARY) -> Progress:
    """Records of a segment whose gate waits: what is before it is done, what is after has not begun."""
    names = next(s for s in claimed.plan.segments if s.index == claimed.segment).steps
    gate = gate_of(claimed)
    before = [StepRecord(name, StepState.DONE, 0.1) for name in names[: names.index(gate)]]
    return Progress([*before, StepRecord(gate, StepState.WAITING, 0.1, held=Held(value(text, claimed)))])


def held(store: DatabaseRunStore) -> Claim:
    claimed = claim(store)
    assert store.finish(claimed, WAITING, waits(claimed))
    return claimed


def ruled(run: Run, decision: Decision = Decision.ALLOW, *cuts: Cut) -> None:
    with open_ledger(run.pk) as ledger:
        decide(ledger, ledger.run.reviews.get(state=ReviewState.OPEN), decision, cuts)


def kinds(run: Run) -> list[str]:
    return list(run.events.order_by("seq").values_list("kind", flat=True))


def test_a_held_value_makes_step_segment_and_run_wait_and_leaves_no_lease(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = held(store)
    segment = Segment.objects.get(run=run)
    assert (fresh(run).state, segment.state, segment.worker, segment.leased_until) == (
        "waiting",
        "waiting",
        "",
        None,
    )
    assert run.steps.get(name=gate_of(claimed)).state == "waiting"
    assert run.steps.get(name="out").state == "pending"
    assert kinds(run)[-2:] == ["step.waiting", "run.waiting"]
    review = Review.objects.get(run=run)
    assert (review.purpose, review.state, review.digest) == ("hold", "open", value(CANARY, claimed).digest)
    assert (review.rules, review.outputs, review.needed) == (["person-text"], ["answer"], 1)
    assert review.deadline - review.created == timedelta(hours=72)
    assert store.sweep() == frozenset() and store.claim("w", ALL) is None


def test_nothing_that_is_told_holds_a_byte_of_the_material(store: DatabaseRunStore, run: Run) -> None:
    claimed = held(store)
    ruled(run, Decision.BLOCK)
    again = claim(store)
    store.finish(
        again, SegmentState.DONE,
        Progress([StepRecord(gate_of(claimed), StepState.WITHHELD, 0.1), StepRecord("out", StepState.WITHHELD)]),
    )  # fmt: skip
    assert fresh(run).state == "blocked"
    assert CANARY not in json.dumps(list(Event.objects.filter(run=run).values_list("data", flat=True)))


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_makes_the_segment_ready_and_comes_with_the_next_claim(
    store: DatabaseRunStore, run: Run, decision: Decision
) -> None:
    claimed = held(store)
    ruled(run, decision, Cut(None, 0, 3))
    assert Segment.objects.get(run=run).state == "ready"
    assert store.sweep() == {"cpu"}, "a wake-up that was lost is made up for"
    again = claim(store)
    ruling = again.rulings[gate_of(claimed)]
    assert ruling.decision is decision
    assert ruling.concerns(value(CANARY, claimed).digest, ("person-text",), claimed.policy.digest)
    assert again.states[gate_of(claimed)] is StepState.WAITING
    assert fresh(run).state == "running" and kinds(run).count("run.running") == 2
    store.sweep()
    assert Review.objects.get(run=run).held is None, "what is decided is kept no longer"


def test_a_decision_that_comes_while_the_segment_still_runs_resumes_it_when_it_has_come_to_wait(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    assert store.record(claimed, waits(claimed))
    ruled(run)
    assert Segment.objects.get(run=run).state == "leased"
    assert store.finish(claimed, WAITING, Progress())
    assert Segment.objects.get(run=run).state == "ready" and fresh(run).state == "running"


def test_a_worker_lost_after_its_gate_began_to_wait_costs_neither_the_review_nor_the_decision(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    assert store.record(claimed, waits(claimed))
    expire(run)
    assert store.sweep() == {"cpu"}
    again = claim(store)
    assert again.states[gate_of(claimed)] is StepState.WAITING and not again.rulings
    assert store.finish(again, WAITING, Progress())
    assert Review.objects.filter(run=run).count() == 1 and fresh(run).state == "waiting"


def test_the_same_batch_written_twice_makes_one_review(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    assert store.record(claimed, waits(claimed)) and store.record(claimed, waits(claimed))
    assert Review.objects.filter(run=run).count() == 1


def test_other_branches_go_on_while_one_waits(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    run = submit(FORK)
    first = claim(store)
    names = next(s for s in first.plan.segments if s.index == first.segment).steps
    assert set(names) == {"in"}
    store.finish(first, SegmentState.DONE, everything(first))
    left, right = claim(store), claim(store)
    gate = Held(value(CANARY, left))
    # The gate of this drawing stands at its end; here a branch of it is held, as a policy for models would.
    step = next(s for s in left.plan.segments if s.index == left.segment).steps[0]
    with pytest.raises(ValueError, match="only a gate"):
        store.finish(left, WAITING, Progress([StepRecord(step, StepState.WAITING, 0.1, held=gate)]))
    assert store.finish(right, SegmentState.DONE, everything(right))
    assert fresh(run).state == "running"


def test_a_step_that_waits_must_say_what_for(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    record = StepRecord(gate_of(claimed), StepState.WAITING, 0.1)
    with pytest.raises(ValueError, match="must say what for"):
        store.finish(claimed, WAITING, Progress([record]))
    with pytest.raises(ValueError, match="cannot be waiting"):
        store.finish(claimed, WAITING, Progress())


def test_when_nobody_decides_in_time_the_sweep_withholds(store: DatabaseRunStore, run: Run) -> None:
    claimed = held(store)
    Review.objects.filter(run=run).update(deadline=Now() - timedelta(seconds=1))
    assert store.sweep() == {"cpu"}
    review = Review.objects.get(run=run)
    assert (review.state, review.held) == ("expired", None)
    entry = json.loads(AuditEntry.objects.order_by("-sequence").first().body)
    assert (entry["act"], entry["by"], entry["data"]["decision"]) == ("review.decided", None, "block")
    assert claim(store).rulings[gate_of(claimed)].decision is Decision.BLOCK


def test_a_segment_with_nothing_left_but_a_gate_that_waits_still_fails_as_poison(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    store.record(claimed, waits(claimed))
    run.steps.filter(state="pending").update(state="skipped")
    for number in range(LOSSES):
        expire(run)
        store.sweep()
        assert number == LOSSES - 1 or store.claim("w", ALL) is not None
    assert (fresh(run).state, fresh(run).error["code"]) == ("failed", "worker_lost")
    store.sweep()
    review = Review.objects.get(run=run)
    assert (review.state, review.held) == ("closed", None)


def test_a_cancelled_run_waits_for_nobody(store: DatabaseRunStore, run: Run) -> None:
    held(store)
    assert cancel_run(run).state == "cancelled"
    store.sweep()
    review = Review.objects.get(run=run)
    assert (review.state, review.held) == ("closed", None)
    assert not run.steps.filter(state__in=("waiting", "pending")).exists()
    assert numbers(run) == list(range(1, fresh(run).last_event + 1))


def test_a_gate_that_is_held_anew_for_other_bytes_waits_for_its_own_decision(
    store: DatabaseRunStore, run: Run
) -> None:
    held(store)
    ruled(run)
    again = claim(store)
    gate = gate_of(again)
    other = StepRecord(gate, StepState.WAITING, 0.1, held=Held(value("something else", again)))
    store.finish(again, WAITING, Progress([StepRecord(gate, StepState.RUNNING), other]))
    assert fresh(run).state == "waiting" and store.claim("w", ALL) is None
    assert Review.objects.filter(run=run, state=ReviewState.OPEN).count() == 1


def test_what_a_gate_blocked_is_kept_for_an_appeal_and_let_go_when_its_time_is_up(
    store: DatabaseRunStore, run: Run, settings: Any
) -> None:
    claimed = claim(store)
    gate = gate_of(claimed)
    records = [
        StepRecord("in", StepState.DONE), StepRecord("a", StepState.DONE),
        StepRecord(gate, StepState.WITHHELD, held=Held(value(CANARY, claimed))), StepRecord("out", StepState.WITHHELD),
    ]  # fmt: skip
    store.finish(claimed, SegmentState.DONE, Progress(records))
    review = Review.objects.get(run=run)
    assert (fresh(run).state, review.purpose, review.state) == ("blocked", "appeal", "kept")
    assert review.keep_until - review.created == timedelta(days=7)
    store.sweep()
    assert Review.objects.get(run=run).held is not None
    Review.objects.filter(run=run).update(keep_until=Now() - timedelta(seconds=1))
    store.sweep()
    assert Review.objects.get(run=run).held is None


def test_an_installation_that_keeps_nothing_for_appeals_keeps_nothing(
    store: DatabaseRunStore, run: Run, settings: Any
) -> None:
    settings.APPEAL_DAYS = 0
    claimed = claim(store)
    record = StepRecord(gate_of(claimed), StepState.WITHHELD, held=Held(value(CANARY, claimed)))
    store.record(claimed, Progress([record]))
    assert not Review.objects.filter(run=run).exists()


def test_the_database_refuses_an_open_review_without_an_end_or_without_material(
    store: DatabaseRunStore, run: Run
) -> None:
    held(store)
    for change in ({"deadline": None}, {"held": None}, {"state": "forgotten"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(run=run).update(**change)
    twin = Review.objects.get(run=run)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            run=run, step=twin.step, purpose=Purpose.HOLD, state=ReviewState.OPEN, rules=[], digest="", policy="",
            held={}, type="text", deadline=twin.deadline,
        )  # fmt: skip
