"""The database refuses what no code of ours would write: a run, segment or step in a state that does not follow."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User
from builder.runs.guard_states import GUARDED
from builder.runs.models import Run, Segment, Step
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import (
    RUN_EDGES,
    RUN_ENDED,
    SEGMENT_EDGES,
    SEGMENT_ENDED,
    STEP_EDGES,
    STEP_ENDED,
    RunState,
    SegmentState,
    StepState,
)
from runtime.safety.policy import Policy
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db
MODELS: dict[str, Any] = {"runs_run": Run, "runs_segment": Segment, "runs_step": Step}
STATES: dict[str, Any] = {"runs_run": RunState, "runs_segment": SegmentState, "runs_step": StepState}


@pytest.fixture
def run(db: None, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Run:
    policy(stub_policy())
    workspace = create_workspace("mine", User.objects.create(username="ada"))
    return submit_run(Order(workspace, {"text": "hello"}, graph=chain(("a", "echo", {})))).run


def put(model: Any, row: Any, state: str) -> None:
    """Whatever it was in, without asking: a row that is new is guarded by nothing."""
    copy = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
    model.objects.filter(pk=row.pk)._raw_delete(model.objects.db)
    model(**(copy | {"state": state})).save(force_insert=True)


@pytest.mark.parametrize("table", GUARDED)
def test_exactly_the_edges_are_let_through(run: Run, table: str) -> None:
    if table == "runs_run":
        run.segments.all().delete()
        run.steps.all().delete()
        run.events.all().delete()
    model, edges = MODELS[table], GUARDED[table]
    row = model.objects.first()
    lease = {"leased_until": run.created} if table == "runs_segment" else {}
    for old in STATES[table]:
        for new in STATES[table]:
            for name, value in lease.items():
                setattr(row, name, value)
            put(model, row, old.value)
            try:
                with transaction.atomic():
                    model.objects.filter(pk=row.pk).update(state=new.value)
                passed = True
            except DatabaseError:
                passed = False
            assert passed == (old == new or new in edges.get(old, ())), (table, old, new)


def test_what_has_ended_has_no_way_on_and_nothing_becomes_new_again() -> None:
    assert not set(RUN_EDGES) & RUN_ENDED and not set(SEGMENT_EDGES) & SEGMENT_ENDED
    assert not set(STEP_EDGES) & STEP_ENDED
    assert all(RunState.QUEUED not in nexts for nexts in GUARDED["runs_run"].values())
    assert all(SegmentState.PENDING not in nexts for nexts in GUARDED["runs_segment"].values())
    assert all(nexts <= GUARDED["runs_run"][state] for state, nexts in RUN_EDGES.items())
