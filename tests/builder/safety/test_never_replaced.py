"""Rows that never change are not replaced either: whoever writes to the database keeps to that, or drops its triggers."""

from typing import Any

import pytest
from django.db import Error, connection, models, transaction

from builder.accounts.models import User, Workspace
from builder.keeping.models import Read, Way
from builder.reviews.models import Look, Opinion
from builder.runs.models import Finding, Review, Run
from builder.safety.append_audit import append_audit
from builder.safety.models import AuditEntry, PolicyVersion, Shadow, ShadowFinding
from builder.safety.triggers import put_triggers
from builder.workflows.models import Workflow, WorkflowVersion
from runtime.safety.policy import default_policy
from tests.fixtures.kept import some_plan

ON_SQLITE = pytest.mark.any_database("Postgres has no INSERT OR REPLACE")
# Each with the column whose change would tell another story.
STAYS: dict[type[models.Model], str] = {
    AuditEntry: "body", PolicyVersion: "data", WorkflowVersion: "graph", Read: "way", Finding: "action",
    ShadowFinding: "action", Look: "at", Opinion: "decision",
}  # fmt: skip


@pytest.fixture
def rows(db: None) -> None:
    """One of each."""
    ada = User.objects.create(username="ada")
    home = Workspace.objects.create(name="home")
    append_audit("policy.changed", by=ada, subject="installation", reason="More care", data={})
    policy = default_policy()
    PolicyVersion(version=1, data=policy.to_json(), digest=policy.digest).save()
    workflow = Workflow.objects.create(workspace=home, name="mine")
    WorkflowVersion.objects.create(workflow=workflow, number=1, graph={}, policy_version=1)
    Read.objects.create(workspace=home.pk, by=ada.pk, way=Way.SHOWN)
    run = Run.objects.create(workspace=home, plan=some_plan(home), policy_id=1, by=ada)
    found = {"rule": "r", "action": "block", "filter": "f", "category": "c", "score": 1.0}
    Finding.objects.create(run=run, step="g", message={}, **found)
    shadow = Shadow.objects.create(data={}, reason="")
    ShadowFinding.objects.create(shadow=shadow, run=run.pk, step="g", **found)
    review = Review.objects.create(run=run, step="g", purpose="appeal", state="kept", rules=[])
    Look.objects.create(review=review, by=ada, name="Ada")
    Opinion.objects.create(review=review, by=ada, name="Ada", decision="block", note="")


def sql(text: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else []


def whole(kind: type[models.Model], columns: str = "*") -> list[Any]:
    return sql(f"SELECT {columns} FROM {kind._meta.db_table}")


def replacing(kind: type[models.Model], **changed: str) -> str:
    """The row once more, with these columns as these expressions."""
    names = [field.column for field in kind._meta.concrete_fields]
    given = [changed.get(name, name) for name in names]
    table = kind._meta.db_table
    extra = [(name, value) for name, value in changed.items() if name not in names]
    columns = ", ".join([*names, *(name for name, _ in extra)])
    values = ", ".join([*given, *(value for _, value in extra)])
    return f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {values} FROM {table}"


KEYS: list[tuple[type[models.Model], dict[str, str]]] = [
    *((kind, {column: "'{}'"}) for kind, column in STAYS.items()),
    (WorkflowVersion, {"id": "'" + "0" * 32 + "'", "graph": "'[]'"}),
    (Opinion, {"id": "'" + "0" * 32 + "'", "decision": "'allow'"}),
    *(
        (kind, {kind._meta.pk.column: "4711", "rowid": "rowid"})
        for kind in (AuditEntry, PolicyVersion)
        if kind._meta.pk
    ),
]


@ON_SQLITE
@pytest.mark.parametrize(("kind", "changed"), KEYS)
def test_no_row_is_replaced_by_any_of_its_keys(
    kind: type[models.Model], changed: dict[str, str], rows: None
) -> None:
    before = whole(kind)
    with pytest.raises(Error, match="never replaced"), transaction.atomic():
        sql(replacing(kind, **changed))
    assert whole(kind) == before and len(before) == 1


@pytest.mark.parametrize(("kind", "column"), STAYS.items())
def test_no_row_is_changed(kind: type[models.Model], column: str, rows: None) -> None:
    before = whole(kind)
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        sql(f"UPDATE {kind._meta.db_table} SET {column} = {column}")
    assert whole(kind) == before


def test_an_account_that_goes_takes_its_name_along_and_nothing_else(rows: None) -> None:
    Opinion.objects.update(name="erased", by=None)
    Look.objects.update(name="erased", by=None)
    WorkflowVersion.objects.update(by=None)
    Workspace.objects.all().delete()
    assert (
        not WorkflowVersion.objects.exists() and not Opinion.objects.exists() and not Finding.objects.exists()
    )


def test_the_log_is_not_emptied_at_once(rows: None) -> None:
    if connection.vendor == "postgresql":
        put_triggers(connection, {"safety_auditentry": ("TRUNCATE",)})  # the tests' own database lets it be
        with pytest.raises(Error, match="never changed"), transaction.atomic():
            sql("TRUNCATE safety_auditentry")
    assert AuditEntry.objects.count() == 1


@ON_SQLITE
def test_every_migration_has_left_the_guards_in_place(db: None) -> None:
    """SQLite forgets a table's triggers when a migration rebuilds it: that migration must put them back."""
    there = {row[0] for row in sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for kind in STAYS:
        table = kind._meta.db_table
        assert {f"{table}_refuses_update", f"{table}_refuses_replace"} <= there
