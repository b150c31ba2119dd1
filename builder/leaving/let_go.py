"""let_go: takes stored bytes away that no row names any more. The only code that does."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Min

from builder.assets.lock_content import lock_content
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.keeping.models import Leaving
from builder.runs.models import ContentUse, Run
from runtime.assets.store import DRAFT, SHA256
from runtime.dispatch.states import SegmentState
from runtime.errors import OperationalError

log = logging.getLogger(__name__)

# What clocks of two machines may differ by, in seconds.
SLACK = 5.0
# A draft that was begun this many seconds ago belongs to a writer that is gone.
DRAFT_LEFT = 3600.0


def let_go(contents: Iterable[str]) -> None:
    """Of those that are listed as leaving. What cannot go now stays on the list, and the sweep comes back to it."""
    for sha256 in sorted(contents):
        try:
            _let_go(sha256)
        except (OSError, OperationalError) as fault:
            log.warning("stored bytes cannot be taken away: %s", type(fault).__name__)


def _let_go(sha256: str) -> None:
    with transaction.atomic():
        lock_content(sha256)
        if not is_named(sha256):
            if may_soon_be_named(sha256):
                return
            # Before the row: a crash between the two leaves a row too many, never bytes.
            open_store().remove(sha256)
        Leaving.objects.filter(pk=sha256).delete()


def is_named(sha256: str) -> bool:
    """Whether anybody, in whichever workspace, needs the bytes."""
    return Asset.objects.filter(sha256=sha256).exists() or ContentUse.objects.filter(sha256=sha256).exists()


def may_soon_be_named(sha256: str) -> bool:
    """Whether a worker may have written these bytes, again or anew, and not have said so yet.

    It says so when its step ends; the run has begun before it wrote.
    """
    written = open_store().written(sha256)
    return written is not None and written >= earliest_running() - SLACK


def earliest_running() -> float:
    """When the oldest run that a worker has in its hands was started (seconds since 1970); else far in the future."""
    runs = Run.objects.filter(segments__state=SegmentState.LEASED.value)
    started = runs.aggregate(first=Min("started"))["first"]
    return started.timestamp() if started else float("inf")


def walk_shelf(number: int, now: float) -> int:
    """Put on the list what lies on this shelf of the store without a name; take away drafts of writers long gone.

    A child that died after it had written left such bytes. Gives the number of files that were found.
    """
    store = open_store()
    before = min(now, earliest_running()) - SLACK
    found = 0
    for name, written in store.shelf(number):
        if name.startswith(DRAFT):
            if written < now - DRAFT_LEFT:
                store.remove_draft(number, name)
                found += 1
        elif SHA256.fullmatch(name) and written < before - DRAFT_LEFT and not is_named(name):
            Leaving.objects.get_or_create(sha256=name)
            found += 1
    return found
