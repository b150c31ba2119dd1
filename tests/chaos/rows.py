"""rows: who holds what; runs that no message may start, and everything of them that would move if one did."""

from datetime import UTC, datetime
from typing import Any

from django.db import Error, connection

from builder.runs.models import Event, Output, Run, Segment, Step
from tests.chaos.load import Load
from tests.fixtures.forced import force

FAR_AWAY = datetime(2999, 1, 1, tzinfo=UTC)


def put_to_rest(load: Load) -> list[str]:
    """A run that has ended, one that waits for a person, one that others hold, and one whose turn has not come."""
    runs = [load.submit(shape) for shape in ("straight", "forked", "long", "drawn")]
    states = ("cancelled", "waiting", "leased", "pending")
    for run, state in zip(runs, states, strict=True):
        more = {"leased_until": FAR_AWAY, "worker": "somebody"} if state == "leased" else {}
        force(run.segments.all(), state=state, fence=7, **more)
    return [str(run.pk) for run in runs]


def all_that_may_move() -> dict[Any, Any]:
    """By table and key, all but what a reporting worker writes."""
    kinds = (Run, Segment, Step, Event, Output)
    return {
        (kind.__name__, row["id"]): sorted(map(str, row.items()))
        for kind in kinds
        for row in kind.objects.values()
    }


def holders() -> set[int]:
    """The processes of the workers that hold a lease; of nobody, while the database is away."""
    try:
        held = Segment.objects.filter(state="leased").values_list("worker", flat=True)
        return {int(name.rsplit(":", 1)[1]) for name in held}
    except Error:
        connection.close()
        return set()


def let_go(runs: list[str]) -> None:
    """Away with them: they were never to run."""
    Run.objects.filter(pk__in=runs).delete()
