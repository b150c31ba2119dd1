"""Beginning a run again, with a real child and a real database: what is taken over, and what is made anew."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.leaving.erase import erase_run
from builder.runs.cancel_run import cancel_run
from builder.runs.keep_back import decide
from builder.runs.ledger import open_ledger
from builder.runs.models import CachedStep, Finding, Output, Review, Run, Step
from builder.runs.restart_run import restart_run
from builder.runs.step_cache import forget_results
from builder.runs.submit_run import Order, submit_run
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow
from builder.workflows.save_draft import save_draft
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.ruling import Decision
from runtime.worker.agent import Agent
from tests.fixtures.runs import chain, drawing, failing, retried, stub_policy

Go = Callable[..., Run]


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def begin(agent: Agent, workspace: Workspace, ada: User, policy: Callable[[Policy], Policy]) -> Go:
    """Runs a new workflow, and has the agent work it off."""
    policy(stub_policy())

    def go(graph: dict[str, Any], text: str = "hello") -> Run:
        workflow = create_workflow(workspace, ada, "Mine", graph)
        return finished(agent, submit_run(Order(workspace, {"text": text}, ada, workflow=workflow)).run)

    return go


@pytest.fixture
def again(agent: Agent, ada: User) -> Go:
    return lambda run, user=None: finished(agent, restart_run(run, user or ada).run)


def finished(agent: Agent, run: Run) -> Run:
    agent.drain()
    return Run.objects.get(pk=run.pk)


def states(run: Run) -> dict[str, str]:
    return {name.split(":")[0]: state for name, state in run.steps.values_list("name", "state")}


def lines(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def broken(log: Path, tmp_path: Path) -> dict[str, Any]:
    """A step that is noted, then one that fails the first time."""
    flaky = {"log": str(tmp_path / "tries"), "times": 1, "how": "broken"}
    return chain(("a", "echo", {"log": str(log)}), ("f", "flaky", flaky))


def test_what_had_ended_is_taken_over_and_the_rest_is_run(
    begin: Go, again: Go, log: Path, tmp_path: Path, settings: Any
) -> None:
    settings.CACHE_MB = 0  # whatever the step cache would have kept
    first = begin(broken(log, tmp_path))
    assert first.state == "failed"
    second = again(first)
    assert (second.state, second.restarts_id, second.plan_id) == ("succeeded", first.pk, first.plan_id)
    assert states(second) == {"in": "cached", "a": "cached", "f": "done", "gate": "done", "out": "done"}
    assert lines(log) == ["a"] and Output.objects.get(run=second).value == "hello"
    assert Run.objects.get(pk=first.pk).state == "failed", "it stays as it ended"
    assert list(second.events.values_list("seq", flat=True)) == list(range(1, second.last_event + 1))


def test_a_run_that_was_begun_again_and_failed_hands_on_what_it_had_taken_over(
    begin: Go, again: Go, log: Path, tmp_path: Path
) -> None:
    graph = broken(log, tmp_path)
    graph["nodes"][2]["params"]["times"] = 2
    third = again(again(begin(graph)))
    assert third.state == "succeeded" and states(third)["a"] == "cached" and lines(log) == ["a"]


def test_a_gate_that_found_something_is_not_asked_again_and_its_findings_are_told_again(
    begin: Go, again: Go, tmp_path: Path
) -> None:
    tries = str(tmp_path / "tries")
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "echo", {}), ("out", "output", {"name": "answer"}),
        ("f", "flaky", {"log": tries, "how": "broken"}), ("late", "output", {"name": "late"}),
        edges="in.text>a.text a.text>out.text a.text>f.text f.text>late.text",
    )  # fmt: skip
    first = begin(graph, "my key-1234 is here")
    assert first.state == "failed"
    second = again(first)
    assert second.state == "succeeded"
    told = [
        list(Finding.objects.filter(run=run).values_list("step", "rule", "action")) for run in (first, second)
    ]
    assert set(told[0]) <= set(told[1])
    assert "key-1234" not in str(list(Output.objects.filter(run=second).values_list("value", flat=True)))


def test_a_gate_that_withheld_looks_again(begin: Go, again: Go) -> None:
    first = begin(chain(("a", "echo", {})), "this is forbidden")
    assert first.state == "blocked"
    second = again(first)
    assert second.state == "blocked" and states(second)["a"] == "cached"
    assert Finding.objects.filter(run=second).count() == 1 and not Output.objects.exists()


def test_a_cancelled_run_is_begun_again(begin: Go, again: Go, agent: Agent, ada: User, log: Path) -> None:
    workflow = begin(chain(("a", "echo", {"log": str(log)}))).workflow
    assert workflow is not None
    waiting = submit_run(Order(workflow.workspace, {"text": "another"}, ada, workflow=workflow)).run
    cancel_run(waiting)
    second = again(Run.objects.get(pk=waiting.pk))
    assert second.state == "succeeded" and second.inputs == {"text": "another"}


def test_under_another_policy_it_is_compiled_anew_and_no_old_clearance_counts(
    begin: Go, again: Go, log: Path, tmp_path: Path, policy: Callable[[Policy], Policy]
) -> None:
    first = begin(broken(log, tmp_path), "this is harmless")
    policy(stub_policy(FilterUse("stub.words", Action.BLOCK), version=2))
    second = again(first)
    assert second.plan_id != first.plan_id and second.policy_id != first.policy_id
    assert states(second)["in"] == "done" and states(second)["gate"] == "done"
    assert states(second)["a"] == "cached", "the step cache helps"


def test_a_changed_drawing_is_run_as_it_is_now(
    begin: Go, again: Go, ada: User, log: Path, tmp_path: Path
) -> None:
    first = begin(broken(log, tmp_path))
    workflow = Workflow.objects.get(pk=first.workflow_id)
    save_draft(workflow, ada, workflow.revision, chain(("a", "echo", {"log": str(log)}), ("b", "upper", {})))
    second = again(first)
    assert second.state == "succeeded" and "b" in states(second) and states(second)["in"] == "done"


def test_what_was_deleted_since_is_made_anew(begin: Go, again: Go, log: Path, tmp_path: Path) -> None:
    first = begin(broken(log, tmp_path))
    CachedStep.objects.all().delete()
    Step.objects.filter(run=first, name="a").update(outputs=None)
    second = again(first)
    assert second.state == "succeeded" and states(second)["a"] == "done" and lines(log) == ["a", "a"]


def test_of_a_run_from_which_something_was_taken_nothing_is_taken_over(
    begin: Go, again: Go, log: Path, tmp_path: Path
) -> None:
    first = begin(broken(log, tmp_path))
    forget_results(first)
    assert "cached" not in states(again(first)).values()


def test_when_the_first_run_is_deleted_meanwhile_the_second_runs_as_a_whole(
    begin: Go, agent: Agent, ada: User, log: Path, tmp_path: Path
) -> None:
    first = begin(broken(log, tmp_path))
    second = restart_run(first, ada).run
    erase_run(Run.objects.get(pk=first.pk), ada)
    done = finished(agent, second)
    assert (done.state, done.restarts_id) == ("succeeded", None) and "cached" not in states(done).values()


def test_what_somebody_else_gave_is_used_but_not_shown_and_only_for_what_they_gave_it_to(
    begin: Go, again: Go, ada: User, log: Path, tmp_path: Path
) -> None:
    first, bob = begin(broken(log, tmp_path)), User.objects.create(username="bob")
    theirs = again(first, bob)
    assert (theirs.state, theirs.by_id, theirs.inputs) == ("succeeded", bob.pk, {})
    workflow = Workflow.objects.get(pk=first.workflow_id)
    save_draft(workflow, bob, workflow.revision, chain(("b", "echo", {})))
    with pytest.raises(Refused) as refused:
        restart_run(first, bob)
    assert refused.value.code == "inputs_of_another"


def test_what_goes_on_or_has_succeeded_is_not_begun_again(begin: Go, ada: User) -> None:
    done = begin(chain(("a", "echo", {})))
    for state in ("succeeded", "running", "queued", "waiting"):
        done.state = state
        with pytest.raises(Refused) as refused:
            restart_run(done, ada)
        assert (refused.value.code, refused.value.status) == ("run_not_over", 409)


def test_a_run_whose_workflow_is_gone_is_not_begun_again(
    begin: Go, ada: User, log: Path, tmp_path: Path
) -> None:
    first = begin(broken(log, tmp_path))
    first.workflow = None
    with pytest.raises(Refused) as refused:
        restart_run(first, ada)
    assert refused.value.code == "workflow_gone"


def test_what_a_person_had_let_through_is_not_asked_again_of_the_very_same_bytes(
    again: Go, agent: Agent, ada: User, workspace: Workspace, policy: Callable[[Policy], Policy]
) -> None:
    policy(stub_policy(model=(FilterUse("stub.words", Action.HOLD),)))
    graph = chain(("m", "ask", {}), ("f", "fail", {"how": "user"}), between={"m": ("prompt", "text")})
    workflow = create_workflow(workspace, ada, "Mine", graph)
    first = finished(agent, submit_run(Order(workspace, {"text": "forbidden"}, ada, workflow=workflow)).run)
    with open_ledger(first.pk) as ledger:
        decide(ledger, Review.objects.get(run=first), Decision.ALLOW)
    assert finished(agent, first).state == "failed"
    second = again(Run.objects.get(pk=first.pk))
    gate = second.steps.get(type="safety.gate", state="cached")
    assert not Review.objects.filter(run=second).exists()
    assert not CachedStep.objects.filter(step__name=gate.name).exists(), "every other run is asked anew"
    assert second.findings.filter(step=gate.name, action="hold").exists()


def test_what_hung_on_a_default_is_made_anew(begin: Go, again: Go, tmp_path: Path, settings: Any) -> None:
    settings.CACHE_MB = 0
    once = {"times": 1, "how": "user"}
    graph = failing(
        chain(
            ("a", "flaky", {"log": str(tmp_path / "a"), **once}),
            ("b", "echo", {}),
            ("f", "flaky", {"log": str(tmp_path / "f"), **once, "how": "broken"}),
        ),
        a={"do": "default", "values": {"text": "instead"}},
    )
    first = begin(graph)
    assert (first.state, states(first)["b"]) == ("failed", "done")
    second = again(first)
    assert Output.objects.get(run=second).value == "hello"
    assert states(second)["in"] == "cached" and states(second)["b"] == "done"


def test_a_step_that_did_well_in_a_later_try_is_taken_over(
    begin: Go, again: Go, agent: Agent, tmp_path: Path
) -> None:
    tries = tmp_path / "tries"
    graph = chain(("f", "flaky", {"log": str(tries)}), ("b", "fail", {"how": "user"}))
    first = begin(retried(graph, f={"times": 1, "wait": 1, "longest": 1}))
    first.steps.filter(name="f").update(due=Now() - timedelta(seconds=1))
    agent.store.sweep()
    assert finished(agent, first).state == "failed"
    second = again(Run.objects.get(pk=first.pk))
    assert states(second)["f"] == "cached" and tries.read_text().count("try") == 2
