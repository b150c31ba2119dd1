"""Rows in bulk: what is written is what the ORM would have written, for every kind of field, and for values that repeat."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.common.bulk import insert, update
from builder.runs.models import Event, Run, Segment, Step
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Run:
    policy(stub_policy())
    workspace = create_workspace("mine", User.objects.create(username="writer"))
    return submit_run(Order(workspace, {"text": "hello"}, graph=chain(("a", "echo", {})))).run


def test_rows_that_say_the_same_are_read_back_as_they_were(run: Run) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    data = [{"n": 1}, {"n": True}, {"n": 1.0}, {"n": "1"}, {}, {"at": None}]
    rows = [
        Event(run=run, seq=100 + number, kind="step.done", data=item, at=at + timedelta(hours=number % 2))
        for number, item in enumerate(data)
    ]
    assert insert(Event, rows) == len(rows)
    kept = list(run.events.filter(seq__gte=100).order_by("seq"))
    assert [repr(event.data) for event in kept] == [repr(item) for item in data]
    assert [event.at for event in kept] == [row.at for row in rows]
    assert {event.run_id for event in kept} == {run.pk}


def test_updates_write_nothing_and_null_apart(run: Run) -> None:
    steps = list(run.steps.order_by("position"))
    for number, step in enumerate(steps):
        step.seconds = [0.0, 1.0, None][number % 3]
        step.attempt = number % 2
        step.outputs = [{}, None, {"text": "x"}][number % 3]
        step.key = ["", "k"][number % 2]
    update(Step, steps, ("seconds", "attempt", "outputs", "key"))
    again = list(run.steps.order_by("position"))
    assert [(s.seconds, s.attempt, s.outputs, s.key) for s in again] == [
        (s.seconds, s.attempt, s.outputs, s.key) for s in steps
    ]
    assert not Step.objects.filter(run=run, outputs=None).exclude(outputs__isnull=True).exists()


def test_a_name_that_looks_like_a_number_stays_one(run: Run) -> None:
    segment = run.segments.get()
    segment.worker, segment.attempt = "1", 1
    update(Segment, [segment], ("worker", "attempt"))
    kept = Segment.objects.get(pk=segment.pk)
    assert (kept.worker, kept.attempt) == ("1", 1)
    assert isinstance(run.workspace, Workspace) and isinstance(kept.run_id, uuid.UUID)
