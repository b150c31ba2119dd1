"""Whose turn it is among people, whatever became of the runs for which they were served."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.leaving.erase import erase_run, go_on
from builder.leaving.erase_person import erase_person
from builder.runs.models import Run, Segment, Served
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import SegmentState
from runtime.safety.policy import Policy
from tests.builder.runs.claims import claim, everything
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create(username="bob")


@pytest.fixture
def shared(ada: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Workspace:
    policy(stub_policy())
    return create_workspace("shared", ada)


def submit(shared: Workspace, user: User) -> Run:
    return submit_run(Order(shared, {"text": "x"}, user, graph=chain(("a", "echo", {})))).run


def serve(store: DatabaseRunStore) -> Run:
    """Run what is next to its end."""
    claimed = claim(store)
    assert store.finish(claimed, SegmentState.DONE, everything(claimed))
    return Run.objects.get(pk=claimed.run)


def test_who_deletes_what_was_run_is_not_served_before_others_for_it(
    store: DatabaseRunStore, shared: Workspace, ada: User, bob: User
) -> None:
    for _ in range(3):
        submit(shared, bob)
    served = []
    for _ in range(6):
        submit(shared, ada)
        run = serve(store)
        served.append(run.by)
        if run.by == ada:
            erase_run(run, ada)
    assert served[:2] in ([ada, bob], [bob, ada]) and served.count(bob) == 3
    assert all(one != other for one, other in itertools.pairwise(served))


def test_of_several_deleted_runs_the_last_service_counts(
    store: DatabaseRunStore, shared: Workspace, ada: User
) -> None:
    for _ in range(3):
        submit(shared, ada)
    runs = [serve(store) for _ in range(3)]
    last = Segment.objects.get(run=runs[2]).claimed
    for run in (runs[1], runs[2], runs[0]):
        erase_run(run, ada)
    assert Served.objects.get().person == ada.pk and Served.objects.get().at == last


def test_what_was_long_ago_is_forgotten_and_so_is_who_is_deleted(
    store: DatabaseRunStore, shared: Workspace, ada: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_superuser=True, is_staff=True)
    submit(shared, ada)
    submit(shared, bob)
    first, second = serve(store), serve(store)
    erase_run(first, first.by)
    Served.objects.update(at=Now() - timedelta(days=2))
    erase_run(second, second.by)
    assert [row.person for row in Served.objects.all()] == [second.by_id]
    submit(shared, ada)
    serve(store)
    erasure = go_on(erase_person(ada, bob))
    assert erasure.finished is not None
    assert not Served.objects.filter(person=ada.pk).exists()


@pytest.mark.parametrize("deletes", [False, True])
def test_who_is_served_in_one_class_loses_no_turn_in_another(
    store: DatabaseRunStore, shared: Workspace, ada: User, bob: User, deletes: bool
) -> None:
    def put(user: User, resource: str) -> None:
        submit(shared, user).segments.update(resource=resource)

    def serve_in(resource: str) -> Run:
        claimed = store.claim("w", frozenset({resource}))
        assert claimed is not None and store.finish(claimed, SegmentState.DONE, everything(claimed))
        return Run.objects.get(pk=claimed.run)

    put(ada, "gpu")
    for _ in range(4):
        put(bob, "gpu")
    served = []
    for _ in range(4):
        put(ada, "cpu")
        light = serve_in("cpu")
        if deletes:
            erase_run(light, ada)
        served.append(serve_in("gpu").by)
    assert served == [ada, bob, bob, bob]
    put(ada, "gpu")
    put(bob, "gpu")
    assert [serve_in("gpu").by for _ in range(2)] == [ada, bob]


def test_who_is_served_in_one_class_by_another_worker_loses_no_turn_where_classes_overlap(
    store: DatabaseRunStore, shared: Workspace, ada: User, bob: User
) -> None:
    """One worker for the light ones alone beside one for all: the second is the only one that serves the heavy ones."""

    def put(user: User, resource: str) -> Run:
        run = submit(shared, user)
        run.segments.update(resource=resource)
        return run

    def serves(worker: str, *resources: str) -> Run:
        claimed = store.claim(worker, frozenset(resources))
        assert claimed is not None and store.finish(claimed, SegmentState.DONE, everything(claimed))
        return Run.objects.get(pk=claimed.run)

    heavy = put(ada, "gpu")
    for _ in range(3):
        put(bob, "gpu")
    served = []
    for _ in range(3):
        put(ada, "cpu")
        assert serves("light", "cpu").by == ada
        served.append(serves("all", "cpu", "gpu"))
    assert heavy in served[:2]
