"""Two segments of one run in one child: each has its own words, its own wish to stop and its own end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builder.accounts.models import Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Output, Run
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import SegmentState
from runtime.dispatch.store import Claim, Progress
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.fixtures.runs import beside, drawing, stub_policy, wait_for

Submit = Callable[[str], Run]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy], log: Path) -> Submit:
    policy(stub_policy())
    graph = drawing(
        ("in", "input", {"name": "text"}),
        ("one", "meet", {"log": str(log)}),
        ("two", "meet", {"log": str(log)}),
        ("both", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>one.text in.text>two.text one.text>both.texts two.text>both.texts both.text>out.text",
    )

    def put(text: str) -> Run:
        return submit_run(Order(workspace, {"text": text}, graph=graph)).run

    return put


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def both_run(run: Run) -> bool:
    return run.steps.filter(name__in=("one", "two"), state="running").count() == 2


def test_two_branches_of_a_run_are_made_in_one_call(agent: Agent, submit: Submit, log: Path) -> None:
    agent.at_once = 4
    run = submit("text")
    with beside(agent.drain):
        wait_for(lambda: fresh(run).finished)
    assert fresh(run).state == "succeeded" and log.read_text().split() == ["2"]
    assert Output.objects.get(run=run).value == "text made+text made"
    assert set(run.segments.values_list("attempt", "losses")) == {(1, 0)}
    assert list(run.events.values_list("seq", flat=True)) == list(range(1, fresh(run).last_event + 1))


def test_cancelling_a_run_ends_both_of_its_branches(agent: Agent, submit: Submit, log: Path) -> None:
    agent.at_once = 4
    run = submit("slow text")
    with beside(agent.drain):
        wait_for(lambda: both_run(run))
        assert agent._child is not None
        child = agent._child.pid
        cancel_run(fresh(run))
        wait_for(lambda: fresh(run).state == "cancelled")
    assert set(run.steps.filter(name__in=("one", "two")).values_list("state", flat=True)) == {"cancelled"}
    assert agent._child.alive and agent._child.pid == child  # both obeyed
    again = submit("text")
    agent.drain()
    assert fresh(again).state == "succeeded"


def test_a_child_that_is_lost_gives_both_branches_back(agent: Agent, submit: Submit, log: Path) -> None:
    agent.at_once = 4
    run = submit("slow text")
    with beside(agent.drain):
        wait_for(lambda: both_run(run) and log.exists())
        assert agent._child is not None
        agent._child.kill()
        Path(f"{log}.go").touch()
        wait_for(lambda: fresh(run).finished)
    assert fresh(run).state == "succeeded"
    assert list(run.segments.exclude(shares="").values_list("attempt", "losses")) == [(2, 0)] * 2


def test_a_request_to_stop_that_comes_late_does_not_stop_the_next_segment_of_the_run(
    agent: Agent, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.at_once = 1
    run = submit("text")
    finish, late = DatabaseRunStore.finish, []

    def finish_and_stop(
        store: DatabaseRunStore, claim: Claim, state: SegmentState, progress: Progress
    ) -> bool:
        """The time limit is over in the very moment in which the segment has ended."""
        done = finish(store, claim, state, progress)
        assert agent._child is not None
        agent._child.cancel(claim)
        late.append(claim.segment)
        return done

    monkeypatch.setattr(DatabaseRunStore, "finish", finish_and_stop)
    agent.drain()
    assert fresh(run).state == "succeeded" and len(late) > 2
    assert set(run.segments.values_list("attempt", "losses")) == {(1, 0)}
