"""doubts: steps that must not happen twice, were begun, and gave no result. They wait until a person says what is true.

What is begun is written down before it is called (`begun`), so whoever takes a segment back finds it here and runs nothing
again by itself.
"""

from collections.abc import Sequence
from datetime import timedelta

from builder.common.bulk import update
from builder.common.clock import moment
from builder.runs.ledger import Ledger, has_ended
from builder.runs.models import Run, Segment, Step
from runtime.dispatch.failures import effect_unknown
from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.dispatch.store import WaitsFor
from runtime.events import EventKind

BEGUN = "begun"
HAPPENED = "happened"
CHANGED = ("state", "waits", "due", "error", "effect")


def in_doubt(ledger: Ledger, segment: int) -> list[Step]:
    """The steps of a segment that was taken back of which nobody knows whether they happened."""
    return [
        step
        for step in ledger.steps_of(segment).values()
        if step.state == StepState.RUNNING and step.effect == BEGUN
    ]


def ask_people(ledger: Ledger, steps: Sequence[Step]) -> None:
    """Have the steps wait for somebody who looks; of a run that should stop they end, and say what is not known."""
    for step in steps:
        step.error = effect_unknown(step.node).to_json()
        step.due = None  # of an earlier wait: this one ends by no clock
        if not ledger.run.cancel_requested:
            step.state = StepState.WAITING.value
            step.waits = {
                "for": WaitsFor.DECISION.value,
                "until": None,
                "seconds": None,
                "number": None,
                "of": None,
            }
            ledger.step_event(step)
    update(Step, list(steps), CHANGED)


def open_doubt(ledger: Ledger, name: str) -> Step | None:
    """The step, when it waits for somebody to say whether it happened."""
    if ledger.run.cancel_requested or has_ended(ledger.run):
        return None
    step = ledger.run.steps.filter(name=name, state=StepState.WAITING.value, effect=BEGUN).first()
    asks = step is not None and step.waits is not None and step.waits["for"] == WaitsFor.DECISION
    return step if asks else None


def settle_doubt(ledger: Ledger, step: Step, happened: bool) -> None:
    """It goes on as soon as a worker is free: run again, or failed without being run."""
    step.effect = HAPPENED if happened else ""
    step.error, step.due = None, moment(timedelta(0))
    step.waits = {
        "for": WaitsFor.TIME.value, "until": step.due.isoformat(), "seconds": 0.0, "number": None, "of": None,
    }  # fmt: skip
    update(Step, [step], CHANGED)
    # One in which others still work is found by the sweep: the step's moment has come.
    segment: Segment = ledger.run.segments.get(index=step.segment)
    if segment.state == SegmentState.WAITING:
        ledger.offer(segment)


def tell_decision(ledger: Ledger, step: Step, decision: str) -> None:
    ledger.event(EventKind.STEP_DECIDED, {"step": step.name, "attempt": step.attempt, "decision": decision})


def happened_in(ledger: Ledger, segment: int) -> frozenset[str]:
    """The steps of the segment of which a person said that they happened, and that have not ended."""
    open_states = [state.value for state in StepState if state not in STEP_ENDED]
    rows = ledger.run.steps.filter(segment=segment, effect=HAPPENED, state__in=open_states)
    return frozenset(rows.values_list("name", flat=True))


def may_have_happened(run: Run | None) -> bool:
    """Whether the run, or one that it began again, has begun anything that must not happen twice."""
    while run is not None:
        if run.steps.exclude(effect="").exists():
            return True
        run = run.restarts
    return False
