"""The node that waits, end to end with the real pack: workers come and go, and the database's clock decides."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import User, Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Output, Run, Step
from builder.runs.restart_run import restart_run
from builder.runs.submit_run import Order, submit_run
from builder.safety.models import PolicyVersion
from builder.workflows.create_workflow import create_workflow
from runtime.packs.control.control_wait import LONGEST
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.worker.agent import Agent
from tests.fixtures.runs import STUB_PACKS, Workers, chain, ended, stub_policy, wait_for

PACKS = STUB_PACKS["SLUICEWAY_PACKS"] + ",runtime.packs.control"
Submit = Callable[..., Run]


@pytest.fixture
def stub_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stubs, and the real node that waits."""
    for name, value in (STUB_PACKS | {"SLUICEWAY_PACKS": PACKS}).items():
        monkeypatch.setenv(name, value)


def waits(folder: Path, seconds: int = 3_600) -> dict[str, Any]:
    graph = chain(
        ("a", "echo", {"log": str(folder / "before")}), ("w", "echo", {}), ("b", "echo", {"log": str(folder / "after")}),
        between={"w": ("value", "value")},
    )  # fmt: skip
    node = next(node for node in graph["nodes"] if node["id"] == "w")
    node |= {"type": "control.wait", "params": {"duration": seconds}}
    return graph


@pytest.fixture
def submit(
    workspace: Workspace, policy: Callable[[Policy], Policy], stub_packs: None, tmp_path: Path
) -> Submit:
    policy(stub_policy())
    ada = User.objects.create(username="ada")
    workflow = create_workflow(workspace, ada, "Mine", waits(tmp_path))
    return lambda text="hello": submit_run(Order(workspace, {"text": text}, ada, workflow=workflow)).run


def come(run: Run) -> None:
    Step.objects.filter(run=run, due__isnull=False).update(due=Now() - timedelta(seconds=1))


def lines(path: Path) -> int:
    return len(path.read_text().split()) if path.exists() else 0


def test_it_holds_nobody_until_its_moment_and_then_goes_on(
    agent: Agent, submit: Submit, tmp_path: Path
) -> None:
    run = submit()
    agent.drain()
    step = run.steps.get(name="w")
    assert (Run.objects.get(pk=run.pk).state, step.state, step.waits["for"]) == ("waiting", "waiting", "time")
    assert agent.store.sweep() == frozenset() and not run.segments.filter(state="leased").exists()
    come(run)
    agent.store.sweep()
    agent.drain()
    assert Run.objects.get(pk=run.pk).state == "succeeded" and Output.objects.get(run=run).value == "hello"
    assert (lines(tmp_path / "before"), lines(tmp_path / "after")) == (1, 1)


def test_workers_that_are_killed_meanwhile_lose_nothing(
    workers: Workers, submit: Submit, tmp_path: Path
) -> None:
    run = submit()
    first = workers.start(SLUICEWAY_PACKS=PACKS)
    wait_for(lambda: Run.objects.get(pk=run.pk).state == "waiting")
    first.kill()
    first.wait()
    come(run)
    workers.start(SLUICEWAY_PACKS=PACKS)
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert lines(tmp_path / "before") == 1


def test_it_is_cancelled_at_once_and_a_run_that_begins_it_again_waits_anew(
    agent: Agent, submit: Submit
) -> None:
    run = submit()
    agent.drain()
    assert cancel_run(run).state == "cancelled" and run.steps.get(name="w").state == "cancelled"
    second = restart_run(Run.objects.get(pk=run.pk), User.objects.get()).run
    agent.drain()
    assert {step.name: step.state for step in second.steps.filter(name__in="aw")} == {
        "a": "cached",
        "w": "waiting",
    }


def test_a_run_that_takes_its_steps_from_an_earlier_one_waits_all_the_same(
    agent: Agent, submit: Submit
) -> None:
    for _ in range(2):
        run = submit()
        agent.drain()
        assert run.steps.get(name="w").state == "waiting"
        come(run)
        agent.store.sweep()
        agent.drain()
    assert run.steps.get(name="b").state == "cached"


def test_a_policy_that_is_made_stricter_meanwhile_withholds_it(
    agent: Agent, submit: Submit, policy: Callable[[Policy], Policy]
) -> None:
    run = submit()
    agent.drain()
    policy(
        stub_policy(FilterUse("stub.words", Action.BLOCK), FilterUse("stub.weak", Action.BLOCK), version=2)
    )
    assert PolicyVersion.objects.count() > 1
    come(run)
    agent.store.sweep()
    agent.drain()
    assert Run.objects.get(pk=run.pk).state == "blocked" and not Output.objects.exists()


@pytest.mark.parametrize(("seconds", "fits"), [(1, True), (LONGEST, True), (0, False), (LONGEST + 1, False)])
@pytest.mark.any_database("refused or taken before any row is looked for")
def test_it_waits_from_a_second_to_thirty_days(
    stub_packs: None, seconds: int, fits: bool, tmp_path: Path
) -> None:
    from runtime.compiler.compile import compile_graph
    from runtime.graph.parse import parse_graph
    from runtime.nodes.registry import load_registry

    graph, _ = parse_graph(waits(tmp_path, seconds))
    assert graph is not None
    assert (compile_graph(graph, stub_policy(), load_registry()).plan is not None) == fits
