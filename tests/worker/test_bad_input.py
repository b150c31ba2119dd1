"""Nodes that misuse their process, and what nobody can take: the step fails with a sentence, and the queue moves on."""

import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from builder.accounts.models import Workspace
from builder.runs import plans
from builder.runs.cancel_run import cancel_run
from builder.runs.models import KeptPlan, Run, Segment
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.worker import child_process
from runtime.worker.agent import Agent
from tests.fixtures.runs import KeptChild, Workers, chain, ended, stub_policy, wait_for
from tests.worker.test_worker import children, gone

Submit = Callable[..., Run]


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy]) -> Submit:
    policy(stub_policy())
    return lambda graph: submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run


def after(agent: Agent, run: Run, submit: Submit) -> Run:
    """The run once it has ended; the one behind it in the queue has succeeded."""
    behind = submit(chain(("behind", "echo", {})))
    agent.drain()
    behind.refresh_from_db()
    assert behind.state == "succeeded"
    run.refresh_from_db()
    return run


def says(run: Run) -> str:
    """Its code; with a sentence in both languages."""
    assert run.error is not None and run.error["message"]["en"] and run.error["message"]["zh"]
    return str(run.error["code"])


@pytest.mark.parametrize("how", ["bytes", "deep", "loop", "nan", "object", "set", "keys", "none", "list"])
def test_what_is_not_of_its_type_fails_its_step(agent: Agent, submit: Submit, how: str) -> None:
    run = after(agent, submit(chain(("o", "odd", {"how": how}))), submit)
    assert run.state == "failed" and says(run) == "node_error"
    assert run.steps.get(name="o").state == "failed"


@pytest.mark.parametrize("how", ["text", "data", "stream"])
def test_a_step_that_gives_too_much_fails_at_the_first_try(agent: Agent, submit: Submit, how: str) -> None:
    run = after(agent, submit(chain(("h", "huge", {"how": how, "megabytes": 300}))), submit)
    assert run.state == "failed" and says(run) == "output_too_large"
    assert list(run.segments.values_list("attempt", "losses")) == [(1, 0)]


def test_a_step_gives_as_much_as_it_may(agent: Agent, submit: Submit) -> None:
    run = after(agent, submit(chain(("h", "huge", {"megabytes": 15}))), submit)
    assert run.state == "succeeded"
    assert list(run.segments.values_list("attempt", "losses")) == [(1, 0)]


def test_a_step_that_prints_without_end_fails_and_leaves_no_more_than_a_little_in_the_log(
    agent: Agent, submit: Submit, kept_child: KeptChild, capfd: pytest.CaptureFixture[str]
) -> None:
    run = after(agent, submit(chain(("s", "shout", {"megabytes": 1000}))), submit)
    assert run.state == "failed" and says(run) == "printed_too_much"
    said = capfd.readouterr()
    assert len(said.out) + len(said.err) < child_process.KEPT + 100_000


def test_a_step_that_prints_much_is_heard_in_part(
    agent: Agent, submit: Submit, capfd: pytest.CaptureFixture[str]
) -> None:
    run = after(agent, submit(chain(("s", "shout", {"megabytes": 2}))), submit)
    assert run.state == "succeeded"
    assert "the same again" in capfd.readouterr().err


def test_a_database_that_is_away_while_text_streams_costs_no_attempt(
    agent: Agent, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def away(*claim: object) -> None:
        asked.append(claim)
        raise OperationalError("the database is away")

    monkeypatch.setattr(agent.store, "publish_partial", away)
    graph = chain(("s", "stream", {"piece": 20, "seconds": 0.05}))
    run = submit_run(
        Order(Workspace.objects.get(), {"text": "A sentence of a long story. " * 30}, graph=graph)
    ).run
    run = after(agent, run, submit)
    assert asked and run.state == "succeeded" and Segment.objects.get(run=run).attempt == 1


def copies(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_a_copy_that_a_node_splits_off_tells_nothing_and_runs_no_step_after_it(
    agent: Agent, submit: Submit, kept_child: KeptChild, tmp_path: Path
) -> None:
    log, steps = tmp_path / "copies", tmp_path / "steps"
    middle = (("s", "split_off", {"how": "return", "log": str(log)}), ("e", "echo", {"log": str(steps)}))
    run = after(agent, submit(chain(*middle)), submit)
    assert run.state == "succeeded" and Segment.objects.get(run=run).attempt == 1
    wait_for(lambda: copies(log) and all(gone(pid) for pid in copies(log)))
    assert steps.read_text() == "e\n"


def test_a_node_that_splits_its_process_and_then_aborts_fails_and_leaves_no_copy(
    agent: Agent, submit: Submit, tmp_path: Path
) -> None:
    log = tmp_path / "copies"
    run = after(agent, submit(chain(("s", "split_off", {"how": "abort", "log": str(log)}))), submit)
    assert run.state == "failed" and says(run) == "worker_lost"
    assert copies(log)
    wait_for(lambda: all(gone(pid) for pid in copies(log)))


def test_a_copy_that_lives_on_ends_with_the_child(
    agent: Agent, submit: Submit, kept_child: KeptChild, tmp_path: Path
) -> None:
    log = tmp_path / "copies"
    run = after(agent, submit(chain(("s", "split_off", {"how": "stay", "log": str(log)}))), submit)
    assert run.state == "succeeded"
    wait_for(lambda: copies(log))
    kept_child.end()
    wait_for(lambda: all(gone(pid) for pid in copies(log)))


@pytest.mark.parametrize(
    ("how", "state"), [("stay", "succeeded"), ("bare", "succeeded"), ("abort", "failed")]
)
def test_a_program_in_a_session_of_its_own_ends_with_the_child(
    agent: Agent, submit: Submit, kept_child: KeptChild, tmp_path: Path, how: str, state: str
) -> None:
    log = tmp_path / "programs"
    run = after(agent, submit(chain(("l", "launch", {"how": how, "log": str(log)}))), submit)
    assert run.state == state and copies(log)
    if how != "abort":
        assert not gone(copies(log)[0])
        kept_child.end()
    wait_for(lambda: all(gone(pid) for pid in copies(log)))


def test_a_program_that_knows_nothing_of_us_ends_when_the_worker_is_told_to(
    workers: Workers, submit: Submit, tmp_path: Path
) -> None:
    log = tmp_path / "programs"
    worker = workers.start()
    with ended(submit(chain(("l", "launch", {"how": "bare", "log": str(log)})))) as run:
        assert run.state == "succeeded" and not gone(copies(log)[0])
    os.kill(worker.pid, signal.SIGTERM)
    wait_for(lambda: gone(copies(log)[0]))


def test_a_program_that_knows_nothing_of_us_ends_with_a_child_that_crashes(
    workers: Workers, submit: Submit, tmp_path: Path
) -> None:
    log = tmp_path / "programs"
    worker = workers.start()
    with ended(submit(chain(("l", "launch", {"how": "bare abort", "log": str(log)})))) as run:
        assert run.state == "failed" and copies(log)
    wait_for(lambda: all(gone(pid) for pid in copies(log)))
    # The worker's own go on, the new child among them.
    with ended(submit(chain(("a", "echo", {})))) as run:
        assert run.state == "succeeded"
    assert not gone(worker.pid)


def test_a_copy_ends_when_the_worker_is_killed(workers: Workers, submit: Submit, tmp_path: Path) -> None:
    log = tmp_path / "copies"
    worker = workers.start()
    run = submit(chain(("s", "split_off", {"how": "stay", "log": str(log)}), ("n", "nap", {"seconds": 50})))
    wait_for(lambda: copies(log))
    family = [*children(worker.pid), *copies(log)]
    os.kill(worker.pid, signal.SIGKILL)
    wait_for(lambda: all(gone(pid) for pid in family))
    run.refresh_from_db()
    assert run.state == "running"


@pytest.mark.parametrize("change", [{"format": 0}, {"format": "one"}, {"format": 99.5}, {"steps": 7}, {}])
def test_a_plan_of_another_format_is_refused_and_its_run_fails(
    agent: Agent, submit: Submit, change: dict[str, Any]
) -> None:
    run = submit(chain(("a", "echo", {})))
    kept = KeptPlan.objects.get(pk=run.plan_id)
    kept.text = json.dumps(json.loads(kept.text) | change) if change else "{"
    kept.mac = plans.sign_text(kept.text, plans.plan_key())
    KeptPlan.objects.filter(pk=kept.pk).update(text=kept.text, mac=kept.mac)
    plans._parsed.clear()
    run = after(agent, run, submit)
    assert run.state == "failed" and says(run) == "plan_refused"


def test_a_plan_of_a_later_edition_is_left_to_its_workers_and_keeps_nobody_else_waiting(
    agent: Agent, submit: Submit
) -> None:
    run, other = submit(chain(("a", "echo", {}))), submit(chain(("behind", "echo", {})))
    before = KeptPlan.objects.get(pk=run.plan_id)
    KeptPlan.objects.filter(pk=run.plan_id).update(text=json.dumps(json.loads(before.text) | {"format": 99}))
    plans._parsed.clear()
    Segment.objects.filter(run=other).update(person=uuid4())
    for _ in range(3):
        agent.drain()
        assert agent.store.sweep()
    other.refresh_from_db()
    assert other.state == "succeeded"
    segment = Segment.objects.get(run=run)
    assert (Run.objects.get(pk=run.pk).state, segment.state, segment.attempt) == ("queued", "ready", 0)
    # A lease of a newer worker that ended is not ours to judge either.
    late = timezone.now() - timedelta(hours=1)
    Segment.objects.filter(run=run).update(state="leased", leased_until=late, worker="newer")
    agent.store.sweep()
    assert Segment.objects.get(run=run).worker == "newer"
    # Upgraded, the same worker takes it back and runs it.
    KeptPlan.objects.filter(pk=run.plan_id).update(text=before.text)
    agent.store.sweep()
    agent.drain()
    run.refresh_from_db()
    assert run.state == "succeeded"


def test_a_run_whose_plan_nobody_can_read_keeps_no_sweep_from_the_others(
    agent: Agent, submit: Submit
) -> None:
    run, other = submit(chain(("a", "echo", {}))), submit(chain(("behind", "echo", {})))
    late = timezone.now() - timedelta(hours=1)
    Segment.objects.update(state="leased", leased_until=late, worker="gone", fence=1, attempt=1)
    KeptPlan.objects.filter(pk=run.plan_id).update(text="{}")
    plans._parsed.clear()
    assert agent.store.sweep()
    run.refresh_from_db()
    assert run.state == "failed" and says(run) == "plan_refused"
    agent.drain()
    other.refresh_from_db()
    assert other.state == "succeeded"


def test_a_run_whose_plan_nobody_can_read_can_be_cancelled(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {})))
    KeptPlan.objects.update(text="{}")
    plans._parsed.clear()
    assert cancel_run(run).state == "failed"
    assert not run.steps.exclude(state__in=("failed", "cancelled")).exists()
