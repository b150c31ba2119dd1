"""moments: steps that wait for a moment of the database's clock, and go on when it has come.

Nobody holds their segment meanwhile. Asked in each sweep, by an index in which only such steps are.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from builder.common.clock import moment
from builder.runs.ledger import Ledger, open_ledger
from builder.runs.models import Segment, Step
from builder.runs.spares_others import spares_others
from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.dispatch.store import Pause, WaitsFor


def begin_pause(step: Step, pause: Pause) -> None:
    """Write into the step what it waits for, and until when; the caller keeps it."""
    step.due = None if pause.seconds is None else moment(timedelta(seconds=pause.seconds))
    step.waits = {**pause.to_json(), "until": step.due.isoformat() if step.due else None}
    step.failures += pause.waits_for is WaitsFor.RETRY


def end_pause(step: Step) -> None:
    """It waits no more. Its moment stays with it until it has ended: lost meanwhile, it need not wait once more."""
    step.waits = None
    if StepState(step.state) in STEP_ENDED:
        step.due = None


def due_in(ledger: Ledger, segment: int) -> frozenset[str]:
    """The steps of the segment whose moment has come, also of those that were begun then and lost."""
    open_states = [state.value for state in StepState if state not in STEP_ENDED]
    rows = ledger.run.steps.filter(segment=segment, state__in=open_states, due__lte=Now())
    return frozenset(rows.values_list("name", flat=True))


def failures_in(ledger: Ledger, segment: int) -> dict[str, int]:
    """How often steps of the segment have failed that are tried again."""
    rows = ledger.run.steps.filter(segment=segment, failures__gt=0)
    return dict(rows.values_list("name", "failures"))


def wake_due() -> None:
    """Make the segments ready that wait for a moment which has come. One in which others still work goes on with these."""
    waiting = Segment.objects.filter(
        run=OuterRef("run"), index=OuterRef("segment"), state=SegmentState.WAITING.value
    )
    found = _due().filter(Exists(waiting)).order_by("due").values_list("run_id", "segment")
    for run_id, index in dict.fromkeys(found):
        with spares_others(f"run {run_id} segment {index}"), open_ledger(run_id) as ledger:
            # Looked at again under the run's lock: it may have been cancelled, or offered by another sweep.
            segment = ledger.run.segments.filter(index=index, state=SegmentState.WAITING.value).first()
            if segment is not None and due_in(ledger, index):
                ledger.offer(segment)


def _due() -> QuerySet[Step]:
    return Step.objects.filter(state=StepState.WAITING.value, due__lte=Now())
