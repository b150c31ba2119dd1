"""The role that workers connect with, made for a test: what is asked as it, and with which password it comes in."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

ROLE = "sluiceway_worker_tried"

only_postgres = pytest.mark.skipif(not os.environ.get("SLUICEWAY_DATABASE_URL"), reason="SQLite has no roles")


@pytest.fixture
def role(transactional_db: None) -> Iterator[str]:
    call_command("worker_role", role=ROLE, verbosity=0)
    yield ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


def as_role(role: str, **more: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of its own to the database of the tests."""
    known = connection.settings_dict
    port = known["PORT"] or None
    return psycopg.connect(host=known["HOST"], port=port, dbname=known["NAME"], user=role, **more)


@pytest.fixture
def as_worker(role: str) -> Iterator[Callable[[str], None]]:
    """Runs one statement as the role, and rolls it back. Raises what the database answers."""
    with as_role(role) as link:

        def ask(statement: str) -> None:
            try:
                link.execute(statement)
            finally:
                link.rollback()

        yield ask
