"""Held values from end to end: a real child, a real database, reviewers who decide, workers that are killed."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.assets.models import Asset
from builder.reviews.appeal import appeal
from builder.reviews.give_opinion import Judgement, give_opinion
from builder.reviews.look_at import look_at
from builder.runs.models import Output, Review, ReviewState, Run, Segment
from builder.runs.submit_run import Order, submit_run
from builder.runs.view_run import view_run
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.redaction import MARK
from runtime.safety.ruling import Cut, Decision
from runtime.worker.agent import Agent
from tests.fixtures.asked import filters_answer
from tests.fixtures.runs import (
    Workers,
    chain,
    drawing,
    ended,
    stub_policy,
    told,
    valkey,
    valkey_folder,
    wait_for,
)
from tests.worker.test_worker import children, gone

__all__ = ["filters_answer", "told", "valkey", "valkey_folder"]

# A reason is judged, and the agent of these tests is asked for segments alone.
pytestmark = pytest.mark.usefixtures("filters_answer")

CANARY = "CANARY-8805"
TEXT = f"a forbidden {CANARY} thing"
HOLD = FilterUse("stub.words", Action.HOLD)

Submit = Callable[..., Run]


@pytest.fixture
def author(db: None) -> User:
    return User.objects.create(username="author")


@pytest.fixture
def reviewer(workspace: Workspace) -> User:
    user = User.objects.create(username="reviewer")
    Membership.objects.create(user=user, workspace=workspace, role=Role.REVIEWER)
    return user


@pytest.fixture
def submit(workspace: Workspace, author: User, policy: Callable[[Policy], Policy]) -> Submit:
    def put(graph: dict[str, Any] | None = None, under: Policy | None = None, text: str = TEXT) -> Run:
        policy(under or stub_policy(HOLD))
        order = Order(workspace, {"text": text}, user=author, graph=graph or chain(("a", "echo", {})))
        return submit_run(order).run

    return put


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def decide(run: Run, user: User, decision: Decision, *cuts: Cut, note: str = "Because.") -> None:
    review = Review.objects.get(run=run, state=ReviewState.OPEN)
    if decision is not Decision.BLOCK:
        look_at(user, review.pk)
    give_opinion(user, review.pk, Judgement(decision, note, cuts))


def said_of(run: Run, reader: User) -> str:
    """Everything that anybody but a reviewer is told of the run."""
    events = list(run.events.values_list("data", flat=True))
    return json.dumps([events, view_run(fresh(run), reader) | {"inputs": {}}], ensure_ascii=False)


@pytest.mark.parametrize(
    ("decision", "cuts", "state", "delivered"),
    [
        (Decision.ALLOW, (), "succeeded", TEXT),
        (Decision.REDACT, (Cut(None, 2, 11),), "succeeded", f"a {MARK} {CANARY} thing"),
        (Decision.REDACT, (Cut(),), "succeeded", MARK),
        (Decision.BLOCK, (), "blocked", None),
    ],
)
def test_a_held_text_goes_the_way_that_was_decided(
    agent: Agent, submit: Submit, author: User, reviewer: User, caplog: pytest.LogCaptureFixture,
    decision: Decision, cuts: tuple[Cut, ...], state: str, delivered: str | None,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    run = submit()
    agent.drain()
    assert fresh(run).state == "waiting" and not agent.busy
    assert not Segment.objects.filter(run=run, state="leased").exists()
    # Nobody has decided: not a byte of it anywhere but on the desk.
    assert CANARY not in said_of(run, author) and CANARY not in caplog.text
    decide(run, reviewer, decision, *cuts)
    agent.drain()
    assert fresh(run).state == state
    assert list(Output.objects.filter(run=run).values_list("value", flat=True)) == [delivered] * (
        delivered is not None
    )
    if delivered is None:
        assert CANARY not in said_of(run, author) and CANARY not in caplog.text
    numbers = list(run.events.values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def held_pictures() -> Policy:
    made = stub_policy(HOLD)
    rules = [
        rule if Kind.IMAGE not in rule.media
        else type(rule)(
            rule.id, rule.title, rule.reason, rule.sink, rule.media, rule.sources, (FilterUse("stub.red", Action.HOLD),)
        )
        for rule in made.rules
    ]  # fmt: skip
    return Policy(made.version, tuple(rules), made.previews)


PICTURE = drawing(
    ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "red"}), ("out", "show_image", {"name": "picture"}),
    edges="in.text>p.text p.image>out.image",
)  # fmt: skip


@pytest.mark.parametrize(("decision", "assets"), [(Decision.ALLOW, 1), (Decision.BLOCK, 0)])
def test_a_held_picture_has_no_address_until_it_is_allowed(
    agent: Agent, submit: Submit, reviewer: User, decision: Decision, assets: int
) -> None:
    run = submit(PICTURE, held_pictures())
    agent.drain()
    assert fresh(run).state == "waiting" and not Asset.objects.exists()
    assert Review.objects.get(run=run).type == "image"
    decide(run, reviewer, decision)
    agent.drain()
    assert fresh(run).state == ("succeeded" if assets else "blocked")
    assert Asset.objects.count() == Output.objects.filter(run=run).count() == assets


def test_a_text_on_its_way_to_a_model_waits_as_well_and_the_model_is_not_asked(
    agent: Agent, submit: Submit, reviewer: User
) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("m", "ask", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>m.prompt m.text>out.text",
    )  # fmt: skip
    run = submit(graph, stub_policy(FilterUse("stub.weak", Action.BLOCK), model=(HOLD,)))
    agent.drain()
    assert fresh(run).state == "waiting" and run.steps.get(name="m").state == "pending"
    decide(run, reviewer, Decision.ALLOW)
    agent.drain()
    assert fresh(run).state == "succeeded"


def test_what_was_cut_for_one_run_comes_from_no_other_that_kept_it(
    agent: Agent, submit: Submit, workspace: Workspace, author: User, reviewer: User
) -> None:
    """What a model answers hangs on what people left of its prompt, and so does what is kept of it."""
    graph = chain(("a", "ask", {}), between={"a": ("prompt", "text")})
    held = stub_policy(
        FilterUse("stub.secrets", Action.REDACT), model=(FilterUse("stub.words", Action.HOLD),)
    )
    cut = Cut(None, TEXT.index(CANARY), TEXT.index(CANARY) + len(CANARY))
    run, said = submit(graph, held), []
    for decision, cuts in ((Decision.ALLOW, ()), (Decision.REDACT, (cut,)), (Decision.ALLOW, ())):
        run = submit_run(Order(workspace, {"text": TEXT}, user=author, graph=graph)).run if said else run
        agent.drain()
        assert fresh(run).state == "waiting"
        decide(run, reviewer, decision, *cuts)
        agent.drain()
        assert fresh(run).state == "succeeded", fresh(run).error
        said.append(str(Output.objects.get(run=run).value))
    assert [CANARY in text for text in said] == [True, False, True]
    assert run.steps.get(name="a").state == "cached"


def test_when_nobody_decides_in_time_the_output_is_withheld_and_the_run_ends(
    agent: Agent, submit: Submit, author: User
) -> None:
    run = submit()
    agent.drain()
    Review.objects.filter(run=run).update(deadline=Now() - timedelta(seconds=1))
    assert agent.store.sweep()
    agent.drain()
    assert fresh(run).state == "blocked" and CANARY not in said_of(run, author)
    assert run.events.get(kind="run.blocked").data == {"outputs": ["answer"]}


def test_two_reviewers_must_agree_or_the_stricter_counts(
    agent: Agent, submit: Submit, reviewer: User, workspace: Workspace, settings: Any
) -> None:
    settings.REVIEWERS = 2
    other = User.objects.create(username="other")
    Membership.objects.create(user=other, workspace=workspace, role=Role.REVIEWER)
    run = submit()
    agent.drain()
    decide(run, reviewer, Decision.ALLOW)
    agent.drain()
    assert fresh(run).state == "waiting", "one of two has decided"
    decide(run, other, Decision.BLOCK)
    agent.drain()
    assert fresh(run).state == "blocked" and not Output.objects.filter(run=run).exists()


def test_a_branch_that_waits_lets_the_other_deliver_and_both_end_the_run(
    agent: Agent, submit: Submit, reviewer: User
) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "echo", {}), ("out", "output", {"name": "held"}),
        ("w", "author", {}), ("b", "nap", {"seconds": 0.1}), ("free", "output", {"name": "free"}),
        edges="in.text>a.text a.text>out.text w.text>b.text b.text>free.text",
    )  # fmt: skip
    run = submit(graph)
    agent.drain()
    assert fresh(run).state == "waiting"
    assert list(run.outputs.values_list("name", flat=True)) == ["free"]
    decide(run, reviewer, Decision.ALLOW)
    agent.drain()
    assert fresh(run).state == "succeeded" and run.outputs.count() == 2


def test_an_allowed_appeal_gives_the_value_back_beside_a_run_that_stays_as_it_ended(
    agent: Agent, submit: Submit, author: User, reviewer: User
) -> None:
    run = submit(under=stub_policy(FilterUse("stub.words", Action.BLOCK)))
    agent.drain()
    before = fresh(run)
    assert before.state == "blocked" and CANARY not in said_of(run, author)
    review = appeal(run, author, "answer", "It is harmless.")
    assert CANARY not in said_of(run, author)
    decide(run, reviewer, Decision.ALLOW)
    assert Review.objects.get(pk=review.pk).released == TEXT
    after = fresh(run)
    assert (after.state, after.last_event) == (before.state, before.last_event) and not run.outputs.exists()


def test_a_worker_that_is_killed_between_a_decision_and_what_follows_loses_neither(
    workers: Workers, submit: Submit, reviewer: User, tmp_path: Path
) -> None:
    """The first worker resumes the gate and is killed behind it; another takes over, and nobody is asked again."""
    log = tmp_path / "log"
    graph = drawing(
        ("in", "input", {"name": "text"}), ("m", "ask", {}), ("a", "echo", {"log": str(log)}), ("n", "nap", {"seconds": 6}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>m.prompt m.text>a.text a.text>n.text n.text>out.text",
    )  # fmt: skip
    run = submit(graph, stub_policy(FilterUse("stub.secrets", Action.REDACT), model=(HOLD,)))
    first = workers.start(SLUICEWAY_LEASE_SECONDS="3")
    wait_for(lambda: fresh(run).state == "waiting")
    decide(run, reviewer, Decision.ALLOW)
    wait_for(lambda: run.steps.filter(name="n", state="running").exists())
    child = children(first.pid)
    first.kill()
    wait_for(lambda: all(gone(pid) for pid in child))
    workers.start(SLUICEWAY_LEASE_SECONDS="3")
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert log.read_text() == "a\n" and Review.objects.filter(run=run).count() == 1
    assert CANARY not in workers.logs()


def test_a_decision_while_no_worker_is_there_is_found_by_the_next_one(
    workers: Workers, submit: Submit, reviewer: User
) -> None:
    run = submit()
    first = workers.start()
    wait_for(lambda: fresh(run).state == "waiting")
    first.kill()
    first.wait()
    decide(run, reviewer, Decision.ALLOW)
    assert Segment.objects.get(run=run).state == "ready"
    workers.start()
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
