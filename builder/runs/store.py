"""DatabaseRunStore: the RunStore on Django's database. Leases by its clock, every write under a fence."""

import logging
import math
import os
import time
from collections.abc import Collection, Iterator
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
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from builder.common.lends_back import lends_back
from builder.runs import live
from builder.runs.claiming import Leased, lease_next, load_claim
from builder.runs.end_segment import end, take_back
from builder.runs.keep_back import expire_reviews, forget_material
from builder.runs.ledger import Ledger, open_ledger
from builder.runs.models import Run, Segment, Worker
from builder.runs.moments import wake_due
from builder.runs.places import Places
from builder.runs.plans import plan_key
from builder.runs.refuse_run import refuse_unreadable
from builder.runs.rows import held_segment
from builder.runs.spares_others import spares_others
from builder.runs.withhold_stale import asks_more, withhold_all_stale, withhold_if_stale
from builder.runs.write_progress import write_progress
from runtime.arithmetic import UNTOLD, Arithmetic
from runtime.dispatch.states import SegmentState
from runtime.dispatch.store import LEASE, Beat, Claim, Progress, WorkerReport
from runtime.events import Event, EventKind
from runtime.labels import Sink
from runtime.safety.deliver import deliver
from runtime.values import Value

log = logging.getLogger(__name__)

# What a worker reported longer ago than this is of no use to anybody.
FORGOTTEN = timedelta(days=1)
# Seconds between two questions whether the policy of a run whose text streams is still strict enough.
ASK_AGAIN = 1.0
# Runs of which that is remembered; far more than one worker has in hand.
MOST_STREAMS = 100


def open_store() -> "DatabaseRunStore":
    """The store of this installation; `SLUICEWAY_LEASE_SECONDS` sets how long a silent worker keeps its segment."""
    return DatabaseRunStore(float(os.environ.get("SLUICEWAY_LEASE_SECONDS") or LEASE))


class DatabaseRunStore:
    """Implements RunStore. `lease` is seconds."""

    def __init__(self, lease: float = LEASE) -> None:
        self._lease = timedelta(seconds=lease)
        self._policies_seen = 0  # the highest number of which all runs under way were asked
        self._places = Places()
        # Of runs whose text streams: when their policy was last asked about, and whether it was strict enough.
        self._streams: dict[str, tuple[float, bool]] = {}

    @lends_back
    def claim(
        self,
        worker: str,
        resources: frozenset[str],
        shares: str = "",
        in_turn: bool = False,
        holds: Collection[str] = (),
        arithmetic: Arithmetic = UNTOLD,
    ) -> Claim | None:
        while (leased := lease_next(worker, resources, self._lease, shares, in_turn, holds)) is not None:
            claim = load_claim(leased, arithmetic)
            if claim is not None:
                return claim
            if _left_to_newer(leased):
                # At once it would come to us again; at the next look others may have been served.
                return None
        return None

    @lends_back
    def heartbeat(self, claim: Claim) -> Beat:
        held = _held(claim).update(leased_until=Now() + self._lease) == 1
        return Beat(held, self._cancelled(claim))

    @lends_back
    def peek(self, claim: Claim) -> Beat:
        return Beat(_held(claim).exists(), self._cancelled(claim))

    def _cancelled(self, claim: Claim) -> bool:
        return Run.objects.filter(pk=claim.run, cancel_requested=True).exists()

    @lends_back
    def record(self, claim: Claim, progress: Progress) -> bool:
        with self._fenced(claim, progress) as found:
            if found is not None:
                write_progress(found[0], claim, progress)
                _held(claim).update(leased_until=Now() + self._lease)
        return found is not None

    @lends_back
    def finish(self, claim: Claim, state: SegmentState, progress: Progress) -> bool:
        with self._fenced(claim, progress) as found:
            if found is not None:
                found[0].steps_of(claim.segment)  # all are looked at in the end: read once
                write_progress(found[0], claim, progress)
                end(*found, state)
        return found is not None

    @lends_back
    def release(self, claim: Claim, lost: bool = False) -> bool:
        with self._fenced(claim) as found:
            if found is not None:
                take_back(*found, lost)
        return found is not None

    @lends_back
    def sweep(self) -> frozenset[str]:
        overdue = Segment.objects.filter(state=SegmentState.LEASED.value, leased_until__lt=Now())
        for run_id, index in overdue.values_list("run_id", "index"):
            with spares_others(f"run {run_id} segment {index}"), open_ledger(run_id) as ledger:
                # Looked at again under the run's lock: its worker may have come back in time.
                segment = overdue.filter(run_id=run_id, index=index).first()
                if segment is not None and not refuse_unreadable(ledger):
                    take_back(ledger, segment, lost=True)
        with spares_others("what waits for a moment"):
            wake_due()
        if not settings.LIMITED:  # a worker of that kind decides nothing, not even that nobody did
            with spares_others("reviews"):
                expire_reviews()
        with spares_others("policies"):  # also where one in force is not what was published: claims say it
            self._policies_seen = withhold_all_stale(self._policies_seen)
        if not settings.LIMITED:  # and it knows of no holds
            with spares_others("material"):
                forget_material()
        _sweep_besides()
        ready = Segment.objects.filter(state=SegmentState.READY.value)
        resources = frozenset(ready.order_by().values_list("resource", flat=True).distinct())
        if resources:
            with spares_others("places in the queue"):
                for run, place in self._places.found(resources):
                    self.publish(str(run), Event(EventKind.QUEUE_POSITION, place))
        return resources

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
        asked, strict = self._streams.get(run, (-math.inf, False))
        if time.monotonic() - asked >= ASK_AGAIN:
            found = Run.objects.only("workspace_id", "workflow_id", "called", "policy_id").get(pk=run)
            strict = not asks_more(found)
            if len(self._streams) >= MOST_STREAMS:
                self._streams = {}
            self._streams[run] = time.monotonic(), strict
        return strict

    def plan_key(self) -> bytes:
        return plan_key()

    @contextmanager
    def _fenced(
        self, claim: Claim, progress: Progress | None = None
    ) -> Iterator[tuple[Ledger, Segment] | None]:
        """The ledger and the segment when the claim still stands: it does as long as nobody else can open the ledger.

        It stands no longer when the progress would deliver or keep something under a policy that was tightened since.
        """
        with open_ledger(claim.run) as ledger:
            segment = held_segment(UUID(claim.run), claim.segment, claim.fence)
            if segment is None:
                yield None
                return
            if progress is not None and _lets_out(progress) and withhold_if_stale(ledger):
                yield None
                return
            yield ledger, segment


def _left_to_newer(leased: Leased) -> bool:
    """Hand back what we just leased and may neither run nor refuse. Nobody is woken: we might be the only one."""
    with open_ledger(leased.run) as ledger:
        segment = held_segment(leased.run, leased.segment, leased.fence)
        if segment is not None:
            attempt = segment.attempt - 1
            ledger.move_segment(segment, SegmentState.READY, worker="", leased_until=None, attempt=attempt)
    return segment is not None


def _sweep_besides() -> None:
    """What others have asked to be done in each sweep."""
    for path in settings.SWEEPS:
        try:
            import_string(path)()
        except Exception:  # whatever it is, runs must go on being found
            log.exception("%s has failed; the next sweep tries it again", path)


def _lets_out(progress: Progress) -> bool:
    return bool(progress.results) or any(
        record.held is not None or record.asked is not None for record in progress.steps
    )


def _held(claim: Claim) -> "QuerySet[Segment]":
    """The segment, as long as the claim's fence is the last."""
    return Segment.objects.filter(
        run_id=claim.run, index=claim.segment, fence=claim.fence, state=SegmentState.LEASED.value
    )
