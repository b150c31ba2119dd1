"""Refuses a run whose plan cannot be read here, because an earlier edition wrote it or somebody altered it.

It ends as failed, with the reason. Left as it is, it would stop every sweep that comes upon it, and with it all others.
One that a later edition wrote is left to that edition's workers: what is old here goes when the upgrade is over.
"""

import logging

from builder.runs.ledger import Ledger, has_ended
from builder.runs.plans import NewerPlan, UnreadablePlan
from runtime.dispatch.failures import plan_refused
from runtime.dispatch.states import SEGMENT_ENDED, STEP_ENDED, SegmentState, StepState

log = logging.getLogger(__name__)


def refuse_unreadable(ledger: Ledger) -> bool:
    """Whether the run had to be refused, or is not for this edition: then nothing of it may be done here."""
    try:
        ledger.plan  # noqa: B018 - read here for the first time
    except NewerPlan as newer:
        log.warning("run %s is left to newer workers: %s", ledger.run.pk, newer)
        return True
    except UnreadablePlan:
        log.exception("run %s is refused", ledger.run.pk)
    else:
        return False
    if not has_ended(ledger.run):
        _end(ledger)
    return True


def _end(ledger: Ledger) -> None:
    """All that does not ask the plan: the first step that has not ended takes the blame, nothing else will run."""
    failure = plan_refused().to_json()
    ledger.start_run()
    for segment in ledger.run.segments.exclude(state__in=[state.value for state in SEGMENT_ENDED]):
        ledger.move_segment(segment, SegmentState.CANCELLED, worker="", leased_until=None)
    steps = ledger.run.steps.exclude(state__in=[state.value for state in STEP_ENDED]).order_by("position")
    for number, step in enumerate(steps):
        if number == 0:
            step.error = failure
            step.save(update_fields=["error"])
        ledger.end_steps([step], StepState.CANCELLED if number else StepState.FAILED)
    ledger.fail_run(failure)
