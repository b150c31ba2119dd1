"""What all tests share: which of them touch the database, and the fixtures of tests/fixtures."""

import signal

import pytest
from pytest_django.plugin import DjangoDbBlocker

from runtime.models.telemetry import no_telemetry
from tests.fixtures.site import installed_models, site

__all__ = ["installed_models", "site"]

no_telemetry()
# A shell that starts us in the background has SIGINT ignored, and whatever we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup", "admin_client", "admin_user"})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The test database, in which rows may be deleted: between two tests SQLite empties its tables one by one."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS safety_auditentry_refuses_delete")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that touches the database, so that the Postgres stage runs it once more."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)
