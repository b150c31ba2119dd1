"""Session: one claim's way through the child, watched for cancellation, time limits, a lost lease and a lost child."""

import logging
import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from runtime.dispatch.failures import not_cleared, out_of_memory, said_too_much, timed_out
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Claim, Failure, RunStore, StepRecord
from runtime.dispatch.wire import event_from_json, record_from_json, results_from_json
from runtime.safety.deliver import NotCleared
from runtime.values import Json, Value
from runtime.worker.child_process import MOST_SAID, ChildProcess, Frames
from runtime.worker.history import History
from runtime.worker.watch import Watch

log = logging.getLogger(__name__)

TICK = 0.05
# Of a step's time limit, and at least so many seconds, it may go on after it was asked to stop.
OVERTIME = 0.25
LEAST_GRACE = 0.25
# Seconds in which the child must begin with a claim: longer than anything takes to load that it had in hand before.
BEGIN = 600.0
DIED: dict[str, Json] = {"frame": "died"}


@dataclass(slots=True)
class Session:
    """Feeds a claim to the child, and what the child tells to the store. `drained` says that the worker must go."""

    store: RunStore
    claim: Claim
    child: ChildProcess
    watch: Watch
    history: History
    drained: Callable[[], bool]
    grace: float = 10.0  # seconds between asking the child to stop and killing it
    memory: int = 0  # bytes that the child may take; 0 for as many as there are
    # The keys of providers that this segment needs; in no repr, because they are keys.
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    _frames: Frames = field(default_factory=queue.Queue)
    _handed: float = field(default_factory=time.monotonic)
    _begun: bool = False
    _running: str | None = None
    _since: float = 0.0
    _said: int = 0  # bytes that the child had printed when the step began
    # It stands still since then, because others have what it needs; and what the child had printed by then.
    _waits_since: float | None = None
    _said_before: int = 0
    # A step that must not happen twice: waiting to be written down, then begun.
    _intending: str | None = None
    _begun_for_good: str | None = None
    _asked: float | None = field(default=None)  # when the child was asked to stop
    _patience: float = 0.0  # seconds that it has from then on
    _overdue: bool = False  # it was asked because of its time limit
    _weigh_at: float = 0.0  # when its memory is looked at again

    def run(self) -> bool:
        """Until the segment has ended, was handed back or lost. Whether the child can take the next claim."""
        self._frames = self.child.run(self.claim, self.keys)
        try:
            return self._follow()
        finally:
            self.child.let_go(self.claim)

    def _follow(self) -> bool:
        while True:
            frame = self._next_frame()
            if frame is DIED:
                return self._hand_back(lost=self._may_be_the_cause())
            if frame and frame["frame"] == "finished":
                return self._finish(SegmentState(frame["state"])) and not frame["leaving"]
            if frame and self._leaves_open(frame):
                self.history.hand_back(lost=False)  # the store has people say what is true
                return True
            if frame and not self._take(frame):
                return self._refuse()
            if self.watch.lost.is_set():
                return self._abandon()
            if self.drained():
                return self._hand_back(lost=False)
            if self._must_kill():
                return self._kill()
            if self._takes_too_much():
                return self._kill_for(out_of_memory)
            if self._says_too_much():
                return self._kill_for(said_too_much)
            late = not self._begun and time.monotonic() - self._handed > BEGIN
            if late and not self.child.in_company:
                return self._hand_back(lost=False)  # it hangs in something else, and a new child will not
            try:
                if not (self.history.write_when_due() and self._begin_what_is_written()):
                    return self._abandon()
            except NotCleared:
                return self._refuse()

    def _takes_too_much(self) -> bool:
        """Whether the child has more memory than it may; looked at once a moment, and not at each of its words."""
        now = time.monotonic()
        if not self.memory or now < self._weigh_at:
            return False
        self._weigh_at = now + TICK
        return self.child.memory() > self.memory

    def _says_too_much(self) -> bool:
        works = self._running is not None and self._waits_since is None
        return works and self.child.said - self._said > MOST_SAID

    def _next_frame(self) -> dict[str, Json] | None:
        """The child's next word about this claim; None when it says nothing of it for a moment."""
        try:
            frame = self._frames.get(timeout=TICK)
        except queue.Empty:
            if not self.child.alive:
                self.child.kill()  # else what it has split off keeps its pipe open, and its last word never comes
            return None
        return DIED if frame is None else frame

    def _may_be_the_cause(self) -> bool:
        """Of a child that died. One that was ended for the sake of another claim is nobody else's fault.

        Of several it is not known whose step it was, so it counts against each that was running one. Handed back, they are
        run by themselves, and then it is known.
        """
        return not self.child.ended_by_us and (self._running is not None or not self.child.in_company)

    def _take(self, frame: dict[str, Json]) -> bool:
        """Act on what the child tells; False when it would show a person what has no clearance."""
        kind, self._begun = frame["frame"], True
        if kind == "started":
            self._running, self._since, self._waits_since = frame["step"], time.monotonic(), None
            self._said = self.child.said
            self.history.add(StepRecord(frame["step"], StepState.RUNNING, intends=frame["intends"]))
            if frame["intends"]:
                self._intending = frame["step"]
                self.history.hurry()
        elif kind == "ended":
            self._running = self._intending = self._begun_for_good = None
            record = self._in_time(record_from_json(frame["record"]))
            events = [event_from_json(item) for item in frame["events"]]
            self.history.add(record, events, results_from_json(frame["results"]))
        elif kind == "waits":
            self._note_wait(frame["waits"])
        elif kind == "live":
            self.store.publish(self.claim.run, event_from_json(frame["event"]))
        elif kind == "partial":
            value = Value.from_json(frame["value"])
            try:
                self.store.publish_partial(self.claim, frame["name"], frame["step"], value)
            except NotCleared:
                step = self.claim.plan.step(frame["step"])
                self.history.add(StepRecord(step.id, StepState.FAILED, error=not_cleared(step.node)))
                return False
            except Exception as fault:  # noqa: BLE001 - the database is away: the text is shown when it is whole
                log.warning("a part of a text is not told: %s", type(fault).__name__)
        return True

    def _begin_what_is_written(self) -> bool:
        """Let the step happen whose intent is kept, while the lease stands and nobody wants the run to stop."""
        if self._intending is None or not self.history.is_written:
            return True
        try:
            beat = self.store.peek(self.claim)
        except Exception as fault:  # noqa: BLE001 - the database is away: nothing happens before it answers
            log.warning("not known whether the lease stands: %s", type(fault).__name__)
            return True
        if beat.held and beat.cancel:
            self.watch.cancelled.set()
        elif beat.held and self._asked is None:
            self._begun_for_good, self._intending = self._intending, None
            self._since = time.monotonic()
            self.child.begin(self.claim, self._begun_for_good)
        return beat.held

    def _leaves_open(self, frame: dict[str, Json]) -> bool:
        """Whether a step stopped, because it was asked to, that must not happen twice: nobody knows how far it had come."""
        if frame["frame"] != "ended" or frame["record"]["step"] != self._begun_for_good:
            return False
        return bool(frame["record"]["state"] == StepState.CANCELLED)

    def _in_time(self, record: StepRecord) -> StepRecord:
        """A step that stopped because its time was up has failed, and nobody cancelled it."""
        if not (self._overdue and record.state is StepState.CANCELLED):
            return record
        step = self.claim.plan.step(record.step)
        return replace(record, state=StepState.FAILED, error=timed_out(step.node, step.time_limit))

    def _note_wait(self, waits: bool) -> None:
        """While it waits for others its step's time stands still, and what is printed is theirs. Who has what it needs is held to both."""
        now = time.monotonic()
        if self._waits_since is not None:
            self._since += now - self._waits_since
            self._said += self.child.said - self._said_before
        self._waits_since, self._said_before = now if waits else None, self.child.said

    def _must_kill(self) -> bool:
        """Ask the child to stop when it should; True once it has not obeyed for too long."""
        now = time.monotonic()
        if self._asked is not None:
            return now - self._asked > self._patience
        until = now if self._waits_since is None else self._waits_since
        self._overdue = self._running is not None and until - self._since > self._limit(self._running)
        if self._overdue or self.watch.cancelled.is_set():
            self._asked = now
            self._patience = self.grace
            if self._overdue and self._running is not None:
                # A limit means what it says: a short one leaves little time to obey.
                self._patience = min(self.grace, max(LEAST_GRACE, self._limit(self._running) * OVERTIME))
            self.child.cancel(self.claim)
        return False

    def _limit(self, step: str) -> float:
        return self.claim.plan.step(step).time_limit

    def _kill_for(self, blame: Callable[[str | None], Failure]) -> bool:
        """End a child that takes too much. In company nobody can tell whose doing it is: all go back, to run by themselves."""
        return self._hand_back(lost=False) if self.child.in_company else self._kill(blame)

    def _kill(self, blame: Callable[[str | None], Failure] | None = None) -> bool:
        """End the child and the step that runs: cancelled, or failed by its time limit or what else is to `blame`."""
        self.child.kill()
        if self._begun_for_good is not None:
            return self._hand_back(lost=False)
        if self._running is None:
            return (
                self._finish(SegmentState.CANCELLED) and False
                if blame is None
                else self._hand_back(lost=True)
            )
        record = self._in_time(StepRecord(self._running, StepState.CANCELLED))
        if blame is not None:
            node = self.claim.plan.step(self._running).node
            record = replace(record, state=StepState.FAILED, error=blame(node))
        self.history.add(record)
        failed = record.state is StepState.FAILED
        return self._finish(SegmentState.FAILED if failed else SegmentState.CANCELLED) and False

    def _finish(self, state: SegmentState) -> bool:
        if self._overdue and state is SegmentState.CANCELLED:
            state = SegmentState.FAILED
        self.history.finish(state)
        return True

    def _refuse(self) -> bool:
        """End the segment: something without clearance was on its way to a person, and the child is not trusted."""
        self.child.kill()
        return self._finish(SegmentState.FAILED) and False

    def _hand_back(self, lost: bool) -> bool:
        self.child.kill()
        self.history.hand_back(lost)
        return False

    def _abandon(self) -> bool:
        """The lease is another's now: what is not written stays unwritten."""
        self.child.kill()
        return False
