"""prepared: questions that the ORM writes down once, and that are asked again with other values.

For a row that is found by its key, writing the SQL takes ten times as long as answering it. Where that is much of what a run
costs, the question is written at its first use, with a slot for each value.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, connections
from django.db.models import Expression, QuerySet, UUIDField
from django.db.models.query import ModelIterable, get_related_populators

Row = TypeVar("Row")
_UUID: "UUIDField[UUID, UUID]" = UUIDField()


class Slot(Expression):
    """Stands in a question for a value that is not known yet: text, a number or a UUID."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return "%s", [self]


class _Written(NamedTuple):
    """The SQL, its values and slots in their order, and how a row of the answer is read."""

    sql: str
    values: tuple[Any, ...]
    read: Callable[[Sequence[Any], Any], Any]


class Prepared(Generic[Row]):
    """A question with so many slots. `ask` builds its queryset from the slots."""

    def __init__(self, ask: "Callable[..., QuerySet[Any, Row]]", slots: int) -> None:
        self._ask, self._slots = ask, slots
        self._written: dict[str, _Written] = {}

    def rows(self, *given: str | int | UUID) -> list[Row]:
        """All that answers, for these values of the slots."""
        # The very connection: each look through its proxy costs.
        ours = connections[connection.alias]
        written = self._written.get(ours.vendor) or self._write(ours)
        fitting = [_fitting(value, ours) for value in given]
        values = [fitting[value.position] if isinstance(value, Slot) else value for value in written.values]
        with ours.cursor() as cursor:
            cursor.execute(written.sql, values)
            return [written.read(row, ours) for row in cursor.fetchall()]

    def first(self, *given: str | int | UUID) -> Row | None:
        return next(iter(self.rows(*given)), None)

    def _write(self, ours: Any) -> _Written:
        found = self._ask(*(Slot(position) for position in range(self._slots)))
        compiler = found.query.get_compiler(connection=ours)
        sql, values = compiler.as_sql()
        missing = set(range(self._slots)) - {value.position for value in values if isinstance(value, Slot)}
        if missing:
            raise ValueError("a question leaves a slot out")
        written = self._written[ours.vendor] = _Written(sql, tuple(values), _reader(found, compiler))
        return written


def _fitting(value: Any, ours: Any) -> Any:
    return _UUID.get_db_prep_value(value, ours) if isinstance(value, UUID) else value


def _reader(found: Any, compiler: Any) -> Callable[[Sequence[Any], Any], Any]:
    """Makes of a row what the queryset would: an instance of its model, or a tuple of values."""
    converters = tuple(compiler.get_converters([column for column, _, _ in compiler.select]).items())

    def values(row: Sequence[Any], ours: Any) -> tuple[Any, ...]:
        read = list(row)
        for position, (convert, expression) in converters:
            for step in convert:
                read[position] = step(read[position], expression, ours)
        return tuple(read)

    if not issubclass(found._iterable_class, ModelIterable):
        return values
    info, annotated = compiler.klass_info, compiler.annotation_col_map or {}
    begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[begin:end]]
    related = get_related_populators(info, compiler.select, compiler.connection.alias)  # type: ignore[call-arg]  # the stubs are ahead

    def instance(row: Sequence[Any], ours: Any) -> Any:
        read = values(row, ours)
        made = info["model"].from_db(ours.alias, names, read[begin:end])
        for each in related:
            each.populate(read, made)
        for name, position in annotated.items():
            setattr(made, name, read[position])
        return made

    return instance
