"""Ledger: a run under lock. The only code that changes states; every change that people see writes its event.

Whoever holds a ledger holds the run's row, so all changes of one run take turns, and its events have no gaps.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from builder.common.broker import broker
from builder.common.bulk import insert, update
from builder.runs import live
from builder.runs.models import Event as EventRow
from builder.runs.models import ReviewState, Run, Segment, Step
from builder.runs.plans import plan_of
from builder.runs.rows import UNREAD, locked_run, segments_of, steps_in, telling_steps
from runtime.dispatch.states import (
    RUN_EDGES,
    RUN_ENDED,
    SEGMENT_EDGES,
    SEGMENT_ENDED,
    STEP_ENDED,
    RunState,
    SegmentState,
    StepState,
    doomed_segments,
    ready_segments,
    settle,
)
from runtime.dispatch.wake import wake
from runtime.events import EventKind
from runtime.plan import SHADOW, Plan
from runtime.values import Json

# Steps above which it is no longer cheaper to ask for them by name.
MANY = 1_000
# What a ledger changes of a run.
CHANGED = ("state", "started", "finished", "error", "last_event", "cancel_requested")


class BadEdge(Exception):
    """A state was about to change along an edge that does not exist: a bug."""


class Ledger:
    """The run, its changes of this transaction, and what must be told once it is committed."""

    def __init__(self, run: Run, plan: Plan | None = None) -> None:
        """With a `plan` the run is new: its rows are the caller's to write, before this is closed."""
        self.run = run
        self._is_new = plan is not None
        self.now = timezone.now()
        self._events: list[EventRow] = []
        self._wakes: Counter[str] = Counter()
        self._steps: dict[int, dict[str, Step]] = {}
        self._plan = plan

    @property
    def plan(self) -> Plan:
        if self._plan is None:
            self._plan = plan_of(self.run.plan_id)
        return self._plan

    @property
    def state(self) -> RunState:
        return RunState(self.run.state)

    def event(self, kind: EventKind, data: dict[str, Json] | None = None) -> None:
        self.run.last_event += 1
        self._events.append(
            EventRow(run=self.run, seq=self.run.last_event, kind=kind.value, data=data or {}, at=self.now)
        )

    def start_run(self) -> None:
        """A segment was claimed: the first, or the first after the run waited for a person."""
        if self.state in (RunState.QUEUED, RunState.WAITING):
            self._move_run(RunState.RUNNING)
            self.run.started = self.run.started or self.now
            self.event(EventKind.RUN_RUNNING)

    def begin(self, segments: Sequence[Segment]) -> None:
        """Make those segments of a new run ready that need nothing; they are not written yet."""
        by_index = {segment.index: segment for segment in segments}
        for index in ready_segments(self.plan, dict.fromkeys(by_index, SegmentState.PENDING)):
            by_index[index].state = SegmentState.READY.value
            self._wakes[by_index[index].resource] += 1
        if not segments:
            self._settle()

    def offer(self, segment: Segment) -> None:
        """Make a segment ready, and say so to the workers of its resource class."""
        self.move_segment(segment, SegmentState.READY, worker="", leased_until=None)
        self._wakes[segment.resource] += 1

    def move_segment(self, segment: Segment, state: SegmentState, **changes: object) -> None:
        if state not in SEGMENT_EDGES.get(SegmentState(segment.state), frozenset()):
            raise BadEdge(f"segment {segment.index}: {segment.state} to {state}")
        segment.state = state.value
        for name, value in changes.items():
            setattr(segment, name, value)
        update(Segment, [segment], ("state", *changes))

    def steps_of(self, segment: int) -> dict[str, Step]:
        """The segment's steps by name, in their order, without what they gave. Read once: who changes one, changes these."""
        if segment not in self._steps:
            self._steps[segment] = {step.name: step for step in steps_in(self.run.pk, segment)}
        return self._steps[segment]

    def steps_named(self, segment: int, names: Collection[str]) -> dict[str, Step]:
        """These steps of the segment at least. Of a long one a batch changes a few: to read all each time costs its square."""
        if segment in self._steps or len(names) > MANY:
            return self.steps_of(segment)
        rows = self.run.steps.filter(segment=segment, name__in=names).order_by("position")
        return {step.name: step for step in rows.defer(*UNREAD)}

    def end_steps(self, steps: Iterable[Step], state: StepState) -> None:
        """End those of the steps that have not ended; what was held or asked there is no longer anybody's to decide."""
        ended: list[Step] = []
        for step in steps:
            if step.state == StepState.WAITING:
                self.close_review(step)
            if StepState(step.state) not in STEP_ENDED:
                step.state, step.finished, step.question = state.value, self.now, None
                ended.append(step)
                self.step_event(step)
        update(Step, ended, ("state", "finished", "question"))

    def close_review(self, step: Step) -> None:
        """Nobody is to decide about this gate any more; the next sweep lets go of what it held."""
        rows = self.run.reviews.filter(step=step.name, state=ReviewState.OPEN)
        rows.update(state=ReviewState.CLOSED, decided=self.now)

    def step_event(self, step: Step) -> None:
        """Tell the state that a step has come to. Of a shadow nobody is told who follows the run."""
        if step.type == SHADOW:
            return
        if step.state == StepState.RUNNING:
            self.event(EventKind.STEP_RUNNING, {"step": step.name, "attempt": step.attempt})
        else:
            data = {"step": step.name, "seconds": step.seconds, "cost": step.cost, "error": step.error}
            if step.state == StepState.WAITING:
                data["waits"] = step.waits
            self.event(EventKind(f"step.{step.state}"), data)

    def go_on(self) -> None:
        """After a segment has ended or come to wait: ready what can run, cancel what never will, and end the run

        when all is over, or say that it waits when nothing is left to do before a person or a moment.
        """
        segments = {segment.index: segment for segment in segments_of(self.run.pk)}
        states = {index: SegmentState(segment.state) for index, segment in segments.items()}
        if self.run.cancel_requested:
            open_states = (SegmentState.PENDING, SegmentState.READY, SegmentState.WAITING)
            doomed = [index for index, state in states.items() if state in open_states]
        else:
            doomed = doomed_segments(self.plan, states)
            for index in ready_segments(self.plan, states, self._ended_in_waiting(states)):
                self.offer(segments[index])
        for index in doomed:
            self.move_segment(segments[index], SegmentState.CANCELLED)
            self.end_steps(self.steps_of(index).values(), StepState.CANCELLED)
        # A run does not wait for its shadows: they may go on after it has ended.
        real = (segment for index, segment in segments.items() if index not in self.plan.shadows)
        now = {SegmentState(segment.state) for segment in real}
        if self.state in RUN_ENDED:
            return
        if now <= SEGMENT_ENDED:
            self._settle()
        elif SegmentState.WAITING in now and not now & {SegmentState.READY, SegmentState.LEASED}:
            self._wait()

    def _ended_in_waiting(self, states: Mapping[int, SegmentState]) -> set[str]:
        """The steps of waiting segments that have ended: what hangs on them alone need not wait."""
        waiting = [index for index, state in states.items() if state is SegmentState.WAITING]
        if not waiting:
            return set()
        ended = self.run.steps.filter(segment__in=waiting, state__in=[state.value for state in STEP_ENDED])
        return set(ended.values_list("name", flat=True))

    def _wait(self) -> None:
        """Nothing is left to do until a person decides, or a moment has come."""
        if self.state is not RunState.WAITING:
            self._move_run(RunState.WAITING)
            self.event(EventKind.RUN_WAITING)

    def _settle(self) -> None:
        promised = {item.step for item in self.plan.results}
        # How a run ends is decided by those alone that it promised, and by those that failed or were stopped.
        found = telling_steps(self.run.pk, promised)
        states = {name: StepState(state) for name, state, _ in found}
        # A request to stop that came too late stopped nothing.
        stopped = self.run.cancel_requested and StepState.CANCELLED in states.values()
        state = settle(states, promised, stopped)
        data: dict[str, Json] = {}
        if state is RunState.FAILED:
            self.fail_run(next(error for _, state_, error in found if state_ == StepState.FAILED))
            return
        if state is RunState.BLOCKED:
            # A gate withheld them, and its findings say why; or the whole run was, for another reason.
            why: dict[str, Json] = {"error": self.run.error} if self.run.error else {}
            data = {"outputs": self._withheld(states), **why}
        self._end_run(state, data)

    def fail_run(self, error: Json) -> None:
        self.run.error = error
        self._end_run(RunState.FAILED, {"error": error})

    def _end_run(self, state: RunState, data: dict[str, Json]) -> None:
        if self.state is RunState.QUEUED:
            self.start_run()
        self._move_run(state)
        self.run.finished = self.now
        self.event(EventKind(f"run.{state}"), data)

    def _withheld(self, states: Mapping[str, StepState]) -> list[str]:
        return [item.name for item in self.plan.results if states[item.step] is StepState.WITHHELD]

    def _move_run(self, state: RunState) -> None:
        if state not in RUN_EDGES.get(self.state, frozenset()):
            raise BadEdge(f"run {self.run.pk}: {self.run.state} to {state}")
        self.run.state = state.value

    def close(self) -> None:
        """Write the run and its events; tell of them once they are committed."""
        if not self._events and not self._wakes:
            return
        insert(EventRow, self._events)
        if not self._is_new:
            update(Run, [self.run], CHANGED)
        run, told, wakes = self.run.pk, [_told(row) for row in self._events], dict(self._wakes)
        transaction.on_commit(lambda: _announce(run, told, wakes))


@contextmanager
def open_ledger(run_id: UUID | str, leave_out: Sequence[str] = ("arguments", "inputs")) -> Iterator[Ledger]:
    """The run's ledger for one transaction, without what takes long to read. Raises Run.DoesNotExist."""
    with transaction.atomic():
        run = locked_run(run_id if isinstance(run_id, UUID) else UUID(run_id), tuple(leave_out))
        if run is None:
            raise Run.DoesNotExist
        ledger = Ledger(run)
        yield ledger
        ledger.close()


def has_ended(run: Run) -> bool:
    return RunState(run.state) in RUN_ENDED


def _told(row: EventRow) -> live.Told:
    return live.told(row.run_id, row.seq, row.kind, row.data, row.at)


def _announce(run: UUID, told: list[live.Told], wakes: Mapping[str, int]) -> None:
    if told:
        live.publisher().tell(run, told)
    for resource, times in wakes.items():
        wake(broker(), resource, times)
