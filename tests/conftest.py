"""What all tests share: which of them ask the database, and the fixtures of tests/fixtures."""

import json
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import hypothesis
import pytest
from pytest_django.plugin import DjangoDbBlocker

from runtime.models.telemetry import no_telemetry
from runtime.safety.filters import DEFAULT_FILTER_PACKS, load_filters
from tests.fixtures.rows import emptied_without_ado
from tests.fixtures.site import installed_models, site
from tests.stages.parts import is_on_postgres

__all__ = ["installed_models", "site"]

no_telemetry()
# A shell that starts us in the background has SIGINT ignored, and whatever we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is nothing that a test asks: these machines do other work as well.
hypothesis.settings.register_profile("sluiceway", deadline=None)
hypothesis.settings.load_profile("sluiceway")

DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup", "admin_client", "admin_user"})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, in which rows may be deleted: between two tests its tables are emptied."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS safety_auditentry_refuses_delete")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS safety_auditentry_refuses_truncate ON safety_auditentry")
    with emptied_without_ado():
        yield


@pytest.fixture(scope="session", autouse=True)
def models_of_filters() -> None:
    """Stands where the filters' models would be, so that drawings compile. No filter could load it, or pass by it."""
    from django.conf import settings

    filters = load_filters(DEFAULT_FILTER_PACKS).values()
    # A judge's model is one that nodes chat with: whether that is here is what other tests are about.
    for name in {item.spec.model for item in filters if not item.spec.id.startswith("judge.")} - {None}:
        home = Path(settings.HOME) / "models" / str(name)
        home.mkdir(parents=True, exist_ok=True)
        (home / "nothing").write_bytes(b"\0")
        file = {"path": "nothing", "size": 1, "sha256": sha256(b"\0").hexdigest()}
        (home / "provenance.json").write_text(json.dumps({"format": 1, "files": [file]}), encoding="utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks the database, so that the Postgres stage runs it once more.

    Only who says why both would answer alike (`any_database("...")`) is spared that.
    """
    for item in items:
        alike = item.get_closest_marker("any_database")
        if alike and not (len(alike.args) == 1 and isinstance(alike.args[0], str)):
            raise pytest.UsageError(f"{item.nodeid}: any_database says in one sentence why SQLite is enough.")
        asks = item.get_closest_marker("django_db") or DATABASE_FIXTURES & {
            *getattr(item, "fixturenames", ())
        }
        if asks and not alike:
            if not is_on_postgres(item.path):
                raise pytest.UsageError(
                    f"{item.nodeid} asks the database where the Postgres stage does not look: see tests/stages/parts.py."
                )
            item.add_marker(pytest.mark.database)
