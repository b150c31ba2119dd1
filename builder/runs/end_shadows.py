"""Ends the shadows of a run: however their segment went, it is done, and the run is as if they had not been there."""

from collections.abc import Iterable

from builder.runs.ledger import Ledger
from builder.runs.models import Segment, Step
from builder.safety.record_shadow import count_look, record_shadow_finding
from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.values import Json

FATAL = frozenset({StepState.FAILED, StepState.CANCELLED})


def end_shadows(ledger: Ledger, segment: Segment, steps: Iterable[Step]) -> None:
    """Those that did not come to an end, because their worker died, hung or gave up, count as not judged."""
    for step in steps:
        if StepState(step.state) not in STEP_ENDED or StepState(step.state) in FATAL:
            count_look(shadow_of(ledger, step.name), judged=False)
    ledger.end_steps(steps, StepState.SKIPPED)
    ledger.move_segment(segment, SegmentState.DONE, worker="", leased_until=None)
    ledger.go_on()


def is_shadow(ledger: Ledger, step: str) -> bool:
    return bool(ledger.plan.shadows) and any(item.id == step and item.shadow for item in ledger.plan.steps)


def shadow_of(ledger: Ledger, step: str) -> str:
    """The id of the shadow that a step belongs to."""
    return str(ledger.plan.step(step).params["shadow"])


def write_shadow_finding(ledger: Ledger, found: dict[str, Json]) -> None:
    gate = ledger.plan.step(found["step"]).shadow
    assert gate is not None
    record_shadow_finding(shadow_of(ledger, found["step"]), ledger.run.pk, gate.rules, found)
