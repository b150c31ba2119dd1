"""A run whose policy is made stricter while a worker has it: what the worker tells then counts for nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from builder.runs import store as stores
from builder.runs.models import Output, Run
from builder.runs.store import DatabaseRunStore
from builder.runs.withhold_stale import asks_more
from builder.safety.models import AuditEntry
from runtime.dispatch.states import SegmentState
from runtime.dispatch.store import Claim, Progress
from runtime.labels import Clearance, Source
from runtime.ports import TEXT
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.values import Value
from tests.builder.runs.claims import ALL, claim, everything
from tests.fixtures.runs import stub_policy

STRICTER = (FilterUse("stub.secrets", Action.BLOCK), FilterUse("stub.words", Action.BLOCK))

PutPolicy = Callable[[Policy], Policy]


def delivery(claimed: Claim) -> Progress:
    """All steps done, and the output with every clearance of the run's own policy."""
    plain = Value(TEXT, "a key-12345", frozenset({Source.USER}))
    clear = frozenset(
        Clearance(plain.digest, rule.id, claimed.policy.digest) for rule in claimed.policy.rules
    )
    value = Value(TEXT, plain.data, plain.sources, clear)
    steps = everything(claimed).steps
    return Progress(steps, results=[(item.name, value) for item in claimed.plan.results])


@pytest.mark.parametrize("verb", ["record", "finish"])
def test_a_delivery_after_the_policy_was_tightened_writes_nothing_and_the_run_is_withheld(
    verb: str, store: DatabaseRunStore, run: Run, policy: PutPolicy
) -> None:
    claimed = claim(store)
    policy(stub_policy(*STRICTER, version=2))
    given: tuple[Any, ...] = (SegmentState.DONE,) if verb == "finish" else ()
    assert getattr(store, verb)(claimed, *given, delivery(claimed)) is False
    run.refresh_from_db()
    assert run.state == "blocked" and run.error["code"] == "policy_tightened"
    assert not Output.objects.exists() and not store.heartbeat(claimed).held
    assert list(run.events.values_list("seq", flat=True)) == list(range(1, run.last_event + 1))
    (entry,) = AuditEntry.objects.filter(body__contains="run.withheld")
    assert entry.said["data"] == {"policy": 1, "rules": ["person-text"]}
    assert store.finish(claimed, SegmentState.DONE, delivery(claimed)) is False, (
        "asked again, nothing changes"
    )


def test_a_run_of_an_old_policy_is_given_to_no_worker(
    store: DatabaseRunStore, run: Run, policy: PutPolicy
) -> None:
    policy(stub_policy(*STRICTER, version=2))
    assert store.claim("w", ALL) is None
    assert Run.objects.get(pk=run.pk).state == "blocked"


def test_before_it_was_tightened_the_same_is_delivered(store: DatabaseRunStore, run: Run) -> None:
    claimed = claim(store)
    assert store.finish(claimed, SegmentState.DONE, delivery(claimed))
    assert Output.objects.get().value == "a key-12345"


def test_what_was_delivered_before_stays_and_a_run_that_has_ended_is_left_alone(
    store: DatabaseRunStore, run: Run, policy: PutPolicy
) -> None:
    claimed = claim(store)
    store.finish(claimed, SegmentState.DONE, delivery(claimed))
    policy(stub_policy(*STRICTER, version=2))
    store.sweep()
    run.refresh_from_db()
    assert (run.state, run.error) == ("succeeded", None) and Output.objects.exists()


def test_a_worker_learns_from_the_sweep_that_its_run_is_withheld(
    store: DatabaseRunStore, run: Run, policy: PutPolicy
) -> None:
    claimed = claim(store)
    store.sweep()
    assert store.peek(claimed).held
    policy(stub_policy(*STRICTER, version=2))
    store.sweep()
    assert not store.peek(claimed).held
    assert Run.objects.get(pk=run.pk).state == "blocked"


def test_text_that_streams_stops_at_the_next_question(
    store: DatabaseRunStore, run: Run, policy: PutPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(store, "publish", lambda _run, event: told.append(event))
    monkeypatch.setattr(stores, "ASK_AGAIN", 0.0)
    claimed = claim(store)
    (_, value) = delivery(claimed).results[0]
    store.publish_partial(claimed, "answer", "out", value)
    assert len(told) == 1
    policy(stub_policy(*STRICTER, version=2))
    store.publish_partial(claimed, "answer", "out", value)
    assert len(told) == 1


@pytest.mark.any_database("the same queries on both")
def test_while_nothing_has_changed_it_costs_one_question(
    run: Run, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert asks_more(run) == []
    with django_assert_num_queries(1):
        assert asks_more(run) == []
