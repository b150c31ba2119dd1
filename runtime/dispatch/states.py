"""States of runs, segments and steps, the edges between them, and how a run ends."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from runtime.plan import Plan


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
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    CACHED = "cached"
    SKIPPED = "skipped"
    WITHHELD = "withheld"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN_ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.BLOCKED})
SEGMENT_ENDED = frozenset({SegmentState.DONE, SegmentState.FAILED, SegmentState.CANCELLED})
STEP_ENDED = frozenset(StepState) - {StepState.PENDING, StepState.RUNNING}

RUN_EDGES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
    RunState.RUNNING: frozenset({RunState.WAITING, *RUN_ENDED}),
    RunState.WAITING: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
}
SEGMENT_EDGES: Mapping[SegmentState, frozenset[SegmentState]] = {
    SegmentState.PENDING: frozenset({SegmentState.READY, SegmentState.CANCELLED}),
    SegmentState.READY: frozenset({SegmentState.LEASED, SegmentState.CANCELLED}),
    # Back to ready: the lease expired, or a draining worker handed it back.
    SegmentState.LEASED: frozenset({SegmentState.READY, *SEGMENT_ENDED}),
}


def ready_segments(plan: Plan, states: Mapping[int, SegmentState]) -> list[int]:
    """The pending segments whose needs are all done."""
    done = {index for index, state in states.items() if state is SegmentState.DONE}
    return [
        s.index for s in plan.segments if states[s.index] is SegmentState.PENDING and done.issuperset(s.needs)
    ]


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
