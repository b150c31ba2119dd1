"""guard_states: the database itself refuses a run, segment or step a state that does not follow from the one it is in.

The edges are those of `runtime/dispatch/states.py`. A run may pass several within one transaction, and is written once:
its row may come to whatever it could have come to step by step. What has ended never changes, and nothing goes back to
where nobody had begun with it.

SQLite drops a table's triggers when a later migration rebuilds it: such a migration puts them back (a test says so).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper

from runtime.dispatch.states import RUN_EDGES, SEGMENT_EDGES, STEP_EDGES

S = TypeVar("S", bound=StrEnum)
Edges = Mapping[str, frozenset[str]]


def _plain(edges: Mapping[S, frozenset[S]]) -> Edges:
    return {state.value: frozenset(item.value for item in nexts) for state, nexts in edges.items()}


def _beyond(edges: Edges) -> dict[str, frozenset[str]]:
    """From each state all that can be come to, by one edge or several."""
    reached = {state: set(nexts) for state, nexts in edges.items()}
    for _ in edges:
        for nexts in reached.values():
            nexts.update(*(reached.get(state, ()) for state in tuple(nexts)))
    return {state: frozenset(nexts) for state, nexts in reached.items()}


GUARDED: Mapping[str, Edges] = {
    "runs_run": _beyond(_plain(RUN_EDGES)),
    "runs_segment": _plain(SEGMENT_EDGES),
    "runs_step": _plain(STEP_EDGES),
}


def put_guards(connection: BaseDatabaseWrapper) -> None:
    """Put them on SQLite and on Postgres, in place of those that are there."""
    drop_guards(connection)
    on_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if on_postgres:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION sluiceway_refuse_state() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION '% cannot go from % to %', TG_TABLE_NAME, OLD.state, NEW.state "
                "USING ERRCODE = 'check_violation'; END $$"
            )
        for table, edges in GUARDED.items():
            action = (
                f"FOR EACH ROW WHEN ({_refused(edges)}) EXECUTE FUNCTION sluiceway_refuse_state()"
                if on_postgres
                else f"WHEN {_refused(edges)} BEGIN SELECT RAISE(ABORT, '{table} cannot go to such a state'); END"
            )
            cursor.execute(f"CREATE TRIGGER {_name(table)} BEFORE UPDATE OF state ON {table} {action}")


def drop_guards(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in GUARDED:
            place = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table)}{place}")


def _refused(edges: Edges) -> str:
    allowed = " OR ".join(
        f"(OLD.state = '{state}' AND NEW.state IN ({', '.join(repr(item) for item in sorted(nexts))}))"
        for state, nexts in edges.items()
    )
    return f"OLD.state <> NEW.state AND NOT ({allowed})"


def _name(table: str) -> str:
    return f"{table}_state_follows"
