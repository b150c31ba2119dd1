"""What watchers ask: side by side where the database is a server, and no connection is kept for it."""

import asyncio
import threading

import pytest
from django.db import connection

from builder.accounts.models import User
from builder.runs.asks_database import THREADS, asks_database

pytestmark = pytest.mark.django_db(transaction=True)


async def test_no_question_waits_for_another_where_the_database_is_a_server() -> None:
    assert (4 if connection.vendor == "postgresql" else 1) == THREADS
    together = threading.Barrier(THREADS)

    @asks_database
    def ask() -> int:
        User.objects.count()
        together.wait(20)
        return threading.get_ident()

    for _ in range(20):
        assert len(set(await asyncio.gather(*(ask() for _ in range(THREADS))))) == THREADS


async def test_a_pooled_connection_goes_back_after_each_question() -> None:
    @asks_database
    def ask() -> bool:
        User.objects.count()
        return connection.connection is not None

    @asks_database
    def look() -> bool:
        return connection.connection is not None

    assert all(await asyncio.gather(*(ask() for _ in range(THREADS))))
    kept = await asyncio.gather(*(look() for _ in range(2 * THREADS)))
    assert kept == [connection.vendor == "sqlite"] * (2 * THREADS)
