"""The sweep: a run for which it can do nothing keeps it from none of the others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from builder.runs.models import Run, Segment
from builder.runs.spares_others import spares_others
from builder.runs.store import DatabaseRunStore
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import LOSSES, Claim, Progress, StepRecord
from runtime.safety.policy import Policy
from runtime.safety.ruling import Held
from tests.builder.runs.claims import claim, expire, fresh, numbers, value
from tests.builder.runs.test_withhold_stale import STRICTER
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = SegmentState.WAITING
IN = StepRecord("in", StepState.DONE, 0.1)


def lost(store: DatabaseRunStore, claimed: Claim, run: Run) -> None:
    """For the last time."""
    run.segments.update(losses=LOSSES - 1)
    expire(run)


def undecided(store: DatabaseRunStore, claimed: Claim, run: Run) -> None:
    gate = next(step.id for step in claimed.plan.steps if step.gate)
    held = StepRecord(gate, StepState.WAITING, 0.1, held=Held(value("something", claimed)))
    store.finish(claimed, WAITING, Progress([IN, StepRecord("a", StepState.DONE, 0.1), held]))
    run.reviews.update(deadline=timezone.now() - timedelta(hours=1))


def under_an_old_policy(store: DatabaseRunStore, claimed: Claim, run: Run) -> None:
    """As they are: the policy changes when all are there."""


@pytest.mark.parametrize("prepare", [lost, undecided, under_an_old_policy])
def test_a_fault_with_one_run_is_loud_and_the_others_are_looked_after(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run], policy: Callable[[Policy], Policy],
    caplog: pytest.LogCaptureFixture, prepare: Callable[[DatabaseRunStore, Claim, Run], None],
) -> None:  # fmt: skip
    runs = [submit(chain(("a", "echo", {}))) for _ in range(3)]
    for run in runs:
        prepare(store, claim(store), run)
    if prepare is under_an_old_policy:
        policy(stub_policy(*STRICTER, version=2))
    broken = runs[1]
    told = fresh(broken).last_event
    # Its next event would have a number that is taken, and what was held there names no rules.
    Run.objects.filter(pk=broken.pk).update(last_event=told - 1)
    broken.reviews.update(rules=7)
    before = [how(run) for run in runs]
    for number in (1, 2):
        store.sweep()
        assert caplog.text.count("the sweep goes on without it") == number, caplog.text
    after = [how(run) for run in runs]
    assert after[1] == before[1] and after[0] != before[0] and after[2] != before[2]
    Run.objects.filter(pk=broken.pk).update(last_event=told)
    broken.reviews.update(rules=["person-text"])
    store.sweep()
    assert how(broken) == after[0], "the next sweep comes to it again"
    assert numbers(broken) == list(range(1, fresh(broken).last_event + 1))


def how(run: Run) -> tuple[str, str]:
    return fresh(run).state, Segment.objects.get(run=run).state


def test_a_database_that_is_away_is_no_fault_of_one_run() -> None:
    """Each of a thousand would wait for it as long as the first."""
    if connection.vendor == "sqlite":
        with pytest.raises(OperationalError), spares_others("a run"):
            raise OperationalError("database is locked")
        return
    with pytest.raises(OperationalError), spares_others("a run"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    with spares_others("a run"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        raise OperationalError("somebody has this one locked")
