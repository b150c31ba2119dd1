"""The run store: claims, fences, leases, and what one transaction ends. On SQLite and on Postgres alike."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from builder.accounts.models import Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.ledger import BadEdge, open_ledger
from builder.runs.models import Event, Output, Run, Segment, Step, Worker
from builder.runs.store import DatabaseRunStore, open_store
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.failures import worker_lost
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import LOSSES, Claim, Progress, StepRecord, WorkerReport
from runtime.events import Event as Told
from runtime.events import EventKind
from runtime.labels import Clearance, Source
from runtime.plan import Ref
from runtime.ports import TEXT
from runtime.safety.deliver import NotCleared
from runtime.safety.policy import Policy
from runtime.values import Value
from tests.fixtures.runs import beside, chain, drawing, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

ALL = frozenset({"inline", "cpu", "gpu"})
DONE, FAILED, CANCELLED = SegmentState.DONE, SegmentState.FAILED, SegmentState.CANCELLED


@pytest.fixture
def store() -> DatabaseRunStore:
    return DatabaseRunStore(30.0)


@pytest.fixture
def submit(
    stub_packs: None, workspace: Workspace, policy: Callable[[Policy], Policy]
) -> Callable[[dict[str, Any]], Run]:
    policy(stub_policy())
    return lambda graph: submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run


@pytest.fixture
def run(submit: Callable[[dict[str, Any]], Run]) -> Run:
    return submit(chain(("a", "echo", {})))


FORK = drawing(
    ("in", "input", {"name": "text"}), ("a", "echo", {}), ("b", "echo", {}), ("j", "join", {}),
    ("out", "output", {"name": "answer"}),
    edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
)  # fmt: skip


def claim(store: DatabaseRunStore, worker: str = "w") -> Claim:
    found = store.claim(worker, ALL)
    assert found is not None
    return found


def everything(claimed: Claim, state: StepState = StepState.DONE) -> Progress:
    """Records that end every step of the claim."""
    segment = next(s for s in claimed.plan.segments if s.index == claimed.segment)
    return Progress([StepRecord(name, state, 0.1) for name in segment.steps])


def value(text: str, claimed: Claim, *rules: str) -> Value:
    plain = Value(TEXT, text, frozenset({Source.MODEL}))
    clearances = frozenset(Clearance(plain.digest, rule, claimed.policy.digest) for rule in rules)
    return Value(TEXT, text, plain.sources, clearances)


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def numbers(run: Run) -> list[int]:
    return list(Event.objects.filter(run=run).values_list("seq", flat=True))


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


def expire(run: Run) -> None:
    Segment.objects.filter(run=run, state="leased").update(leased_until=Now() - timedelta(seconds=1))


def test_an_expired_lease_is_taken_over_with_a_new_fence(store: DatabaseRunStore, run: Run) -> None:
    old = claim(store)
    store.record(old, Progress([StepRecord("in", StepState.RUNNING)]))
    assert store.sweep() == frozenset()
    expire(run)
    assert store.sweep() == {"cpu"}
    assert run.steps.get(name="in").state == "pending"
    new = claim(store)
    assert (new.fence, new.attempt) == (2, 2)
    assert not store.record(old, everything(old))
    assert store.finish(new, DONE, everything(new))


def test_a_heartbeat_renews_the_lease_by_the_database_s_own_clock(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    expire(run)
    assert store.heartbeat(claimed).held
    assert store.sweep() == frozenset()
    # A worker whose own clock is wrong by ten minutes is none the worse for it.
    assert Segment.objects.get(run=run).leased_until > timezone.now() + timedelta(seconds=20)


def test_a_segment_that_lost_three_workers_fails_as_poison(store: DatabaseRunStore, run: Run) -> None:
    for _ in range(LOSSES):
        claimed = claim(store)
        store.record(claimed, Progress([StepRecord("in", StepState.RUNNING)]))
        expire(run)
        store.sweep()
    run = fresh(run)
    assert run.state == "failed" and run.error["code"] == "worker_lost" and run.error["node"] == "in"
    assert store.claim("w", ALL) is None


def test_what_a_draining_worker_hands_back_does_not_count_as_lost(store: DatabaseRunStore, run: Run) -> None:
    for _ in range(LOSSES + 2):
        assert store.release(claim(store))
    assert Segment.objects.get(run=run).state == "ready"


def test_cancelling_ends_what_has_not_begun_and_asks_what_runs_to_stop(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    run = submit(FORK)
    first = claim(store)
    store.finish(first, DONE, everything(first))
    left = claim(store)
    cancel_run(run)
    assert store.peek(left).cancel and store.heartbeat(left).cancel
    assert store.claim("w", ALL) is None
    assert fresh(run).state == "running"
    store.finish(left, CANCELLED, Progress([StepRecord("a", StepState.CANCELLED, 0.1)]))
    run = fresh(run)
    assert run.state == "cancelled"
    assert numbers(run) == list(range(1, run.last_event + 1))


def test_a_run_that_nobody_has_begun_is_cancelled_at_once_and_only_once(
    store: DatabaseRunStore, run: Run
) -> None:
    assert cancel_run(run).state == "cancelled"
    told = fresh(run).last_event
    assert cancel_run(run).last_event == told
    assert store.claim("w", ALL) is None


def test_a_request_to_stop_that_comes_too_late_stops_nothing(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    cancel_run(run)
    store.finish(claimed, DONE, everything(claimed))
    assert fresh(run).state == "succeeded"


def test_a_lost_worker_of_a_cancelled_run_leaves_it_cancelled(store: DatabaseRunStore, run: Run) -> None:
    claim(store)
    cancel_run(run)
    expire(run)
    store.sweep()
    assert fresh(run).state == "cancelled"


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
