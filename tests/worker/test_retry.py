"""Trying again from end to end: a real child, a real database, workers that are killed while nothing is to be done."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import Workspace
from builder.runs.models import Output, Run, Step
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.fixtures.runs import Workers, chain, ended, failing, retried, stub_policy, wait_for

Submit = Callable[[dict[str, Any]], Run]


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy], stub_packs: None) -> Submit:
    policy(stub_policy())
    return lambda graph: submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run


def graph(folder: Path, fails: int, times: int, wait: int = 60) -> dict[str, Any]:
    """A step that is noted in `before`, then one that fails so often and is tried again so often."""
    flaky = {"log": str(folder / "tries"), "times": fails}
    drawn = chain(("a", "echo", {"log": str(folder / "before")}), ("f", "flaky", flaky))
    return retried(drawn, f={"times": times, "wait": wait, "longest": wait})


def tries(folder: Path) -> int:
    return (folder / "tries").read_text().count("try")


def come(run: Run) -> None:
    Step.objects.filter(run=run, due__isnull=False).update(due=Now() - timedelta(seconds=1))


def test_a_step_is_tried_again_until_it_does_well_and_nothing_else_is_run_twice(
    agent: Agent, submit: Submit, tmp_path: Path
) -> None:
    run = submit(graph(tmp_path, fails=2, times=3))
    for number in (1, 2):
        agent.drain()
        assert tries(tmp_path) == number and Run.objects.get(pk=run.pk).state == "waiting"
        agent.drain()
        assert tries(tmp_path) == number, "its moment has not come"
        come(run)
        agent.store.sweep()
    agent.drain()
    run = Run.objects.get(pk=run.pk)
    assert (run.state, tries(tmp_path)) == ("succeeded", 3)
    assert (tmp_path / "before").read_text() == "a\n" and Output.objects.get(run=run).value == "hello"
    told = run.events.filter(kind="step.waiting").order_by("seq")
    assert [event.data["waits"]["number"] for event in told] == [1, 2]
    assert list(run.events.values_list("seq", flat=True)) == list(range(1, run.last_event + 1))


def test_after_its_last_try_a_step_fails_or_goes_its_own_way(
    agent: Agent, submit: Submit, tmp_path: Path
) -> None:
    drawn = graph(tmp_path, fails=9, times=1)
    instead = failing(drawn, f={"do": "default", "values": {"text": "instead"}}) | {"format": 3}
    for run, state in ((submit(drawn), "failed"), (submit(instead), "succeeded")):
        agent.drain()
        come(run)
        agent.store.sweep()
        agent.drain()
        assert Run.objects.get(pk=run.pk).state == state
    assert tries(tmp_path) == 4 and Output.objects.get().value == "instead"


def test_a_worker_that_is_killed_while_a_step_waits_changes_nothing(
    workers: Workers, submit: Submit, tmp_path: Path
) -> None:
    run = submit(graph(tmp_path, fails=1, times=1))
    first = workers.start()
    wait_for(lambda: Run.objects.get(pk=run.pk).state == "waiting")
    first.kill()
    first.wait()
    come(run)
    workers.start()
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert tries(tmp_path) == 2 and (tmp_path / "before").read_text() == "a\n"
    assert not run.segments.filter(losses__gt=0).exists()
