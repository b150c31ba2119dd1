"""Triggers: the database itself refuses to change what must never change. Used by the migration that makes the tables.

SQLite drops a table's triggers when a later migration rebuilds it: such a migration puts them back.
"""

from collections.abc import Mapping

from django.db.backends.base.base import BaseDatabaseWrapper

# Policies may go with what they were made for; the log keeps every line.
REFUSED = {"safety_policyversion": ("UPDATE",), "safety_auditentry": ("UPDATE", "DELETE")}


def put_triggers(connection: BaseDatabaseWrapper, tables: Mapping[str, tuple[str, ...]] = REFUSED) -> None:
    """Refuse these verbs on these tables, on SQLite and on Postgres."""
    on_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if on_postgres:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION sluiceway_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$"
            )
        for table, verb in _refused(tables):
            action = (
                "FOR EACH ROW EXECUTE FUNCTION sluiceway_refuse()"
                if on_postgres
                else f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )
            cursor.execute(f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} {action}")


def drop_triggers(connection: BaseDatabaseWrapper, tables: Mapping[str, tuple[str, ...]] = REFUSED) -> None:
    place = " ON {}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for table, verb in _refused(tables):
            cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, verb)}{place.format(table)}")


def _refused(tables: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(table, verb) for table, verbs in tables.items() for verb in verbs]


def _name(table: str, verb: str) -> str:
    return f"{table}_refuses_{verb.lower()}"
