"""Several runs in one child, in one call: each keeps its own events, gate, cancellation and end."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.accounts.models import Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Event, Output, Run, Segment
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.fixtures.runs import beside, chain, stub_policy, wait_for

Submit = Callable[..., list[Run]]
pytestmark = pytest.mark.usefixtures("four_at_once")


@pytest.fixture
def four_at_once(agent: Agent) -> None:
    agent.at_once = 4


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy], log: Path) -> Submit:
    policy(stub_policy())

    def put(*texts: str, **params: Any) -> list[Run]:
        graph = chain(("m", "meet", {"log": str(log)} | params))
        return [submit_run(Order(workspace, {"text": text}, graph=graph)).run for text in texts]

    return put


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def states(runs: list[Run]) -> list[str]:
    return [fresh(run).state for run in runs]


def calls(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split()]


def all_running(runs: list[Run]) -> Callable[[], bool]:
    return lambda: all(run.steps.filter(name="m", state="running").exists() for run in runs)


def test_runs_that_come_together_are_made_in_one_call_and_each_is_its_own(
    agent: Agent, submit: Submit, log: Path
) -> None:
    runs = submit("one", "two", "three", "four")
    agent.drain()
    assert states(runs) == ["succeeded"] * 4 and calls(log) == [4]
    for run, text in zip(runs, ("one", "two", "three", "four"), strict=True):
        assert Output.objects.get(run=run).value == f"{text} made"
        assert list(run.events.values_list("seq", flat=True)) == list(range(1, fresh(run).last_event + 1))
        assert run.steps.get(name="m").cost == {"together": 4}
        assert Segment.objects.get(run=run).attempt == 1


def test_others_with_another_setting_do_not_join(agent: Agent, submit: Submit, log: Path) -> None:
    runs = submit("one", "two") + submit("three", log=f"{log}2")
    agent.drain()
    assert states(runs) == ["succeeded"] * 3 and calls(log) == [2] and calls(Path(f"{log}2")) == [1]


def test_with_one_at_once_nothing_is_joined(agent: Agent, submit: Submit, log: Path) -> None:
    agent.at_once = 1
    runs = submit("one", "two")
    agent.drain()
    assert states(runs) == ["succeeded"] * 2 and calls(log) == [1, 1]


def test_each_answer_meets_its_own_gate(agent: Agent, submit: Submit) -> None:
    runs = submit("one", "a forbidden word", "my key-1234")
    agent.drain()
    assert states(runs) == ["succeeded", "blocked", "succeeded"]
    assert not Output.objects.filter(run=runs[1]).exists()
    assert "key-1234" not in Output.objects.get(run=runs[2]).value


def test_one_that_fails_fails_alone(agent: Agent, submit: Submit) -> None:
    runs = submit("one", "bad", "three")
    agent.drain()
    assert states(runs) == ["succeeded", "failed", "succeeded"]
    assert fresh(runs[1]).error["code"] == "bad"


def test_one_that_is_cancelled_leaves_and_the_others_go_on(agent: Agent, submit: Submit, log: Path) -> None:
    runs = submit("slow one", "slow two", "slow three")
    with beside(agent.drain):
        wait_for(all_running(runs))
        cancel_run(fresh(runs[0]))
        wait_for(lambda: fresh(runs[0]).state == "cancelled")
        assert states(runs[1:]) == ["running", "running"]
        Path(f"{log}.go").touch()
    assert states(runs) == ["cancelled", "succeeded", "succeeded"] and calls(log) == [3]
    assert all(Segment.objects.get(run=run).attempt == 1 for run in runs)


def test_a_child_that_is_killed_with_four_in_hand_loses_nothing(
    agent: Agent, submit: Submit, log: Path
) -> None:
    runs = submit("slow one", "slow two", "slow three", "slow four")
    with beside(agent.drain):
        wait_for(all_running(runs))
        assert agent._child is not None
        os.kill(agent._child.pid, signal.SIGKILL)
        Path(f"{log}.go").touch()
    assert states(runs) == ["succeeded"] * 4 and calls(log) == [4, 1, 1, 1, 1]
    for run in runs:
        segment = Segment.objects.get(run=run)
        assert (segment.attempt, segment.losses) == (2, 1)
        assert list(run.events.values_list("seq", flat=True)) == list(range(1, fresh(run).last_event + 1))
        assert Event.objects.filter(run=run, kind="run.succeeded").count() == 1


def test_one_that_kills_its_child_is_found_out_by_itself_and_fails_alone(
    agent: Agent, submit: Submit
) -> None:
    runs = submit("one", "crash", "three")
    agent.drain()
    assert states(runs) == ["succeeded", "failed", "succeeded"]
    assert fresh(runs[1]).error["code"] == "worker_lost"


def test_one_that_does_not_obey_takes_the_child_with_it_and_its_neighbour_goes_back_unharmed(
    agent: Agent, submit: Submit, log: Path
) -> None:
    slow, stuck = submit("slow one", "slow and stuck")
    with beside(agent.drain):
        wait_for(all_running([slow, stuck]))
        cancel_run(fresh(stuck))
        wait_for(lambda: fresh(stuck).state == "cancelled")
        Path(f"{log}.go").touch()
    assert states([slow]) == ["succeeded"] and calls(log) == [2, 1]
    segment = Segment.objects.get(run=slow)
    assert (segment.attempt, segment.losses) == (2, 0)


def test_what_comes_later_joins_what_waits_for_its_model(agent: Agent, submit: Submit, log: Path) -> None:
    (first,) = submit("slow one")
    with beside(agent.drain):
        wait_for(all_running([first]))
        later = submit("two", "three")
        agent.drain()  # as a wake-up would
        wait_for(all_running(later))
        Path(f"{log}.go").touch()
    assert states([first, *later]) == ["succeeded"] * 3 and calls(log) == [1, 2]


def test_a_worker_asked_to_go_hands_all_back_unharmed(agent: Agent, submit: Submit) -> None:
    runs = submit("slow one", "slow two")
    with beside(agent.drain):
        wait_for(all_running(runs))
        agent.stop(0)
    for run in runs:
        segment = Segment.objects.get(run=run)
        assert (segment.state, segment.losses) == ("ready", 0)
