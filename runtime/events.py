"""Events: what a run tells about itself. Durable ones are numbered and stored; live ones may be lost."""

from dataclasses import dataclass, field
from enum import StrEnum

from runtime.values import Json


class EventKind(StrEnum):
    RUN_QUEUED = "run.queued"
    RUN_RUNNING = "run.running"
    RUN_WAITING = "run.waiting"
    RUN_SUCCEEDED = "run.succeeded"
    RUN_FAILED = "run.failed"
    RUN_CANCELLED = "run.cancelled"
    RUN_BLOCKED = "run.blocked"
    STEP_RUNNING = "step.running"
    STEP_WAITING = "step.waiting"
    STEP_DECIDED = "step.decided"
    STEP_ANSWERED = "step.answered"
    STEP_DONE = "step.done"
    STEP_CACHED = "step.cached"
    STEP_SKIPPED = "step.skipped"
    STEP_WITHHELD = "step.withheld"
    STEP_FAILED = "step.failed"
    STEP_CANCELLED = "step.cancelled"
    GATE_FINDING = "gate.finding"
    OUTPUT = "output"
    STEP_PROGRESS = "step.progress"
    OUTPUT_PARTIAL = "output.partial"
    STEP_PREVIEW = "step.preview"
    QUEUE_POSITION = "queue.position"


LIVE = frozenset(
    {EventKind.STEP_PROGRESS, EventKind.OUTPUT_PARTIAL, EventKind.STEP_PREVIEW, EventKind.QUEUE_POSITION}
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a run. Its number is given by the store, in the transaction that keeps it."""

    kind: EventKind
    data: dict[str, Json] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return self.kind in LIVE
