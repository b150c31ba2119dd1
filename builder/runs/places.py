"""places: what runs that nobody has begun are told of the queue: how many are taken before them, in the order of the claims.

Each resource class is a queue of its own. In it people take turns, the longest unserved first; of a person's own that has the
highest priority comes first, and then the oldest (builder.runs.claiming). A model that a worker holds may bring one forward.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any
from uuid import UUID

from django.db.models import Q

from builder.runs.claiming import waiting_turns
from builder.runs.models import Run, Segment
from runtime.dispatch.states import RunState, SegmentState

# So many places are told; who is further back is told that, once.
TOLD = 50
# Runs that are looked for at a time to be told so.
MOST = 1_000


class Places:
    """What one process has told of places, so that it does not tell thousands the same each second."""

    def __init__(self) -> None:
        self._newest: UUID | None = None  # the youngest run that has been looked at
        self._near: frozenset[UUID] = frozenset()

    def found(self, resources: Collection[str]) -> Iterator[tuple[UUID, dict[str, Any]]]:
        """The runs to be told something, and what."""
        taken = dict[UUID, int]()
        for resource in sorted(resources):
            for place, run in enumerate(_next_ones(resource), start=1):
                taken[run] = min(place, taken.get(run, place))
        near = frozenset(_queued().filter(pk__in=taken).values_list("pk", flat=True))
        for run in sorted(near, key=lambda run: taken[run]):
            yield run, {"position": taken[run], "beyond": False}
        for run in self._fallen_behind(near):
            yield run, {"position": TOLD, "beyond": True}

    def _fallen_behind(self, near: frozenset[UUID]) -> list[UUID]:
        """Who is behind the places that are told, and was not told so: what is new, and what others came before."""
        new = Q() if self._newest is None else Q(pk__gt=self._newest) | Q(pk__in=self._near - near)
        found: list[UUID] = list(_queued().filter(new).order_by("-pk").values_list("pk", flat=True)[:MOST])
        self._newest = max(filter(None, [self._newest, *found[:1], *near]), default=None)
        self._near = near
        return [run for run in found if run not in near]


def _queued() -> Any:
    return Run.objects.filter(state=RunState.QUEUED.value)


def _next_ones(resource: str) -> list[UUID]:
    """The runs of the segments that workers of this class take next, in their order."""
    people = [person for person, _ in waiting_turns([resource])[:TOLD]]
    # Of very many the first turn gives all places that are told.
    turns = 1 if len(people) == TOLD else TOLD
    rounds = zip_longest(*(_own(resource, person, turns) for person in people))
    return list(islice(_without_gaps(rounds), TOLD))


def _own(resource: str, person: Any, turns: int) -> Iterable[UUID]:
    rows = Segment.objects.filter(state=SegmentState.READY.value, resource=resource, person=person)
    return rows.order_by("-priority", "run_id", "index").values_list("run_id", flat=True)[:turns]


def _without_gaps(rounds: Iterable[Iterable[UUID | None]]) -> Iterator[UUID]:
    return (run for turn in rounds for run in turn if run is not None)
