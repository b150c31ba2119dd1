"""Triggers: the database itself refuses to change what must never change. Used by the migrations that make the tables.

SQLite drops a table's triggers when a later migration rebuilds it: such a migration puts them back.
"""

from collections.abc import Mapping

from django.db.backends.base.base import BaseDatabaseWrapper

# Policies may go with what they were made for; the log keeps every line.
REFUSED = {"safety_policyversion": ("UPDATE",), "safety_auditentry": ("UPDATE", "DELETE")}

# A verb, "UPDATE OF" with columns, or on Postgres alone "TRUNCATE".
Verbs = Mapping[str, tuple[str, ...]]
# By table, each key as its columns: a row that has one of them is there to stay.
Keys = Mapping[str, tuple[tuple[str, ...], ...]]


def put_triggers(connection: BaseDatabaseWrapper, tables: Verbs = REFUSED) -> None:
    """Refuse these verbs on these tables, on SQLite and on Postgres."""
    on_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if on_postgres:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION sluiceway_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$"
            )
        for table, verb in _refused(connection, tables):
            each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
            action = (
                f"FOR EACH {each} EXECUTE FUNCTION sluiceway_refuse()"
                if on_postgres
                else f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )
            cursor.execute(f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} {action}")


def drop_triggers(connection: BaseDatabaseWrapper, tables: Verbs = REFUSED) -> None:
    place = " ON {}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for table, verb in _refused(connection, tables):
            cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, verb)}{place.format(table)}")


def keep_keys(connection: BaseDatabaseWrapper, tables: Keys) -> None:
    """Refuse a row whose key is taken, however it is inserted.

    SQLite's INSERT OR REPLACE takes the old row away without asking the triggers of DELETE, by any unique key and by
    the row's own number. On Postgres nothing replaces: ON CONFLICT updates, which the trigger of UPDATE refuses.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table, keys in tables.items():
            taken = " OR ".join(_taken(table, key) for key in (("rowid",), *keys))
            cursor.execute(
                f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} WHEN {taken} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never replaced'); END"
            )


def free_keys(connection: BaseDatabaseWrapper, tables: Keys) -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_refuses_replace")


def _taken(table: str, key: tuple[str, ...]) -> str:
    same = " AND ".join(f"old.{column} = NEW.{column}" for column in key)
    return f"EXISTS (SELECT 1 FROM {table} AS old WHERE {same})"  # noqa: S608 - names from migrations alone


def _refused(connection: BaseDatabaseWrapper, tables: Verbs) -> list[tuple[str, str]]:
    # SQLite knows no TRUNCATE: emptying a table deletes its rows.
    return [
        (table, verb)
        for table, verbs in tables.items()
        for verb in verbs
        if verb != "TRUNCATE" or connection.vendor == "postgresql"
    ]


def _name(table: str, verb: str) -> str:
    return f"{table}_refuses_{verb.partition(' ')[0].lower()}"
