"""History: what a session has to write down, gathered into small batches that are written whole, under the fence."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import LEASE, Claim, Progress, RunStore, StepRecord
from runtime.engine.faults import failure_of
from runtime.events import Event
from runtime.safety.deliver import NotCleared
from runtime.values import Value
from runtime.worker.watch import Watch

log = logging.getLogger(__name__)

BATCH = 0.05  # seconds that a record may wait for company
RETRY = 0.5  # seconds between two tries to reach the database


@dataclass(slots=True)
class History:
    """Not yet written steps, events and results of one claim."""

    store: RunStore
    claim: Claim
    watch: Watch
    patience: float = LEASE  # seconds for which writing may fail
    _steps: list[StepRecord] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)
    _results: list[tuple[str, Value]] = field(default_factory=list)
    _due: float | None = None
    # A batch whose writing failed is tried again as it was: the store knows a whole batch that it already has.
    _stuck: Progress | None = None
    _failing_since: float | None = None

    def add(
        self, record: StepRecord, events: Sequence[Event] = (), results: Sequence[tuple[str, Value]] = ()
    ) -> None:
        self._steps.append(record)
        self._events.extend(events)
        self._results.extend(results)
        if self._due is None:
            self._due = time.monotonic() + BATCH

    def hurry(self) -> None:
        """Somebody waits for what was added last."""
        if self._stuck is None:
            self._due = time.monotonic()

    @property
    def is_written(self) -> bool:
        """Whether all that was added is kept."""
        return self._stuck is None and not self._steps

    def write_when_due(self) -> bool:
        """Write what has waited long enough. False when the fence is stale: nothing of ours counts any more.

        Raises NotCleared, with nothing written, when a result was about to reach a person without its clearance.
        """
        if self._due is None or time.monotonic() < self._due:
            return True
        batch = self._stuck or self._take()
        try:
            held = self.store.record(self.claim, batch)
        except NotCleared:
            self._stuck = batch
            raise
        except Exception as fault:  # noqa: BLE001 - the database is away: keep the batch and try again
            log.warning("history not written: %s", type(fault).__name__)
            self._stuck, self._due = batch, time.monotonic() + RETRY
            self._lose_patience()
            return True
        self._stuck = self._failing_since = None
        self._due = time.monotonic() if self._steps else None
        return held

    def finish(self, state: SegmentState) -> None:
        """Write the rest and end the segment, trying until the database answers or the lease is lost."""
        progress: Progress | None = None
        while not self.watch.lost.is_set():
            try:
                if self._stuck is not None:
                    self.store.record(self.claim, self._stuck)
                    self._stuck = None
                progress = progress or self._take()
                self.store.finish(self.claim, state, progress)
                return
            except NotCleared as fault:
                state = SegmentState.FAILED
                if self._stuck is not None:
                    self._stuck = self._refused(self._stuck, fault)
                else:
                    progress = self._refused(progress or Progress(), fault)
            except Exception as fault:  # noqa: BLE001 - the database is away: try again while the lease stands
                log.warning("segment not ended: %s", type(fault).__name__)
                self._lose_patience()
                time.sleep(RETRY)

    def hand_back(self, lost: bool) -> None:
        """Give the segment back with what was done of it: the next attempt goes on from there."""
        try:
            batch = self._stuck or self._take()
            if batch.steps:
                self.store.record(self.claim, batch)
            self.store.release(self.claim, lost)
        except Exception as fault:  # noqa: BLE001 - the database is away: the lease will run out by itself
            log.warning("segment not handed back: %s", type(fault).__name__)

    def _lose_patience(self) -> None:
        """Let the lease go when the database answers heartbeats but refuses what we write: it will not change."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        if now - self._failing_since > self.patience:
            self.watch.lost.set()

    def _take(self) -> Progress:
        taken = Progress(tuple(self._steps), tuple(self._events), tuple(self._results))
        self._steps, self._events, self._results = [], [], []
        return taken

    def _refused(self, batch: Progress, fault: NotCleared) -> Progress:
        """The batch without its results; the steps that were to deliver them have failed."""
        names = {name for name, _ in batch.results}
        guilty = {item.step for item in self.claim.plan.results if item.name in names}
        steps = tuple(
            replace(r, state=StepState.FAILED, outputs={}, error=failure_of(fault, self._node(r.step)))
            if r.step in guilty and r.state is StepState.DONE
            else r
            for r in batch.steps
        )
        return Progress(steps, batch.events, ())

    def _node(self, step: str) -> str | None:
        return self.claim.plan.step(step).node
