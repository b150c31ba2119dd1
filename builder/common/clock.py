"""clock: the database's own time in a statement that is written by hand. Leases are judged by no other clock."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.functions import Now


@cache
def from_now(kind: type[Model], delta: timedelta) -> tuple[str, tuple[Any, ...]]:
    """Now and so long after, as the database spells it, with the values that belong in it."""
    query = kind._default_manager.all().query
    sql, values = query.get_compiler(connection=connection).compile((Now() + delta).resolve_expression(query))
    return sql, tuple(values)
