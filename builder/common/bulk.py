"""bulk: many rows in one statement, without what the ORM asks of each: a fifth of its time for a run of ten steps."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, connections, models

# SQLite takes 32,766 variables in one statement, Postgres 65,535.
MOST_VARIABLES = 30_000
# Values that are compared by what they are, and are no other kind's equals (as 1 and True are).
_REPEATED = frozenset({str, UUID, datetime})


def insert(kind: type[models.Model], rows: Sequence[models.Model], ignore_conflicts: bool = False) -> int:
    """How many are new. Their keys are known, or the database makes them and nobody asks for them afterwards."""
    if not rows:
        return 0
    begin, row, fields = _columns(kind)
    end = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    together = MOST_VARIABLES // len(fields)
    made = 0
    prepared = _Prepared(fields)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), together):
            some = rows[start : start + together]
            values = [value for item in some for value in prepared.values_of(item)]
            cursor.execute(begin + ",".join([row] * len(some)) + end, values)
            made += cursor.rowcount
    return made


def update(kind: type[models.Model], rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of each row, which is there."""
    if not rows:
        return
    statement, fields = _assignments(kind, tuple(names))
    prepared = _Prepared(fields)
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(statement, prepared.values_of(rows[0]))
        else:
            cursor.executemany(statement, [prepared.values_of(item) for item in rows])


class _Prepared:
    """The values of rows as the database takes them. Rows that are written together say much that is the same.

    The run's id and the moment stand in each of them: what has been prepared for a field is not prepared again.
    """

    def __init__(self, fields: Sequence[Any]) -> None:
        self._fields = [(field, field.attname, dict[Any, Any]()) for field in fields]
        # The very connection: each look through its proxy costs as much as a value.
        self._connection = connections[connection.alias]

    def values_of(self, row: models.Model) -> list[Any]:
        return [self._prepare(field, getattr(row, name), known) for field, name, known in self._fields]

    def _prepare(self, field: Any, value: Any, known: dict[Any, Any]) -> Any:
        if value is None:
            return None
        kind = type(value)
        if kind not in _REPEATED:
            return field.get_db_prep_save(value, self._connection)
        if value not in known:
            known[value] = field.get_db_prep_save(value, self._connection)
        return known[value]


@cache
def _columns(kind: type[models.Model]) -> tuple[str, str, tuple[Any, ...]]:
    fields = tuple(field for field in kind._meta.concrete_fields if not isinstance(field, models.AutoField))
    names = ",".join(_quoted(field.column) for field in fields)
    begin = f"INSERT INTO {_quoted(kind._meta.db_table)} ({names}) VALUES "  # noqa: S608 - names of our own models alone
    return begin, f"({','.join(['%s'] * len(fields))})", fields


@cache
def _assignments(kind: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    fields: tuple[Any, ...] = tuple(kind._meta.get_field(name) for name in names)
    assigned = ",".join(f"{_quoted(field.column)} = %s" for field in fields)
    key: Any = kind._meta.pk
    statement = f"UPDATE {_quoted(kind._meta.db_table)} SET {assigned} WHERE {_quoted(key.column)} = %s"  # noqa: S608 - as above
    return statement, (*fields, key)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
