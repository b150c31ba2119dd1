"""of_states: what a model says of a column that holds a state: its choices, and the constraint that there are no others."""

from collections.abc import Iterable
from enum import StrEnum

from django.db import models


def choices(states: type[StrEnum]) -> list[tuple[str, str]]:
    return [(state.value, state.value) for state in states]


def only(field: str, states: Iterable[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": [state.value for state in states]}), name=name
    )
