"""Rows that the role of workers may add, and those that the database refuses although it may write to the table."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from psycopg import sql

from builder.accounts.models import Workspace
from builder.runs.models import Review, ReviewState
from builder.runs.submit_run import Order, submit_run
from builder.safety.append_audit import append_audit, chain_hash
from builder.safety.models import AuditEntry
from builder.safety.verify_audit import verify_audit
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.ruling import Decision, Ruling
from runtime.worker.agent import Agent
from tests.builder.operations.roles import as_worker, only_postgres, role
from tests.fixtures.runs import (
    agent,
    chain,
    kept_child,
    policy,
    stub_packs,
    stub_policy,
    told,
    valkey,
    valkey_folder,
    workspace,
)  # fmt: skip

__all__ = [
    "agent",
    "as_worker",
    "kept_child",
    "policy",
    "role",
    "stub_packs",
    "told",
    "valkey",
    "valkey_folder",
    "workspace",
]

HOLD = FilterUse("stub.words", Action.HOLD)


def inserts(row: Model, **other: Any) -> str:
    """The statement that Django would write for the row, with some of it changed."""
    for name, value in other.items():
        setattr(row, name, value)
    fields = [field for field in row._meta.concrete_fields if field.attname != "id" or row.pk is not None]
    names = sql.SQL(", ").join(sql.Identifier(field.column) for field in fields)
    values = sql.SQL(", ").join(
        sql.Literal(json.dumps(value) if isinstance(value, dict | list) else value)
        for value in (getattr(row, field.attname) for field in fields)
    )
    table = sql.Identifier(row._meta.db_table)
    return (
        sql.SQL("INSERT INTO {} ({}) VALUES ({})")
        .format(table, names, values)
        .as_string(connection.connection)
    )


@pytest.fixture
def waits(agent: Agent, workspace: Workspace, policy: Callable[[Policy], Policy]) -> Review:
    """What a gate holds in a run that waits."""
    policy(stub_policy(HOLD))
    run = submit_run(Order(workspace, {"text": "a forbidden thing"}, graph=chain(("a", "echo", {})))).run
    agent.drain()
    return Review.objects.get(run=run)


@only_postgres
def test_a_worker_adds_what_gates_hold_and_no_decision(
    waits: Review, as_worker: Callable[[str], None]
) -> None:
    ruling = Ruling(Decision.ALLOW, waits.digest, tuple(waits.rules), waits.policy).to_json()
    now = timezone.now()

    def another(**other: Any) -> str:
        row = Review.objects.get(pk=waits.pk)
        return inserts(row, id=uuid4(), step="another", created=now, **other)

    as_worker(another())
    as_worker(another(purpose="appeal", state="kept", deadline=None))
    for other in (
        {"ruling": ruling},
        {"state": "decided", "ruling": ruling, "decided": now},
        {"state": "decided"},
        {"state": "expired"},
        {"state": "kept"},
        {"decided": now},
        {"purpose": "appeal", "state": "kept", "released": {"text": "all of it"}},
        {"purpose": "appeal", "state": "open"},
        {"needed": 0},
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no worker writes"):
            as_worker(another(**other))
    as_worker(f"UPDATE runs_review SET state = 'closed', decided = now() WHERE id = '{waits.pk}'")
    for change in ("state = 'decided'", "state = 'expired'", "decided = now()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no worker writes"):
            as_worker(f"UPDATE runs_review SET {change} WHERE id = '{waits.pk}'")
    waits.refresh_from_db()
    assert (waits.state, waits.ruling) == (ReviewState.OPEN, None)


@only_postgres
def test_a_worker_adds_lines_of_one_kind_to_the_log_and_breaks_no_chain(
    waits: Review, as_worker: Callable[[str], None]
) -> None:
    append_audit("list.added", by=None, subject="before")
    last = AuditEntry.objects.first()
    assert last is not None

    def line(act: str = "run.withheld", by: Any = None, **other: Any) -> str:
        said = {
            "act": act,
            "at": "2026-01-01T00:00:00+00:00",
            "by": by,
            "subject": "run x 汉字",
            "reason": "",
            "data": {},
        }
        number, previous = other.pop("sequence", last.sequence + 1), other.pop("previous", last.hash)
        body = other.pop("begins", "{") + json.dumps(said, ensure_ascii=False)[1:]
        row = AuditEntry(
            sequence=number, previous=previous, body=body, hash=chain_hash(number, previous, body)
        )
        return inserts(row, **other)

    as_worker(line())
    twice = line(begins='{"act": "review.decided", ')
    for refused_line in (
        line("policy.changed"),
        line("review.decided"),
        line(by={"id": str(uuid4())}),
        twice,
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no worker writes"):
            as_worker(refused_line)
    for wrong in (line(sequence=last.sequence + 7), line(previous="0" * 64), line(hash="f" * 64)):
        with pytest.raises(psycopg.errors.CheckViolation, match="not the next line"):
            as_worker(wrong)
    # A table of its own under that name is not what is asked, where it may make one.
    with connection.cursor() as cursor:
        database = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {database} TO PUBLIC")
    with pytest.raises(psycopg.errors.CheckViolation):
        as_worker(
            "CREATE TEMPORARY TABLE safety_auditentry (sequence bigint, hash text); "
            f"INSERT INTO pg_temp.safety_auditentry VALUES ({last.sequence + 6}, '{last.hash}'); "
            + line(sequence=last.sequence + 7).replace('"safety_auditentry"', 'public."safety_auditentry"')
        )
    assert AuditEntry.objects.first() == last and verify_audit().sound == last.sequence
