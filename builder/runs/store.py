"""DatabaseRunStore: the RunStore on Django's database. Leases by its clock, every write under a fence."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import django
from django.apps import apps

if not apps.ready:
    # A worker opens this store by its dotted path, with nothing of Django set up yet.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")
    django.setup()

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from builder.common.errors import Refused
from builder.common.lends_back import lends_back
from builder.runs import live
from builder.runs.end_shadows import end_shadows
from builder.runs.keep_back import expire_reviews, resume, rulings_for
from builder.runs.ledger import Ledger, open_ledger
from builder.runs.models import Run, Segment, Worker
from builder.runs.plans import plan_key, signed_plan
from builder.runs.withhold_stale import asks_more, withhold_all_stale, withhold_if_stale
from builder.runs.write_progress import write_progress
from runtime.dispatch.failures import policy_altered, worker_lost
from runtime.dispatch.states import STEP_ENDED, RunState, SegmentState, StepState
from runtime.dispatch.store import LEASE, LOSSES, Beat, Claim, Failure, Progress, WorkerReport
from runtime.events import Event, EventKind
from runtime.labels import Sink
from runtime.plan import Ref
from runtime.safety.deliver import deliver
from runtime.values import Value

log = logging.getLogger(__name__)

# What a worker reported longer ago than this is of no use to anybody.
FORGOTTEN = timedelta(days=1)
# Seconds between two questions whether the policy of a run whose text streams is still strict enough.
ASK_AGAIN = 1.0
# Runs that are told their place in the queue; further back it says nothing anyway.
TOLD_PLACES = 50


def open_store() -> "DatabaseRunStore":
    """The store of this installation; `SLUICEWAY_LEASE_SECONDS` sets how long a silent worker keeps its segment."""
    return DatabaseRunStore(float(os.environ.get("SLUICEWAY_LEASE_SECONDS") or LEASE))


class DatabaseRunStore:
    """Implements RunStore. `lease` is seconds."""

    def __init__(self, lease: float = LEASE) -> None:
        self._lease = timedelta(seconds=lease)
        self._policies_seen = 0  # the highest number of which all runs under way were asked
        # The run whose text streams, when its policy was last asked about, and whether it was strict enough.
        self._streams: tuple[str, float, bool] = ("", 0.0, True)

    @lends_back
    def claim(self, worker: str, resources: frozenset[str]) -> Claim | None:
        ready = Segment.objects.filter(state=SegmentState.READY.value, resource__in=resources)
        # Asked outside a transaction first: on SQLite every transaction takes the one write lock.
        while ready.exists():
            claimed = self._lease_one(worker, resources)
            claim = self._load(claimed) if claimed else None
            if claim is not None:
                return claim
        return None

    def _lease_one(self, worker: str, resources: frozenset[str]) -> Segment | None:
        """Lease the next segment. Locks nothing but its row, so it never waits for who holds a run."""
        ready = Segment.objects.filter(state=SegmentState.READY.value, resource__in=resources)
        with transaction.atomic():
            row = ready.select_for_update(skip_locked=True).order_by("run_id", "index").first()
            if row is None:
                return None
            changed = ready.filter(pk=row.pk).update(
                state=SegmentState.LEASED.value,
                fence=F("fence") + 1,
                attempt=F("attempt") + 1,
                worker=worker,
                leased_until=Now() + self._lease,
            )
            if changed != 1:
                return None
            row.refresh_from_db()  # inside: a later holder's fence must never be read as ours
        return row

    def _load(self, segment: Segment) -> Claim | None:
        """Everything that the segment's steps need; None when another has it by now."""
        with open_ledger(segment.run_id) as ledger:
            run = ledger.run
            if not _held(segment.run_id, segment.index, segment.fence).exists():
                return None
            if not run.policy.is_whole:
                _fail(ledger, segment, policy_altered())
                return None
            if segment.index not in ledger.plan.shadows:
                if withhold_if_stale(ledger):
                    return None
                ledger.start_run()
            steps = list(run.steps.exclude(state=StepState.PENDING.value))
            rulings = rulings_for(ledger, segment.index)
            plan = ledger.plan
        return Claim(
            run=str(run.pk),
            segment=segment.index,
            fence=segment.fence,
            attempt=segment.attempt,
            plan=plan,
            mac=signed_plan(run.plan_id).mac,
            policy=run.policy.policy,
            arguments={name: Value.from_json(raw) for name, raw in run.arguments.items()},
            values={
                Ref(step.name, port): Value.from_json(raw)
                for step in steps
                for port, raw in (step.outputs or {}).items()
            },
            states={step.name: StepState(step.state) for step in steps},
            rulings=rulings,
        )

    @lends_back
    def heartbeat(self, claim: Claim) -> Beat:
        held = _held(claim.run, claim.segment, claim.fence).update(leased_until=Now() + self._lease) == 1
        return Beat(held, self._cancelled(claim))

    @lends_back
    def peek(self, claim: Claim) -> Beat:
        return Beat(_held(claim.run, claim.segment, claim.fence).exists(), self._cancelled(claim))

    def _cancelled(self, claim: Claim) -> bool:
        return Run.objects.filter(pk=claim.run, cancel_requested=True).exists()

    @lends_back
    def record(self, claim: Claim, progress: Progress) -> bool:
        with self._fenced(claim, progress) as found:
            if found is not None:
                write_progress(found[0], claim, progress)
        return found is not None

    @lends_back
    def finish(self, claim: Claim, state: SegmentState, progress: Progress) -> bool:
        with self._fenced(claim, progress) as found:
            if found is not None:
                write_progress(found[0], claim, progress)
                _end(*found, state)
        return found is not None

    @lends_back
    def release(self, claim: Claim, lost: bool = False) -> bool:
        with self._fenced(claim) as found:
            if found is not None:
                _take_back(*found, lost)
        return found is not None

    @lends_back
    def sweep(self) -> frozenset[str]:
        overdue = Segment.objects.filter(state=SegmentState.LEASED.value, leased_until__lt=Now())
        for run_id, index in overdue.values_list("run_id", "index"):
            with open_ledger(run_id) as ledger:
                # Looked at again under the run's lock: its worker may have come back in time.
                segment = overdue.filter(run_id=run_id, index=index).first()
                if segment is not None:
                    _take_back(ledger, segment, lost=True)
        expire_reviews()
        try:
            self._policies_seen = withhold_all_stale(self._policies_seen)
        except Refused:  # the policy in force is not what was published: claims say it, and sweeps go on
            log.exception("policies")
        _sweep_besides()
        ready = Segment.objects.filter(state=SegmentState.READY.value)
        resources = frozenset(ready.order_by().values_list("resource", flat=True).distinct())
        if resources:
            self._tell_places()
        return resources

    def _tell_places(self) -> None:
        """Tell the runs that nobody has begun how many are to begin before them, themselves included."""
        queued = Run.objects.filter(state=RunState.QUEUED.value).order_by("pk")
        for place, run in enumerate(queued.values_list("pk", flat=True)[:TOLD_PLACES], start=1):
            self.publish(str(run), Event(EventKind.QUEUE_POSITION, {"position": place}))

    @lends_back
    def report(self, worker: WorkerReport) -> None:
        Worker.objects.update_or_create(
            id=worker.id,
            defaults={
                "resources": list(worker.resources),
                "device": worker.device,
                "models_held": list(worker.models),
                "memory": worker.memory,
                "busy": worker.busy,
                "seen": Now(),
            },
        )
        Worker.objects.filter(seen__lt=Now() - FORGOTTEN).delete()

    def publish(self, run: str, event: Event) -> None:
        live.publisher().show(run, event)

    def publish_partial(self, claim: Claim, name: str, step: str, value: Value) -> None:
        def show(passed: Value) -> None:
            self.publish(
                claim.run, Event(EventKind.OUTPUT_PARTIAL, {"name": name, "step": step, "text": passed.data})
            )

        if self._may_stream(claim.run):
            deliver(value, Sink.PERSON, claim.policy, show)

    @lends_back
    def _may_stream(self, run: str) -> bool:
        """Whether the run's policy is strict enough still. Text comes many times a second, so not each asks anew."""
        known, asked, _ = self._streams
        if known != run or time.monotonic() - asked >= ASK_AGAIN:
            found = Run.objects.only("workspace_id", "workflow_id", "called", "policy_id").get(pk=run)
            self._streams = (run, time.monotonic(), not asks_more(found))
        return self._streams[2]

    def plan_key(self) -> bytes:
        return plan_key()

    @contextmanager
    def _fenced(
        self, claim: Claim, progress: Progress | None = None
    ) -> Iterator[tuple[Ledger, Segment] | None]:
        """The ledger and the segment when the claim still stands; the check renews its lease.

        It stands no longer when the progress would deliver or keep something under a policy that was tightened since.
        """
        with open_ledger(claim.run) as ledger:
            held = _held(claim.run, claim.segment, claim.fence)
            if held.update(leased_until=Now() + self._lease) != 1:
                yield None
                return
            if progress is not None and _lets_out(progress) and withhold_if_stale(ledger):
                yield None
                return
            yield ledger, held.get()


def _sweep_besides() -> None:
    """What others have asked to be done in each sweep."""
    for path in settings.SWEEPS:
        try:
            import_string(path)()
        except Exception:  # whatever it is, runs must go on being found
            log.exception("%s has failed; the next sweep tries it again", path)


def _lets_out(progress: Progress) -> bool:
    return bool(progress.results) or any(record.held is not None for record in progress.steps)


def _held(run: UUID | str, index: int, fence: int) -> "QuerySet[Segment]":
    return Segment.objects.filter(run_id=run, index=index, fence=fence, state=SegmentState.LEASED.value)


def _end(ledger: Ledger, segment: Segment, state: SegmentState) -> None:
    """End a segment, and everything that follows from it, in the caller's transaction."""
    steps = list(ledger.run.steps.filter(segment=segment.index).order_by("position"))
    if segment.index in ledger.plan.shadows:
        end_shadows(ledger, segment, steps)
        return
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
    # A person may have decided while other steps of the segment still ran.
    resume(ledger, segment)
    ledger.go_on()


def _take_back(ledger: Ledger, segment: Segment, lost: bool) -> None:
    """Make a leased segment ready again; end it when its run should stop, or when it was lost too often."""
    segment.losses += lost
    segment.save(update_fields=["losses"])
    if ledger.run.cancel_requested:
        _end(ledger, segment, SegmentState.CANCELLED)
    elif segment.losses >= LOSSES or (lost and segment.index in ledger.plan.shadows):
        _fail(ledger, segment)
    else:
        running = ledger.run.steps.filter(segment=segment.index, state=StepState.RUNNING.value)
        running.update(state=StepState.PENDING.value, started=None)
        ledger.offer(segment)


def _fail(ledger: Ledger, segment: Segment, failure: Failure | None = None) -> None:
    """End a segment that cannot be run, or was lost too often: the step that was running, or was next, takes the blame."""
    left = ledger.run.steps.filter(segment=segment.index)
    step = (
        left.filter(state=StepState.RUNNING.value).first()
        or left.filter(state=StepState.PENDING.value).order_by("position").first()
        or left.filter(state=StepState.WAITING.value).order_by("position").first()
    )
    if step is not None:
        ledger.close_review(step)
        step.state, step.finished = StepState.FAILED.value, ledger.now
        step.error = (failure or worker_lost(step.node)).to_json()
        step.save(update_fields=["state", "finished", "error"])
        ledger.step_event(step)
    _end(ledger, segment, SegmentState.FAILED)
