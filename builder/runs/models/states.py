"""What the columns of states have in common."""

from collections.abc import Iterable
from enum import StrEnum

from django.db import models


def choices_of(states: type[StrEnum]) -> list[tuple[str, str]]:
    return [(state.value, state.value) for state in states]


def only(field: str, states: Iterable[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": [s.value for s in states]}), name=name
    )
