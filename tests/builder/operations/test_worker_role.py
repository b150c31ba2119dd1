"""The role that workers connect with: enough for everything that they do, and nothing more. Postgres alone has roles."""

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.assets.models import Asset
from builder.operations.management.commands.keep import keep
from builder.operations.worker_role import ALL, NOTHING, RIGHTS, Rights
from builder.reviews.give_opinion import Judgement, give_opinion
from builder.reviews.look_at import look_at
from builder.runs.cancel_run import cancel_run
from builder.runs.models import CachedStep, Output, Review, ReviewState, Run, Segment, Worker
from builder.runs.submit_run import Order, submit_run
from builder.safety.active_policy import installation_version
from builder.safety.models import AuditEntry, PolicyVersion, ShadowFinding
from builder.safety.try_policy import end_shadow, start_shadow
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.ruling import Decision
from runtime.worker.agent import Agent
from tests.builder.operations.roles import ROLE, as_role, as_worker, only_postgres, role
from tests.fixtures.asked import filters_answer
from tests.fixtures.runs import (
    Workers,
    agent,
    chain,
    drawing,
    ended,
    kept_child,
    policy,
    stub_packs,
    stub_policy,
    told,
    valkey,
    valkey_folder,
    wait_for,
    workers,
    workspace,
)
from tests.stages.postgres import ASKED

__all__ = [
    "agent", "as_worker", "filters_answer", "kept_child", "policy", "role", "stub_packs", "told", "valkey", "valkey_folder", "workers", "workspace",
]  # fmt: skip

WITHOUT = Rights()
HOLD = FilterUse("stub.words", Action.HOLD)
PICTURE = drawing(
    ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "blue"}), ("out", "show_image", {"name": "picture"}),
    edges="in.text>p.text p.image>out.image",
)  # fmt: skip


@pytest.fixture
def limited(role: str, workers: Workers) -> Workers:
    """Workers that connect with the role, and have a short lease."""
    known = connection.settings_dict
    workers.environment |= {
        "SLUICEWAY_DATABASE_URL": f"postgres://{role}@localhost/postgres?{urlencode({'host': known['HOST']})}",
        "SLUICEWAY_IS_WORKER": "1",
        "SLUICEWAY_LIMITED": "1",
        "SLUICEWAY_SECRET_STORE": "runtime.dispatch.secrets:open_files",
        "SLUICEWAY_LEASE_SECONDS": "2",
    }
    return workers


def refused(logs: str) -> list[str]:
    return [line for line in logs.splitlines() if "permission denied" in line or "ProgrammingError" in line]


@pytest.mark.django_db
@pytest.mark.any_database("both have the same tables")
def test_of_every_table_it_is_written_down_what_a_worker_may_do_there() -> None:
    tables = set(connection.introspection.table_names())
    assert tables == RIGHTS.keys() | NOTHING
    assert not RIGHTS.keys() & NOTHING


@pytest.mark.django_db
@pytest.mark.any_database("it is about SQLite")
@pytest.mark.skipif(bool(os.environ.get("SLUICEWAY_DATABASE_URL")), reason="it is about SQLite")
def test_on_sqlite_it_says_that_there_are_no_roles() -> None:
    with pytest.raises(CommandError, match="Postgres"):
        call_command("worker_role")


@only_postgres
def test_the_database_lets_the_role_do_what_is_written_down_and_nothing_else(role: str) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = [item.name for item in connection.introspection.get_table_description(cursor, table)]
            for verb in ("select", "insert", "update", "references"):
                cursor.execute(
                    "SELECT c FROM unnest(%s::text[]) c WHERE has_column_privilege(%s, %s, c, %s)",
                    [columns, role, table, verb],
                )
                named = {row[0] for row in cursor.fetchall()}
                written = getattr(RIGHTS.get(table, WITHOUT), verb, "")
                assert named == (set(columns) if written == ALL else set(written.split())), (table, verb)
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'delete'), has_table_privilege(%s, %s, 'truncate, trigger')",
                [role, table] * 2,
            )
            assert cursor.fetchone() == (RIGHTS.get(table, WITHOUT).delete, False), table
        cursor.execute("SELECT has_schema_privilege(%s, 'public', 'create')", [role])
        assert cursor.fetchone() == (False,)


@only_postgres
def test_a_role_with_a_password_comes_in_with_it_alone(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_WORKER_PASSWORD", "first, and with 汉字")
    call_command("worker_role", role=ASKED, verbosity=0)
    try:
        with as_role(ASKED, password="first, and with 汉字", require_auth="scram-sha-256") as link:
            assert link.execute("SELECT current_user").fetchone() == (ASKED,)
        # Set once more, as after each upgrade, and with another one.
        monkeypatch.setenv("SLUICEWAY_WORKER_PASSWORD", "second")
        call_command("worker_role", role=ASKED, verbosity=0)
        with pytest.raises(psycopg.OperationalError, match="password"):
            as_role(ASKED, password="first, and with 汉字")
        as_role(ASKED, password="second", require_auth="scram-sha-256").close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {ASKED}")
            cursor.execute(f"DROP ROLE {ASKED}")


@only_postgres
def test_a_role_that_is_more_than_that_is_refused(role: str) -> None:
    call_command("worker_role", role=role)
    for give, take in (("CREATEDB", "NOCREATEDB"), ("BYPASSRLS", "NOBYPASSRLS")):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {role} {give}")
        with pytest.raises(CommandError, match="more than"):
            call_command("worker_role", role=role)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {role} {take}")
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT pg_read_all_data TO {role}")
    with pytest.raises(CommandError, match="more than"):
        call_command("worker_role", role=role)


@only_postgres
@pytest.mark.parametrize("table", sorted(NOTHING))
def test_a_worker_neither_reads_nor_changes_what_is_none_of_its_business(
    as_worker: Callable[[str], None], table: str
) -> None:
    for statement in (
        f"SELECT 1 FROM {table}",
        f"DELETE FROM {table}",
        f"INSERT INTO {table} DEFAULT VALUES",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_worker(statement)


@only_postgres
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT body FROM safety_auditentry",
        "UPDATE safety_auditentry SET body = ''",
        "DELETE FROM safety_auditentry",
        "INSERT INTO safety_policyversion (version) VALUES (99)",
        "UPDATE safety_policyversion SET data = '{}'",
        "DELETE FROM safety_policyversion",
        "UPDATE runs_review SET ruling = '{}'",
        "UPDATE runs_review SET held = NULL",
        "UPDATE runs_step SET answer = '{}'",
        "UPDATE runs_run SET by_id = NULL",
        "UPDATE runs_run SET policy_id = 1",
        "UPDATE runs_keptplan SET text = ''",
        "INSERT INTO runs_run (id) VALUES (gen_random_uuid())",
        "INSERT INTO runs_segment (id) VALUES (gen_random_uuid())",
        "DELETE FROM runs_run",
        "DELETE FROM assets_asset",
        "UPDATE assets_asset SET sha256 = ''",
        "SELECT reason FROM keeping_hold",
        "UPDATE keeping_hold SET lifted = now()",
        "CREATE TABLE more (id int)",
        "CREATE TEMP TABLE more (id int)",
        "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE postgres",
    ],
)
def test_a_worker_changes_nothing_that_decides_what_may_run_or_pass(
    as_worker: Callable[[str], None], statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_worker(statement)


@only_postgres
def test_a_worker_with_the_role_does_all_that_workers_do(
    limited: Workers, workspace: Workspace, policy: Callable[[Policy], Policy], filters_answer: None
) -> None:
    policy(stub_policy(HOLD))
    author = User.objects.create(username="author")
    reviewer = User.objects.create(username="reviewer")
    Membership.objects.create(user=reviewer, workspace=workspace, role=Role.REVIEWER)

    def submit(graph: dict[str, Any], text: str = "hello") -> Run:
        return submit_run(Order(workspace, {"text": text}, user=author, graph=graph)).run

    shadow = start_shadow(stub_policy(FilterUse("stub.words", Action.BLOCK)), reviewer, "To see")
    limited.start()
    # A chain, and once more from the cache; a picture, stored, judged and shown.
    plain = chain(("a", "echo", {}), ("s", "stream", {"piece": 2, "seconds": 0.01}), ("b", "echo", {}))
    for graph in (plain, plain, PICTURE, PICTURE):
        with ended(submit(graph)) as run:
            assert run.state == "succeeded", limited.logs()
    assert CachedStep.objects.exists() and Asset.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [ROLE])
        assert cursor.fetchone() != (0,), "the worker connects as somebody else"
    # One that fails, one that kills its process until it counts as the cause, and one that somebody stops.
    for graph, state in ((chain(("f", "fail", {})), "failed"), (chain(("c", "crash", {})), "failed")):
        with ended(submit(graph)) as run:
            assert run.state == state, limited.logs()
    stopped = submit(chain(("n", "nap", {"seconds": 30.0})))
    wait_for(lambda: Segment.objects.filter(run=stopped, state="leased").exists())
    cancel_run(stopped)
    with ended(stopped) as run:
        assert run.state == "cancelled"
    # One that waits for a person.
    held = submit(chain(("a", "echo", {})), "a forbidden thing")
    wait_for(lambda: Run.objects.get(pk=held.pk).state == "waiting")
    review = Review.objects.get(run=held, state=ReviewState.OPEN)
    look_at(reviewer, review.pk)
    give_opinion(reviewer, review.pk, Judgement(Decision.ALLOW, "Because.", ()))
    with ended(held) as run:
        assert run.state == "succeeded" and Output.objects.get(run=run).value == "a forbidden thing"
    wait_for(lambda: ShadowFinding.objects.filter(shadow=shadow, run=held.pk).exists())
    end_shadow(shadow, reviewer)
    # A worker that dies: another takes over when its lease has ended.
    lost = submit(chain(("n", "nap", {"seconds": 1.0})))
    wait_for(lambda: Segment.objects.filter(run=lost, state="leased").exists())
    limited.started[0].kill()
    limited.start()
    with ended(lost) as run:
        assert run.state == "succeeded"
    assert Segment.objects.get(run=lost).losses == 1
    wait_for(lambda: Worker.objects.count() == 2)
    # What waits for a person when the rules are tightened is withheld, and that is written down.
    stale = submit(chain(("a", "echo", {})), "a forbidden thing")
    wait_for(lambda: Run.objects.get(pk=stale.pk).state == "waiting")
    policy(stub_policy(FilterUse("stub.words", Action.BLOCK), version=9))
    with ended(stale) as run:
        assert run.state == "blocked"
    assert AuditEntry.objects.filter(body__contains="run.withheld").count() == 1
    assert not refused(limited.logs())


class OneTurn(threading.Event):
    """Lets a loop go round once."""

    def wait(self, timeout: float | None = None) -> bool:
        over = self.is_set()
        self.set()
        return over


def test_what_a_worker_may_not_decide_who_keeps_does(
    agent: Agent, workspace: Workspace, policy: Callable[[Policy], Policy], settings: Any
) -> None:
    policy(stub_policy(HOLD))
    graph = chain(("a", "echo", {}))
    run = submit_run(Order(workspace, {"text": "a forbidden thing"}, graph=graph)).run
    agent.drain()
    Review.objects.filter(run=run, state=ReviewState.OPEN).update(deadline=Now() - timedelta(seconds=1))
    settings.LIMITED = True
    agent.store.sweep()
    assert Review.objects.get(run=run).state == ReviewState.OPEN
    settings.LIMITED = False
    keep(OneTurn())
    assert Review.objects.get(run=run).state == ReviewState.EXPIRED
    agent.drain()
    assert Run.objects.get(pk=run.pk).state == "blocked"


def test_what_was_held_in_a_run_that_a_limited_worker_ends_is_let_go_by_who_keeps(
    agent: Agent, workspace: Workspace, policy: Callable[[Policy], Policy], settings: Any
) -> None:
    policy(stub_policy(HOLD))
    run = submit_run(Order(workspace, {"text": "a forbidden thing"}, graph=chain(("a", "echo", {})))).run
    agent.drain()
    settings.LIMITED = True
    cancel_run(run)
    agent.store.sweep()
    review = Review.objects.get(run=run)
    assert review.state == ReviewState.CLOSED and review.held is not None
    settings.LIMITED = False
    keep(OneTurn())
    assert Review.objects.get(run=run).held is None


def test_a_limited_worker_brings_no_policy_of_its_own_edition_into_force(
    agent: Agent, workspace: Workspace, policy: Callable[[Policy], Policy], settings: Any
) -> None:
    policy(stub_policy())
    run = submit_run(Order(workspace, {"text": "hello"}, graph=chain(("a", "echo", {})))).run
    # Brought into force by a web server of another edition, whose built-in policy is another.
    other = stub_policy(version=2)
    PolicyVersion(version=2, data=other.to_json(), digest=other.digest, shipped="f" * 64).save()
    settings.LIMITED = True
    agent.drain()
    assert Run.objects.get(pk=run.pk).state == "succeeded"
    assert PolicyVersion.objects.count() == 2
    # Whoever owns the tables does.
    installation_version()
    assert PolicyVersion.objects.count() == 3
