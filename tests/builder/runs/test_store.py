"""The run store: claims, fences, leases, and what one transaction ends. On SQLite and on Postgres alike."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from builder.runs.ledger import BadEdge, open_ledger
from builder.runs.models import Event, Output, Run, Segment, Step, Worker
from builder.runs.store import DatabaseRunStore, open_store
from runtime.dispatch.failures import worker_lost
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Progress, StepRecord, WorkerReport
from runtime.events import Event as Told
from runtime.events import EventKind
from runtime.labels import Clearance, Source
from runtime.plan import Ref
from runtime.ports import TEXT
from runtime.safety.deliver import NotCleared
from runtime.values import Value
from tests.builder.runs.claims import ALL, FORK, claim, everything, fresh, numbers, value
from tests.fixtures.runs import beside, chain

pytestmark = pytest.mark.django_db(transaction=True)

DONE, FAILED, CANCELLED = SegmentState.DONE, SegmentState.FAILED, SegmentState.CANCELLED


def test_a_claim_brings_all_that_its_steps_need(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    assert (claimed.run, claimed.segment, claimed.fence, claimed.attempt) == (str(run.pk), 0, 1, 1)
    assert claimed.arguments["text"].data == "hello"
    assert claimed.arguments["text"].sources == {Source.USER}
    assert claimed.policy.digest == claimed.plan.policy
    assert fresh(run).state == "running" and fresh(run).started is not None
    assert list(run.events.values_list("kind", flat=True)) == ["run.queued", "run.running"]


def test_nothing_is_claimed_twice_and_nothing_that_is_not_ready(store: DatabaseRunStore, run: Run) -> None:
    claim(store)
    assert store.claim("another", ALL) is None


def test_a_worker_claims_only_its_own_resource_classes(store: DatabaseRunStore, run: Run) -> None:
    assert store.claim("w", frozenset({"gpu"})) is None
    assert store.claim("w", frozenset({"cpu", "inline"})) is not None


def test_the_oldest_run_is_claimed_first(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    runs = [submit(chain(("a", "echo", {}))) for _ in range(3)]
    assert [claim(store).run for _ in runs] == [str(run.pk) for run in runs]


def test_of_many_who_claim_at_once_each_segment_goes_to_one(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    runs = {str(submit(chain(("a", "echo", {}))).pk) for _ in range(12)}
    claimed: list[str] = []
    start = threading.Barrier(4)

    def take() -> None:
        start.wait()
        while (found := store.claim(threading.current_thread().name, ALL)) is not None:
            claimed.append(found.run)

    with beside(take), beside(take), beside(take):
        try:
            take()
        finally:
            start.abort()
    assert sorted(claimed) == sorted(runs)


def test_one_transaction_ends_a_segment_and_its_run(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    progress = everything(claimed)
    progress = Progress(progress.steps, (), [("answer", value("shown", claimed, "person-text"))])
    assert store.finish(claimed, DONE, progress)
    run = fresh(run)
    assert run.state == "succeeded" and run.finished is not None
    assert Output.objects.get(run=run).value == "shown"
    assert set(run.steps.values_list("state", flat=True)) == {"done"}
    assert numbers(run) == list(range(1, run.last_event + 1))
    assert run.events.order_by("seq").last().kind == "run.succeeded"


def test_a_segment_waits_for_those_that_it_needs_and_for_no_others(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    run = submit(FORK)
    first = claim(store)
    assert store.claim("w", ALL) is None
    store.finish(first, DONE, everything(first))
    left, right = claim(store, "left"), claim(store, "right")
    assert {left.segment, right.segment} == {1, 2}
    store.finish(left, DONE, everything(left))
    assert store.claim("w", ALL) is None
    store.finish(right, DONE, everything(right))
    last = claim(store)
    assert store.finish(last, DONE, everything(last))
    assert fresh(run).state == "succeeded"


def test_values_of_finished_steps_come_with_the_next_claim(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    submit(FORK)
    first = claim(store)
    made = Value(TEXT, "hello", frozenset({Source.USER}))
    store.finish(first, DONE, Progress([StepRecord("in", StepState.DONE, 0.1, {"text": made})]))
    second = claim(store)
    assert second.values == {Ref("in", "text"): made}
    assert second.states == {"in": StepState.DONE}


def test_a_failure_cancels_what_can_no_longer_run_and_lets_the_rest_go_on(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    run = submit(FORK)
    first = claim(store)
    store.finish(first, DONE, everything(first))
    left, right = claim(store), claim(store)
    store.finish(left, FAILED, Progress([StepRecord("a", StepState.FAILED, 0.1, error=worker_lost("a"))]))
    assert fresh(run).state == "running"
    assert run.steps.get(name="j").state == "cancelled"
    store.finish(right, DONE, everything(right))
    run = fresh(run)
    assert run.state == "failed" and run.error["code"] == "worker_lost"
    assert numbers(run) == list(range(1, run.last_event + 1))


def test_a_withheld_promise_blocks_the_run_and_names_it(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    store.finish(claimed, DONE, everything(claimed, StepState.WITHHELD))
    assert fresh(run).state == "blocked"
    assert run.events.get(kind="run.blocked").data == {"outputs": ["answer"]}


def test_a_stale_fence_writes_nothing(store: DatabaseRunStore, run: Run) -> None:
    old = claim(store, "old")
    assert store.release(old)
    new = claim(store, "new")
    assert new.fence == old.fence + 1
    before = fresh(run).last_event
    assert not store.record(old, everything(old))
    assert not store.finish(old, DONE, everything(old))
    assert not store.release(old, lost=True)
    assert not store.heartbeat(old).held and not store.peek(old).held
    assert fresh(run).last_event == before
    assert set(run.steps.values_list("state", flat=True)) == {"pending"}
    assert store.finish(new, DONE, everything(new))


def test_a_segment_ends_once(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    assert store.finish(claimed, DONE, everything(claimed))
    ended = fresh(run).last_event
    assert not store.finish(claimed, DONE, everything(claimed))
    assert fresh(run).last_event == ended


def test_a_batch_written_twice_because_its_answer_was_lost_counts_once(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    finding = {
        "step": "gate", "rule": "r", "action": "redact", "filter": "f", "category": "c", "score": 1.0,
        "message": {"en": "m", "zh": "m"},
    }  # fmt: skip
    batch = Progress(
        [StepRecord("in", StepState.RUNNING), StepRecord("in", StepState.DONE, 0.1)],
        [Told(EventKind.GATE_FINDING, finding)],
        [("answer", value("shown", claimed, "person-text"))],
    )
    assert store.record(claimed, batch)
    once = numbers(run)
    assert store.record(claimed, batch)
    assert numbers(run) == once
    assert run.findings.count() == run.outputs.count() == 1


def test_a_result_without_clearance_is_refused_and_nothing_of_its_batch_is_kept(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    before = fresh(run).last_event
    for bad in (value("shown", claimed), value("shown", claimed, "another-rule")):
        with pytest.raises(NotCleared):
            store.finish(claimed, DONE, Progress(everything(claimed).steps, (), [("answer", bad)]))
    assert fresh(run).last_event == before and not Output.objects.exists()
    assert store.heartbeat(claimed).held


def test_a_clearance_of_other_bytes_or_another_policy_is_refused(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    other = value("other", claimed, "person-text")
    moved = Value(TEXT, "shown", other.sources, other.clearances)
    plain = Value(TEXT, "shown", other.sources)
    old = frozenset({Clearance(plain.digest, "person-text", "0" * 64)})
    for bad in (moved, Value(TEXT, "shown", plain.sources, old)):
        with pytest.raises(NotCleared):
            store.record(claimed, Progress(everything(claimed).steps, (), [("answer", bad)]))
        with pytest.raises(NotCleared):
            store.publish_partial(claimed, "answer", "a", bad)


@pytest.mark.parametrize("state", [DONE, FAILED, CANCELLED])
def test_a_segment_cannot_end_in_a_state_that_its_steps_contradict(
    store: DatabaseRunStore, run: Run, state: SegmentState
) -> None:
    claimed = claim(store)
    with pytest.raises(ValueError, match="cannot be"):
        store.finish(claimed, state, Progress([StepRecord("in", StepState.DONE, 0.1)]))
    assert store.heartbeat(claimed).held


def test_states_change_along_known_edges_only(run: Run) -> None:
    with open_ledger(run.pk) as ledger:
        segment = ledger.run.segments.get()
        with pytest.raises(BadEdge):
            ledger.move_segment(segment, DONE)


@pytest.mark.parametrize(
    ("rows", "change"),
    [(Run, {"state": "odd"}), (Segment, {"state": "odd"}), (Step, {"state": "odd"}), (Segment, {"state": "leased"})],
)  # fmt: skip
def test_the_database_itself_refuses_unknown_states_and_leases_without_end(
    run: Run, rows: Any, change: dict[str, str]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.objects.update(**change)


def test_an_event_number_is_given_once(run: Run) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(run=run, seq=1, kind="run.queued")


def test_a_report_says_that_a_worker_is_alive_and_old_ones_are_forgotten(store: DatabaseRunStore) -> None:
    Worker.objects.create(id="old", device="cpu", seen=timezone.now() - timedelta(days=2))
    report = WorkerReport("new", ("cpu",), "cpu", ("smollm2",), 1_000, True)
    store.report(report)
    store.report(report)
    assert list(Worker.objects.values_list("id", "busy", "models_held")) == [("new", True, ["smollm2"])]


def test_the_lease_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_LEASE_SECONDS", "3")
    assert open_store()._lease == timedelta(seconds=3)


def test_a_broken_connection_is_dropped_so_that_the_next_call_works(
    store: DatabaseRunStore, run: Run
) -> None:
    connection.connection.close()
    with pytest.raises(Exception, match="closed"):
        store.claim("w", ALL)
    assert store.claim("w", ALL) is not None
