"""Tally: what has happened in runs, counted once and for good from their events. Asked for by whoever reads figures.

Events are numbered as they are written and come to a bounded list of kinds. Reading those that are new since the last
time costs nothing where runs are worked on, needs no process to stay alive, and what was counted stays counted when its
run is deleted.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from builder.figures.count import add
from builder.figures.models import Figure
from builder.operations.exposition import bucket
from builder.runs.models import Event, Step
from runtime.dispatch.states import RUN_ENDED, STEP_ENDED
from runtime.events import EventKind
from runtime.safety.policy import Action
from runtime.values import Json

MARK = "mark"
# Numbers are given when an event is written, and seen when its transaction is over: one that takes longer is not counted.
LAG = timedelta(seconds=5)
MOST = 5_000  # events of one time; the next goes on from there
BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)

RUNS = {f"run.{state}": state.value for state in RUN_ENDED}
STEPS = {f"step.{state}": state.value for state in STEP_ENDED}
ACTIONS = frozenset(action.value for action in Action)


class Happened(NamedTuple):
    run: UUID
    kind: str
    data: dict[str, Json]


def advance() -> None:
    """Count what is new. Whoever comes at the same time waits, and then finds nothing left."""
    with transaction.atomic():
        mark = _mark()
        kinds = [*RUNS, *STEPS, EventKind.GATE_FINDING.value]
        rows = Event.objects.filter(pk__gt=int(mark.value), kind__in=kinds).order_by("pk")
        limit = timezone.now() - LAG
        found = []
        for pk, at, run, kind, data in rows.values_list("pk", "at", "run_id", "kind", "data")[:MOST]:
            if at > limit:
                break
            found.append(Happened(run, kind, data))
            mark.value = pk
        if found:
            add(figures_of(found))
            mark.save(update_fields=["value"])


def figures_of(happened: Iterable[Happened]) -> dict[str, float]:
    happened = list(happened)
    types = _types_of(happened)
    figures: dict[str, float] = defaultdict(float)
    for run, kind, data in happened:
        if kind in RUNS:
            figures[f"runs|{RUNS[kind]}"] += 1
        elif kind in STEPS:
            name = types.get((run, str(data.get("step"))), "gone")
            figures[f"steps|{name}|{STEPS[kind]}"] += 1
            seconds = data.get("seconds")
            if isinstance(seconds, int | float):
                figures[f"seconds|{name}|{bucket(BOUNDS, seconds)}"] += 1
                figures[f"seconds_sum|{name}"] += seconds
        elif data.get("action") in ACTIONS:
            figures[f"findings|{data['action']}"] += 1
    return dict(figures)


def _types_of(happened: Iterable[Happened]) -> dict[tuple[UUID, str], str]:
    runs = {item.run for item in happened if item.kind in STEPS}
    rows = Step.objects.filter(run__in=runs).order_by().values_list("run_id", "name", "type")
    return {(run, name): kind for run, name, kind in rows.iterator()}


def _mark() -> Figure:
    """How far the events are counted, locked. The first who asks begins with what comes from then on."""
    if not Figure.objects.filter(pk=MARK).exists():
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        Figure.objects.bulk_create([Figure(name=MARK, value=newest)], ignore_conflicts=True)
    return Figure.objects.select_for_update().get(pk=MARK)
