"""Steps that wait for a moment: nobody holds them, and the database's clock says when they go on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from builder.accounts.models import User
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Event, Run, Segment, Step
from builder.runs.store import DatabaseRunStore
from builder.runs.view_run import view_run
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Claim, Failure, Pause, Progress, StepRecord, WaitsFor
from runtime.words import Words
from tests.builder.runs.claims import ALL, FORK, claim, everything, expire, fresh, numbers

pytestmark = pytest.mark.django_db(transaction=True)

WAITING, DONE = SegmentState.WAITING, SegmentState.DONE
FAULT = Failure("busy", Words("It is busy.", "正忙。"))


def again(number: int = 1) -> StepRecord:
    pause = Pause(WaitsFor.RETRY, 4.0, number, 3)
    return StepRecord("a", StepState.WAITING, 0.1, error=FAULT, pause=pause)


def paused(store: DatabaseRunStore) -> Claim:
    claimed = claim(store)
    before = [StepRecord("in", StepState.DONE, 0.1), StepRecord("a", StepState.RUNNING)]
    store.record(claimed, Progress(before))
    assert store.finish(claimed, WAITING, Progress([again()]))
    return claimed


def come(run: Run) -> None:
    """The moment is there."""
    Step.objects.filter(run=run, due__isnull=False).update(due=Now() - timedelta(seconds=1))


def test_a_step_that_is_tried_again_holds_no_worker_until_its_moment(
    store: DatabaseRunStore, run: Run
) -> None:
    first = paused(store)
    assert store.claim("w", ALL) is None and store.sweep() == frozenset()
    assert (fresh(run).state, Segment.objects.get(run=run).worker) == ("waiting", "")
    come(run)
    assert store.sweep() == {"cpu"}
    second = claim(store)
    assert (second.due, second.failed, second.attempt) == ({"a"}, {"a": 1}, first.attempt + 1)
    assert second.states["in"] is StepState.DONE and fresh(run).state == "running"
    left = [StepRecord("a", StepState.RUNNING), *everything(second).steps[1:]]
    assert store.finish(second, DONE, Progress(left))
    assert fresh(run).state == "succeeded" and numbers(run) == list(range(1, fresh(run).last_event + 1))


def test_author_and_page_are_told_when_and_which_try_comes_next(store: DatabaseRunStore, run: Run) -> None:
    paused(store)
    step = run.steps.get(name="a")
    assert step.due is not None and abs(step.due - timezone.now() - timedelta(seconds=4)) < timedelta(
        seconds=60
    )
    waits = {"for": "retry", "seconds": 4.0, "number": 1, "of": 3, "until": step.due.isoformat()}
    told = Event.objects.get(run=run, kind="step.waiting").data
    assert (told["waits"], told["error"]["code"]) == (waits, "busy")
    seen: Any = view_run(fresh(run), User.objects.create(username="ada"))
    (shown,) = [item for item in seen["steps"] if item["id"] == "a"]
    assert (shown["state"], shown["waits"]) == ("waiting", waits)
    come(run)
    store.sweep()
    claimed = claim(store)
    store.record(claimed, Progress([StepRecord("a", StepState.RUNNING)]))
    step.refresh_from_db()
    assert (step.waits, step.failures) == (None, 1)
    store.finish(claimed, DONE, Progress([*everything(claimed).steps[1:]]))
    step.refresh_from_db()
    assert step.due is None


def test_a_worker_that_is_lost_after_it_wrote_the_pause_changes_nothing(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    store.record(claimed, Progress([StepRecord("in", StepState.DONE, 0.1), again()]))
    due = run.steps.get(name="a").due
    expire(run)
    store.sweep()
    second = claim(store)
    assert second.states["a"] is StepState.WAITING and second.due == frozenset()
    assert store.finish(second, WAITING, Progress())
    step = run.steps.get(name="a")
    assert (step.due, step.failures) == (due, 1)


def test_a_worker_that_is_lost_in_a_later_try_has_used_up_none(store: DatabaseRunStore, run: Run) -> None:
    paused(store)
    come(run)
    store.sweep()
    second = claim(store)
    store.record(second, Progress([StepRecord("a", StepState.RUNNING)]))
    expire(run)
    store.sweep()
    third = claim(store)
    assert third.failed == {"a": 1} and "a" not in third.states


def test_a_pause_that_is_written_twice_because_its_answer_was_lost_counts_once(
    store: DatabaseRunStore, run: Run
) -> None:
    claimed = claim(store)
    batch = Progress([StepRecord("in", StepState.DONE, 0.1), again()])
    store.record(claimed, batch)
    store.record(claimed, batch)
    assert run.steps.get(name="a").failures == 1


def test_a_run_that_waits_for_a_moment_is_cancelled_at_once(store: DatabaseRunStore, run: Run) -> None:
    paused(store)
    assert cancel_run(run).state == "cancelled"
    come(run)
    assert store.sweep() == frozenset() and store.claim("w", ALL) is None


def test_a_segment_in_which_others_still_work_is_left_to_them(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run]
) -> None:
    run = submit(FORK)
    claimed = claim(store)
    store.record(claimed, Progress([StepRecord("in", StepState.DONE, 0.1)]))
    record = StepRecord("in", StepState.DONE, 0.1)
    store.finish(claimed, DONE, Progress([record]))
    branch = claim(store)
    (name,) = [step.id for step in branch.plan.steps if step.segment == branch.segment and step.id in "ab"]
    pause = Pause(WaitsFor.RETRY, 4.0, 1, 1)
    store.record(branch, Progress([StepRecord(name, StepState.WAITING, 0.1, error=FAULT, pause=pause)]))
    come(run)
    store.sweep()
    assert run.segments.get(index=branch.segment).state == "leased"
    store.finish(branch, WAITING, Progress())
    store.sweep()
    assert run.segments.get(index=branch.segment).state == "ready"


def test_a_step_that_waits_for_nothing_is_refused(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    with pytest.raises(ValueError, match="what for"):
        store.record(claimed, Progress([StepRecord("a", StepState.WAITING)]))
