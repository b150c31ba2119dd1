"""insert: new rows in one statement, without what the ORM asks of each (a fifth of the time, for a run of ten steps)."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models

# SQLite takes 32,766 variables in one statement, Postgres 65,535.
MOST_VARIABLES = 30_000


class _Columns(NamedTuple):
    begin: str
    row: str
    fields: tuple[Any, ...]


def insert(kind: type[models.Model], rows: Sequence[models.Model], ignore_conflicts: bool = False) -> None:
    """Rows whose primary keys are known, or made by the database and not needed afterwards."""
    if not rows:
        return
    begin, row, fields = _columns(kind)
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    together = MOST_VARIABLES // len(fields)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), together):
            some = rows[start : start + together]
            values = [
                field.get_db_prep_save(getattr(item, field.attname), connection)
                for item in some
                for field in fields
            ]
            cursor.execute(begin + ",".join([row] * len(some)) + end, values)


@cache
def _columns(kind: type[models.Model]) -> _Columns:
    fields = tuple(
        field for field in kind._meta.concrete_fields if not isinstance(field, models.AutoField)
    )
    quote = connection.ops.quote_name
    names = ",".join(quote(field.column) for field in fields)
    begin = f"INSERT INTO {quote(kind._meta.db_table)} ({names}) VALUES "
    return _Columns(begin, f"({','.join(['%s'] * len(fields))})", fields)
