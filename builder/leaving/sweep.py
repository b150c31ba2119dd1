"""The sweep of what is kept too long: a little of it each turn, beside running runs, by whichever worker comes first."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from builder.common.errors import Refused
from builder.keeping.models import Erased, Erasure, Export, Leaving, Turn
from builder.leaving import overdue
from builder.leaving.erase import go_on
from builder.leaving.erasure import Tally, begin, deleting, finish
from builder.leaving.let_go import let_go, walk_shelf
from builder.leaving.scrub import cut_log, rewrite
from builder.leaving.take import take_asset, take_run, take_workflow
from builder.leaving.unused_policies import forget_policies
from builder.runs.forget_content import forget_outputs
from builder.runs.models import Review, Run
from builder.runs.step_cache import shrink
from builder.runs.uses import recount

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)

PAUSE = timedelta(seconds=60)
# Things that one turn takes, so that runs are looked after in between.
MOST = 20
LINES = 1_000
NAME = "retention"


def sweep() -> None:
    """One turn when it is due, and nothing else."""
    if _take_turn():
        turn(timezone.now())


def turn(now: datetime) -> int:
    """Take up what was begun, then some of what is overdue. How many things were taken; few mean that little is left."""
    more = _take_up()
    let_go(list(Leaving.objects.values_list("sha256", flat=True)[:LINES]))
    taken = _take_overdue(now) if _is_anything_overdue(now) else 0
    forget_policies(now, MOST)
    shrink()
    Export.objects.filter(expires__lt=now - timedelta(days=1)).delete()
    _walk(now)
    rewrite(now)
    cut_log()  # what goes without a receipt, too
    if more or taken >= MOST:
        Turn.objects.filter(name=NAME).update(due=Now())
    return taken


def _is_anything_overdue(now: datetime) -> bool:
    return any(rows.exists() for _name, rows, _path in overdue.everything_overdue(now))


def _take_overdue(now: datetime) -> int:
    erasure = begin(Erased.SWEEP, None, None, None)
    taken = _each(erasure, overdue.overdue_runs(now), take_run)
    taken += _each(erasure, overdue.overdue_values(now), _take_values)
    taken += _each(erasure, overdue.overdue_results(now), _take_results)
    taken += _each(erasure, overdue.overdue_files(now), take_asset)
    taken += _each(erasure, overdue.overdue_material(now), _take_material)
    taken += _each(erasure, overdue.overdue_workflows(now), take_workflow)
    taken += _take_lines(erasure, now)
    _close(erasure)
    return taken


def _take_turn() -> bool:
    """Whether it is due, and nobody else took it. Asked first: on SQLite every change takes the one write lock."""
    if not Turn.objects.filter(name=NAME).exists():
        # Due before now: SQLite counts thousandths of a second, and this very moment would be one in which it is not.
        Turn.objects.get_or_create(name=NAME, defaults={"due": timezone.now() - timedelta(seconds=1)})
    due = Turn.objects.filter(name=NAME, due__lte=Now())
    return due.exists() and due.update(due=Now() + PAUSE) == 1


def _take_up() -> bool:
    """Deletions that somebody asked for and that a crash or their size left unfinished. Whether one has more to do."""
    more, tried = False, 0
    for erasure in Erasure.objects.filter(finished=None).order_by("id"):
        if tried == MOST:
            return True
        try:
            more |= go_on(erasure, MOST).finished is None
            tried += 1  # those that wait, for a hold or a run, keep nobody from their turn
        except Refused as refused:
            log.info("deletion %s waits: %s", erasure.pk, refused.code)
    return more


def _each(erasure: Erasure, rows: QuerySet[M], take: Callable[[M, Tally], object]) -> int:
    """Take at most `MOST`, each in a transaction of its own; what has come to be needed meanwhile stays."""
    taken = 0
    for row in rows[:MOST]:
        try:
            with deleting(erasure) as tally:
                # Looked at again under the lock: a hold may have been placed.
                if rows.filter(pk=row.pk).exists():
                    take(row, tally)
                    taken += 1
        except Refused:
            continue
    return taken


def _take_values(run: Run, tally: Tally) -> None:
    Run.objects.select_for_update(of=("self",)).only("id").get(pk=run.pk)
    run.steps.update(outputs=None, answer=None)
    tally.took("values", run.pk)
    tally.contents |= recount(run)


def _take_results(run: Run, tally: Tally) -> None:
    Run.objects.select_for_update(of=("self",)).only("id").get(pk=run.pk)
    forget_outputs(run)
    tally.took("results", run.pk)
    tally.contents |= recount(run)


def _take_material(review: Review, tally: Tally) -> None:
    Run.objects.select_for_update(of=("self",)).only("id").get(pk=review.run_id)
    Review.objects.filter(pk=review.pk).update(held=None)
    tally.took("material", review.pk)
    tally.contents |= recount(Run.objects.get(pk=review.run_id))


def _take_lines(erasure: Erasure, now: datetime) -> int:
    """Lines of the data-use log: counted, and not named one by one."""
    with deleting(erasure) as tally:
        ids = list(overdue.overdue_reads(now).values_list("pk", flat=True)[:LINES])
        if ids:
            overdue.overdue_reads(now).filter(pk__in=ids).delete()
            tally.counts["reads"] += len(ids)
    return len(ids)


def _close(erasure: Erasure) -> None:
    """A turn that took nothing leaves no row."""
    erasure.refresh_from_db()
    if erasure.counts:
        finish(erasure)
    else:
        erasure.delete()


def _walk(now: datetime) -> None:
    """One of the store's 256 shelves each turn: all of them in some hours."""
    place = Turn.objects.filter(name=NAME).values_list("place", flat=True).first() or 0
    walk_shelf(place, now.timestamp())
    Turn.objects.filter(name=NAME).update(place=(place + 1) % 256)
