"""clock: the database's own time in a statement that is written by hand. Leases are judged by no other clock."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.functions import Now


def moment(delta: timedelta) -> datetime:
    """The moment so long from now, by the database's clock."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp()" if postgres else "SELECT STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')"
        )
        (now,) = cursor.fetchone()
    # SQLite keeps its times as text, in UTC.
    read: datetime = now if isinstance(now, datetime) else datetime.fromisoformat(now).replace(tzinfo=UTC)
    return read.astimezone(UTC) + delta


@cache
def from_now(kind: type[Model], delta: timedelta) -> tuple[str, tuple[Any, ...]]:
    """Now and so long after, as the database spells it, with the values that belong in it."""
    query = kind._default_manager.all().query
    sql, values = query.get_compiler(connection=connection).compile((Now() + delta).resolve_expression(query))
    return sql, tuple(values)
