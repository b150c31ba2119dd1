"""count: adds to figures, in the caller's transaction."""

from collections.abc import Mapping

from django.db.models import F

from builder.figures.models import Figure

LEASES_LOST = "leases_lost"


def count(name: str, by: float = 1) -> None:
    """For what is rare: everybody who counts the same waits for each other."""
    add({name: by})


def add(figures: Mapping[str, float]) -> None:
    # In one order, so that two who add the same never wait for each other in a circle.
    names = sorted(figures)
    Figure.objects.bulk_create((Figure(name=name) for name in names), ignore_conflicts=True)
    for name in names:
        Figure.objects.filter(pk=name).update(value=F("value") + figures[name])
