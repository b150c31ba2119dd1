"""Which segment a freed worker takes: among people in turn; of one person's what is urgent, then what finds its model in memory."""

from collections.abc import Callable

import pytest

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.runs.models import Run, Segment
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db
CPU = frozenset({"cpu", "inline"})


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def workspace(ada: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Workspace:
    policy(stub_policy())
    return create_workspace("hers", ada)


def submit(workspace: Workspace, user: User, model: str = "", priority: int = 0) -> Run:
    order = Order(workspace, {"text": "x"}, user, graph=chain(("a", "echo", {})), priority=priority)
    run = submit_run(order).run
    Segment.objects.filter(run=run).update(model=model)
    return run


def taken(holds: tuple[str, ...], count: int) -> list[str]:
    store, found = DatabaseRunStore(), []
    for _ in range(count):
        claim = store.claim("w", CPU, holds=holds)
        assert claim is not None
        found.append(claim.run)
    return found


def ids(*runs: Run) -> list[str]:
    return [str(run.pk) for run in runs]


def test_what_needs_a_model_in_memory_comes_first_and_what_needs_none_keeps_its_place(
    workspace: Workspace, ada: User
) -> None:
    cold, warm, none, cold_too = (submit(workspace, ada, model) for model in ("big", "small", "", "big"))
    assert taken(("small", "other"), 4) == ids(warm, none, cold, cold_too)


def test_without_a_model_in_memory_the_oldest_comes_first(workspace: Workspace, ada: User) -> None:
    first, second = submit(workspace, ada, "big"), submit(workspace, ada, "small")
    assert taken((), 2) == ids(first, second)


def test_what_is_urgent_comes_before_what_is_warm(workspace: Workspace, ada: User) -> None:
    warm, urgent = submit(workspace, ada, "small"), submit(workspace, ada, "big", priority=1)
    assert taken(("small",), 2) == ids(urgent, warm)


def test_what_is_put_off_comes_last(workspace: Workspace, ada: User) -> None:
    put_off, ordinary = submit(workspace, ada, priority=-1), submit(workspace, ada)
    assert taken((), 2) == ids(ordinary, put_off)


def test_neither_a_warm_model_nor_a_priority_takes_another_person_s_turn(
    workspace: Workspace, ada: User
) -> None:
    bob = User.objects.create(username="bob")
    one, two = submit(workspace, ada, "small", priority=9), submit(workspace, ada, "small", priority=9)
    his = submit(create_workspace("his", bob), bob, "big", priority=-9)
    order = taken(("small",), 3)
    assert order.index(str(his.pk)) < 2 and set(order) == set(ids(one, two, his))
