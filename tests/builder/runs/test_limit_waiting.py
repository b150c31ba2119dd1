"""Back-pressure: who has many runs waiting already sends no more of them, and what was accepted is never refused."""

from collections.abc import Callable
from copy import copy
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.common.ids import uuid7
from builder.runs.cancel_run import cancel_run
from builder.runs.limit_waiting import PEOPLE
from builder.runs.models import Run
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import RunState
from runtime.safety.policy import Policy
from tests.builder.runs.claims import claim
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def shared(
    ada: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy], settings: Any
) -> Workspace:
    policy(stub_policy())
    settings.MOST_WAITING = 3
    return create_workspace("shared", ada)


def submit(shared: Workspace, user: User | None, **more: Any) -> Run:
    return submit_run(Order(shared, {"text": "x"}, user, graph=chain(("a", "echo", {})), **more)).run


def test_a_person_has_so_many_runs_waiting_and_no_more(
    store: DatabaseRunStore, shared: Workspace, ada: User
) -> None:
    key = str(uuid4())
    first = submit(shared, ada, idempotency_key=key)
    submit(shared, ada)
    last = submit(shared, ada)
    with pytest.raises(Refused) as refused:
        submit(create_workspace("another", ada), ada)
    assert (refused.value.code, refused.value.status) == ("too_many_waiting", 429)
    assert refused.value.wait > 0
    assert "3 of your runs" in refused.value.message.en and "cancel" in str(refused.value.hint)
    assert submit(shared, ada, idempotency_key=key) == first, "accepted is accepted, however often it is sent"
    submit(shared, User.objects.create(username="bob"))
    assert claim(store).run == str(first.pk), "what has begun waits no longer"
    submit(shared, ada)
    cancel_run(last)
    submit(shared, ada)
    with pytest.raises(Refused):
        submit(shared, ada)


def test_a_workspace_has_ten_times_as_many(shared: Workspace, settings: Any) -> None:
    settings.MOST_WAITING = 1
    for number in range(PEOPLE):
        submit(shared, User.objects.create(username=f"{number}") if number else None)
    with pytest.raises(Refused, match="workspace"):
        submit(shared, User.objects.create(username="one more"))
    with pytest.raises(Refused, match="workspace"):
        submit(shared, None)
    elsewhere = User.objects.create(username="elsewhere")
    submit(create_workspace("elsewhere", elsewhere), elsewhere)


def test_without_a_bound_any_number_waits(shared: Workspace, ada: User, settings: Any) -> None:
    settings.MOST_WAITING = 0
    for _ in range(5):
        submit(shared, ada)


@pytest.mark.parametrize(
    ("column", "index"), [("by_id", "runs_waiting_of_person"), ("workspace_id", "runs_waiting_of_workspace")]
)
def test_those_that_wait_are_counted_in_an_index_that_has_no_others(
    shared: Workspace, ada: User, column: str, index: str
) -> None:
    done = submit(shared, ada)
    Run.objects.bulk_create([ended(done) for _ in range(500)])
    submit(shared, ada)
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE runs_run")
        cursor.execute(
            f"{explain} SELECT 1 FROM runs_run WHERE {column} = %s AND state = 'queued' LIMIT 1 OFFSET %s",
            [ada.pk.hex, 2],
        )
        plan = str(cursor.fetchall())
    # One person and one workspace have all that waits here: Postgres takes either.
    assert ("runs_waiting_of" if connection.vendor == "postgresql" else index) in plan


def ended(run: Run) -> Run:
    """Another like it, which waits no more."""
    other = copy(run)
    other.pk, other.state = uuid7(), RunState.SUCCEEDED.value
    return other
