"""States of runs, segments and steps, the edges between them, and how a run ends."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from runtime.plan import Plan, Segment


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


class SegmentState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    LEASED = "leased"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    # A gate holds a value until a person has decided, or a step is to be tried again at a moment that is to come.
    WAITING = "waiting"
    DONE = "done"
    CACHED = "cached"
    SKIPPED = "skipped"
    WITHHELD = "withheld"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN_ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.BLOCKED})
SEGMENT_ENDED = frozenset({SegmentState.DONE, SegmentState.FAILED, SegmentState.CANCELLED})
STEP_ENDED = frozenset(StepState) - {StepState.PENDING, StepState.RUNNING, StepState.WAITING}

RUN_EDGES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
    RunState.RUNNING: frozenset({RunState.WAITING, *RUN_ENDED}),
    RunState.WAITING: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
}
SEGMENT_EDGES: Mapping[SegmentState, frozenset[SegmentState]] = {
    SegmentState.PENDING: frozenset({SegmentState.READY, SegmentState.CANCELLED}),
    SegmentState.READY: frozenset({SegmentState.LEASED, SegmentState.CANCELLED}),
    # Back to ready: the lease expired, or a draining worker handed it back.
    SegmentState.LEASED: frozenset({SegmentState.READY, SegmentState.WAITING, *SEGMENT_ENDED}),
    # Nobody holds it: a person's decision makes it ready again, or the moment for which it waits, and no worker.
    SegmentState.WAITING: frozenset({SegmentState.READY, SegmentState.CANCELLED}),
}
STEP_EDGES: Mapping[StepState, frozenset[StepState]] = {
    StepState.PENDING: frozenset({StepState.RUNNING, StepState.WAITING, *STEP_ENDED}),
    # Back to pending: whoever ran it is lost, or has handed it back.
    StepState.RUNNING: frozenset({StepState.PENDING, StepState.WAITING, *STEP_ENDED}),
    StepState.WAITING: frozenset({StepState.PENDING, StepState.RUNNING, *STEP_ENDED}),
}


def ready_segments(plan: Plan, states: Mapping[int, SegmentState], ended: Collection[str] = ()) -> list[int]:
    """The pending segments whose needs are met: done, or waiting for a person with all that is asked of them ended.

    `ended` names the steps of waiting segments that have.
    """
    done = {index for index, state in states.items() if state is SegmentState.DONE}
    waiting = {index for index, state in states.items() if state is SegmentState.WAITING}
    able = done | waiting
    return [
        segment.index
        for segment in plan.segments
        if states[segment.index] is SegmentState.PENDING
        and able.issuperset(segment.needs)
        and (done.issuperset(segment.needs) or _asks_only(plan, segment, waiting, ended))
    ]


def _asks_only(plan: Plan, segment: Segment, waiting: Collection[int], ended: Collection[str]) -> bool:
    """Whether the segment takes nothing from the waiting ones but what has ended."""
    inside = set(segment.steps)
    taken = {
        ref.step
        for step in plan.steps
        if step.id in inside
        for binding in step.bindings
        for ref in binding.refs
    }
    return all(step.id in ended for step in plan.steps if step.id in taken and step.segment in waiting)


def doomed_segments(plan: Plan, states: Mapping[int, SegmentState]) -> list[int]:
    """The pending segments that can never become ready, because one they need failed or was cancelled."""
    lost = {i for i, state in states.items() if state in (SegmentState.FAILED, SegmentState.CANCELLED)}
    doomed: list[int] = []
    for segment in plan.segments:  # in topological order, so one pass reaches all
        if states[segment.index] is SegmentState.PENDING and not lost.isdisjoint(segment.needs):
            lost.add(segment.index)
            doomed.append(segment.index)
    return doomed


def settle(steps: Mapping[str, StepState], promised: Collection[str], cancelled: bool) -> RunState:
    """How a run ends once all its segments have: `promised` are the steps that deliver its outputs."""
    if cancelled:
        return RunState.CANCELLED
    if StepState.FAILED in steps.values():
        return RunState.FAILED
    if any(steps[step] is StepState.WITHHELD for step in promised):
        return RunState.BLOCKED
    return RunState.SUCCEEDED
