"""Migrations forward from an installation with runs: what is under way goes on, and what had ended can be begun again."""

import pytest
from django.core.management import call_command

from builder.runs.models import Run, Segment, Step
from builder.runs.store import DatabaseRunStore
from runtime.dispatch.states import SegmentState
from tests.builder.runs.claims import claim, everything, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def test_runs_from_before_there_were_waits_and_restarts_go_on(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    try:
        call_command("migrate", "runs", "0010", verbosity=0)
    finally:
        call_command("migrate", "runs", verbosity=0)
    assert set(Step.objects.values_list("key", "failures", "due", "waits")) == {("", 0, None, None)}
    assert fresh(run).restarts_id is None and Segment.objects.get(run=run).state == "leased"
    assert store.finish(claimed, SegmentState.DONE, everything(claimed))
    assert fresh(run).state == "succeeded"
