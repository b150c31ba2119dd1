"""What runs are told of the queue: the order in which workers take them, for those that come soon."""

from collections.abc import Callable
from typing import Any

import pytest

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.runs.models import Run, Segment
from builder.runs.places import TOLD, Places
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import SegmentState
from runtime.safety.policy import Policy
from tests.builder.runs.claims import claim, everything
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

CPU = frozenset({"cpu"})
BEYOND = {"position": TOLD, "beyond": True}
Submit = Callable[..., Run]


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create(username="bob")


@pytest.fixture
def submit(ada: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Submit:
    policy(stub_policy())
    shared: Workspace = create_workspace("shared", ada)

    def submit(user: User, **more: Any) -> Run:
        order = Order(shared, {"text": "x"}, user, graph=chain(("a", "echo", {})), **more)
        return submit_run(order).run

    return submit


def places(found: Places, resources: frozenset[str] = CPU) -> dict[str, Any]:
    return {str(run): said for run, said in found.found(resources)}


def test_runs_are_told_the_order_in_which_they_are_then_taken(
    store: DatabaseRunStore, submit: Submit, ada: User, bob: User
) -> None:
    carl = User.objects.create(username="carl")
    for user in (bob, ada, carl):  # two whom nobody has served yet may come in either order
        submit(user)
        done = claim(store)
        store.finish(done, SegmentState.DONE, everything(done))
    for number in range(7):
        submit(ada, priority=number % 3)
    for number in range(4):
        submit(bob, priority=-number)
    submit(carl)
    said = places(Places())
    taken = [claim(store).run for _ in range(12)]
    assert [said[run]["position"] for run in taken] == list(range(1, 13))


def test_who_comes_last_and_is_next_is_told_so_and_who_is_far_back_is_told_that(
    store: DatabaseRunStore, submit: Submit, ada: User, bob: User
) -> None:
    many = [submit(ada) for _ in range(TOLD + 10)]
    claim(store)
    found = Places()
    assert sum(said == BEYOND for said in places(found).values()) == 9
    one, urgent = submit(bob), submit(ada, priority=100)
    said = places(found)
    assert said[str(one.pk)] == {"position": 1, "beyond": False}
    assert said[str(urgent.pk)] == {"position": 2, "beyond": False}
    assert said[str(many[1].pk)] == {"position": 3, "beyond": False}
    # Two that had a place have none any more; who was told before is not told again.
    assert [run for run, told in said.items() if told == BEYOND] == [str(many[50].pk), str(many[49].pk)]
    assert BEYOND not in places(found).values()
    assert [claim(store).run for _ in range(3)] == [str(one.pk), str(urgent.pk), str(many[1].pk)]


def test_each_class_of_workers_has_a_queue_of_its_own(submit: Submit, ada: User) -> None:
    runs = [submit(ada) for _ in range(4)]
    Segment.objects.filter(run__in=runs[::2]).update(resource="gpu")
    said = places(Places(), frozenset({"cpu", "gpu"}))
    assert [said[str(run.pk)]["position"] for run in runs] == [1, 1, 2, 2]


def test_a_run_that_has_begun_is_told_no_place_and_takes_one(
    store: DatabaseRunStore, submit: Submit, ada: User
) -> None:
    begun, waits = submit(ada), submit(ada)
    assert store.release(claim(store))
    assert places(Places()) == {str(waits.pk): {"position": 2, "beyond": False}}
    assert Segment.objects.get(run=begun).state == "ready"
