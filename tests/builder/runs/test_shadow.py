"""A shadow beside real runs: it counts what it would have done, and the run is as if it were not there."""

from collections.abc import Callable
from typing import Any

import pytest

from builder.accounts.models import User, Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Output, Run
from builder.runs.plans import plan_of
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from builder.runs.view_run import view_run
from builder.safety.models import PolicyVersion, Shadow, ShadowFinding
from builder.safety.owner import Owner
from builder.safety.try_policy import end_shadow, start_shadow
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Progress, StepRecord
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.worker.agent import Agent
from tests.builder.runs.claims import claim, everything
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

LET_PASS = stub_policy(FilterUse("stub.secrets", Action.REDACT))
GRAPH = chain(("a", "echo", {}))


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create(username="ada", is_superuser=True)


@pytest.fixture
def cast(stub_packs: None, policy: Callable[[Policy], Policy], ada: User) -> Callable[..., Shadow]:
    policy(LET_PASS)
    return lambda *names: start_shadow(
        stub_policy(*(FilterUse(f"stub.{name}", Action.BLOCK) for name in names)), ada, "To see"
    )


@pytest.fixture
def submit(workspace: Workspace, cast: object) -> Callable[[str], Run]:
    return lambda text: submit_run(Order(workspace, {"text": text}, graph=GRAPH)).run


def told(run: Run) -> list[tuple[str, Any]]:
    """The history that somebody who follows the run is told, without what differs from run to run."""
    return [
        (event.kind, {name: value for name, value in event.data.items() if name != "seconds"})
        for event in run.events.order_by("seq")
    ]


@pytest.mark.parametrize("text", ["hello", "a forbidden word", "key-12345"])
def test_a_run_with_a_shadow_ends_and_tells_as_one_without(
    agent: Agent,
    cast: Callable[..., Shadow],
    submit: Callable[[str], Run],
    ada: User,
    text: str,
    settings: Any,
) -> None:
    settings.CACHE_MB = 0  # both make everything anew
    plain = submit(text)
    shadow = cast("words")
    shadowed = submit(text)
    agent.drain()
    plain.refresh_from_db()
    shadowed.refresh_from_db()
    assert shadowed.state == plain.state == "succeeded"
    assert told(shadowed) == told(plain)
    assert [o.value for o in shadowed.outputs.all()] == [o.value for o in plain.outputs.all()]
    one, other = view_run(plain, ada), view_run(shadowed, ada)
    assert [step["id"] for step in one["steps"]] == [step["id"] for step in other["steps"]]
    assert (one["findings"], one["plan"]) == (other["findings"], other["plan"])
    shadow.refresh_from_db()
    assert (shadow.looked, shadow.failed) == (1, 0)
    found = list(ShadowFinding.objects.values_list("run", "rule", "action", "filter", "category"))
    wanted = (shadowed.pk, "person-text", "block", "stub.words", "stub")
    assert found == ([wanted] if "forbidden" in text else [])


@pytest.mark.parametrize("name", ["dies", "raises", "hangs", "nan"])
def test_a_shadow_whose_filter_breaks_blocks_nobody(
    agent: Agent,
    cast: Callable[..., Shadow],
    submit: Callable[[str], Run],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLUICEWAY_FILTER_SECONDS", "0.5")
    shadow = cast(name)
    run = submit("hello")
    agent.drain()
    run.refresh_from_db()
    assert run.state == "succeeded"
    assert Output.objects.get(run=run).value == "hello"
    assert not any(kind == "step.failed" for kind, _ in told(run))
    shadow.refresh_from_db()
    assert (shadow.looked, shadow.failed) == (1, 1)
    assert set(run.segments.values_list("state", flat=True)) == {"done"}
    again = submit("hello once more")
    agent.drain()
    assert Output.objects.get(run=again).value == "hello once more"


def test_a_run_ends_before_its_shadow_has_looked(
    store: DatabaseRunStore, cast: Callable[..., Shadow], submit: Callable[[str], Run]
) -> None:
    cast("words")
    run = submit("hello")
    real = claim(store)
    store.finish(real, SegmentState.DONE, everything(real, StepState.SKIPPED))
    run.refresh_from_db()
    assert run.state == "succeeded"
    late = claim(store)
    (index,) = late.plan.shadows
    assert late.segment == index
    last = run.last_event
    failed = [StepRecord(step.id, StepState.FAILED) for step in late.plan.steps if step.shadow]
    store.finish(late, SegmentState.FAILED, Progress(failed))
    run.refresh_from_db()
    assert (run.state, run.last_event) == ("succeeded", last)


def test_a_run_that_is_cancelled_takes_its_shadow_along(
    store: DatabaseRunStore, cast: Callable[..., Shadow], submit: Callable[[str], Run]
) -> None:
    cast("words")
    run = submit("hello")
    cancel_run(run)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert store.claim("w", frozenset({"inline", "cpu", "gpu"})) is None


def test_a_shadow_that_has_ended_is_in_no_plan_and_no_policy(
    cast: Callable[..., Shadow], submit: Callable[[str], Run], ada: User
) -> None:
    shadow = cast("words")
    assert plan_of(submit("hello").plan_id).shadows
    end_shadow(shadow, ada)
    assert not plan_of(submit("hello").plan_id).shadows
    assert PolicyVersion.objects.count() == 1


def test_another_shadow_ends_the_one_before(cast: Callable[..., Shadow]) -> None:
    first, second = cast("words"), cast("weak")
    first.refresh_from_db()
    assert first.ended is not None and second.ended is None


def test_an_owners_shadow_looks_beside_the_installations_and_neither_ends_the_other(
    agent: Agent, cast: Callable[..., Shadow], submit: Callable[[str], Run], workspace: Workspace, ada: User
) -> None:
    floors = cast("words")
    place = Owner(str(workspace.pk))
    # In the place of an own policy: what the floor asks for holds beside it.
    stricter = stub_policy(FilterUse("stub.secrets", Action.BLOCK))
    owners = start_shadow(stricter, ada, "To see here", place)
    other = start_shadow(stricter, ada, "Elsewhere", Owner("another"))
    run = submit("key-12345 is a forbidden word")
    assert len(plan_of(run.plan_id).shadows) == 2
    agent.drain()
    run.refresh_from_db()
    assert run.state == "succeeded"
    found = {(item.shadow_id, item.filter, item.action) for item in ShadowFinding.objects.all()}
    assert found == {(floors.pk, "stub.words", "block"), (owners.pk, "stub.secrets", "block")}
    other.refresh_from_db()
    assert other.looked == 0
    assert start_shadow(stricter, ada, "Once more", place).ended is None
    floors.refresh_from_db()
    owners.refresh_from_db()
    assert floors.ended is None and owners.ended is not None
