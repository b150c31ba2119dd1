"""Leases and cancellation: who may write, for how long, and what becomes of what was lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string

from builder.runs.cancel_run import cancel_run
from builder.runs.models import Run, Segment
from builder.runs.store import DatabaseRunStore
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import LOSSES, Failure, Progress, StepRecord
from runtime.words import Words
from tests.builder.runs.claims import ALL, FORK, claim, everything, expire, fresh, numbers

pytestmark = pytest.mark.django_db(transaction=True)

DONE, CANCELLED = SegmentState.DONE, SegmentState.CANCELLED


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


@pytest.mark.parametrize("finds_out", ["sweep", "agent"])
@pytest.mark.parametrize("lost_before", range(LOSSES))
def test_a_segment_that_was_written_whole_is_done_however_often_it_was_lost(
    store: DatabaseRunStore, run: Run, lost_before: int, finds_out: str
) -> None:
    for _ in range(lost_before):
        claim(store)
        expire(run)
        store.sweep()
    claimed = claim(store)
    assert store.record(claimed, everything(claimed)), "its worker is gone before it says that this was all"
    if finds_out == "agent":
        assert store.release(claimed, lost=True)
    else:
        expire(run)
        store.sweep()
    run, segment = fresh(run), Segment.objects.get(run=run)
    assert (run.state, segment.state, segment.losses) == ("succeeded", "done", lost_before + 1)
    assert numbers(run) == list(range(1, run.last_event + 1)) and store.claim("w", ALL) is None


def test_one_that_was_written_whole_and_failed_has_failed_for_its_own_reason(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    fault = Failure("broken", Words("It broke.", "坏了。"))
    first, *others = everything(claimed, StepState.CANCELLED).steps
    store.record(claimed, Progress([replace(first, state=StepState.FAILED, error=fault), *others]))
    expire(run)
    store.sweep()
    assert (fresh(run).state, fresh(run).error["code"]) == ("failed", "broken")


def test_one_that_was_written_whole_ends_so_in_a_run_that_should_stop(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    run = submit(FORK)
    claimed = claim(store)
    store.record(claimed, everything(claimed))
    cancel_run(run)
    expire(run)
    store.sweep()
    assert fresh(run).state == "cancelled"
    assert run.segments.get(index=claimed.segment).state == "done"


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


def test_runs_that_wait_are_told_their_place_in_the_queue(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(store, "publish", lambda run, event: told.append((run, event.data["position"])))
    runs = [submit(FORK) for _ in range(3)]
    claim(store)
    store.sweep()
    assert told == [(str(runs[1].pk), 1), (str(runs[2].pk), 2)]


def test_what_else_a_sweep_does_is_done_and_its_faults_keep_no_run_from_being_found(
    store: DatabaseRunStore, run: Run, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for path in settings.SWEEPS:
        assert callable(import_string(path))
    settings.SWEEPS = ["tests.builder.runs.no_such_module.sweep"]
    assert store.sweep() == {"cpu"}
    assert "no_such_module.sweep: ImportError" in caplog.text or "ModuleNotFoundError" in caplog.text
