"""Ends a segment, or takes it back from a worker that is gone; all that follows from it, in the caller's transaction."""

from builder.figures.count import LEASES_LOST, count
from builder.runs.doubts import ask_people, in_doubt
from builder.runs.end_shadows import end_shadows
from builder.runs.keep_back import resume
from builder.runs.ledger import Ledger
from builder.runs.models import Segment
from runtime.dispatch.failures import worker_lost
from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.dispatch.store import LOSSES, Failure


def end(ledger: Ledger, segment: Segment, state: SegmentState) -> None:
    """Raises ValueError when the steps are not in states with which a segment ends so."""
    if segment.index in ledger.plan.shadows:
        end_shadows(ledger, segment, list(ledger.steps_of(segment.index).values()))
        return
    steps = ledger.steps_of(segment.index).values()
    states = {StepState(step.state) for step in steps}
    sound = {
        SegmentState.DONE: states <= STEP_ENDED,
        SegmentState.WAITING: StepState.WAITING in states and StepState.RUNNING not in states,
        SegmentState.FAILED: StepState.FAILED in states,
        SegmentState.CANCELLED: ledger.run.cancel_requested,
    }
    if not sound[state]:
        raise ValueError(f"a segment cannot be {state} with such steps")
    if state is not SegmentState.WAITING:
        ledger.end_steps(steps, StepState.CANCELLED)
    ledger.move_segment(segment, state, worker="", leased_until=None)
    # A person may have decided while other steps of the segment still ran. A moment that came is found by the sweep.
    resume(ledger, segment)
    ledger.go_on()


def take_back(ledger: Ledger, segment: Segment, lost: bool) -> None:
    """Make a leased segment ready again; end it when its run should stop, when it was lost too often, or as it was written.

    With a step that must not happen twice and may have, it waits for a person, and counts as no loss.
    """
    doubts = in_doubt(ledger, segment.index)
    if lost:
        count(LEASES_LOST)
    segment.losses += lost and not doubts
    segment.save(update_fields=["losses"])
    if doubts:
        ask_people(ledger, doubts)
    if (written := _as_written(ledger, segment)) is not None:
        end(ledger, segment, written)
    elif ledger.run.cancel_requested:
        end(ledger, segment, SegmentState.CANCELLED)
    elif doubts:
        end(ledger, segment, SegmentState.WAITING)
    elif segment.losses >= LOSSES or (lost and segment.index in ledger.plan.shadows):
        fail(ledger, segment)
    else:
        running = ledger.run.steps.filter(segment=segment.index, state=StepState.RUNNING.value)
        running.update(state=StepState.PENDING.value, started=None)
        ledger.offer(segment)


def _as_written(ledger: Ledger, segment: Segment) -> SegmentState | None:
    """How a segment ends of which all is written: its worker was gone just before it said so. None while more is to be done."""
    states = {StepState(step.state) for step in ledger.steps_of(segment.index).values()}
    if not states <= STEP_ENDED:
        return None
    return SegmentState.FAILED if StepState.FAILED in states else SegmentState.DONE


def fail(ledger: Ledger, segment: Segment, failure: Failure | None = None) -> None:
    """End a segment that cannot be run, or was lost too often: the step that was running, or was next, takes the blame.

    Where none is left to take it, the segment ends as its steps say.
    """
    steps = list(ledger.steps_of(segment.index).values())
    by_state = {state: next((s for s in steps if s.state == state), None) for state in StepState}
    step = by_state[StepState.RUNNING] or by_state[StepState.PENDING] or by_state[StepState.WAITING]
    if step is not None:
        ledger.close_review(step)
        step.state, step.finished = StepState.FAILED.value, ledger.now
        step.error = (failure or worker_lost(step.node)).to_json()
        step.question = None
        step.save(update_fields=["state", "finished", "error", "question"])
        ledger.step_event(step)
    end(ledger, segment, _as_written(ledger, segment) or SegmentState.FAILED)
