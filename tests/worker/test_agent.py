"""The agent with a real child and a real database: refusals, cancellation, time limits, lost children."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.accounts.models import Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.ledger import has_ended
from builder.runs.models import Event, Finding, KeptPlan, Output, Run, Segment
from builder.runs.plans import as_kept, plan_of
from builder.runs.submit_run import Order, submit_run
from runtime.plan import Plan
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.worker.agent import Agent
from tests.engine.test_executor import without_gates
from tests.fixtures.runs import KeptChild, beside, chain, drawing, stub_policy, wait_for

Submit = Callable[..., Run]


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy]) -> Submit:
    def put(graph: dict[str, Any], text: str = "hello", under: Policy | None = None) -> Run:
        policy(under or stub_policy())
        return submit_run(Order(workspace, {"text": text}, graph=graph)).run

    return put


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def kinds(run: Run) -> list[str]:
    return list(run.events.order_by("seq").values_list("kind", flat=True))


def started(run: Run, step: str) -> Callable[[], bool]:
    return lambda: run.steps.filter(name=step, state="running").exists()


def test_a_chain_runs_in_one_claim_and_its_history_has_no_gaps(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {}), ("b", "upper", {})), "my key-1234 is hidden")
    agent.drain()
    run = fresh(run)
    assert run.state == "succeeded"
    assert Output.objects.get(run=run).value == "MY KEY-1234 IS HIDDEN"
    assert list(run.events.values_list("seq", flat=True)) == list(range(1, run.last_event + 1))
    assert kinds(run)[:2] == ["run.queued", "run.running"] and kinds(run)[-1] == "run.succeeded"
    assert Segment.objects.get(run=run).attempt == 1


def test_branches_that_need_not_wait_for_each_other_become_segments_and_meet_again(
    agent: Agent, submit: Submit
) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "echo", {}), ("b", "echo", {}), ("j", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
    )  # fmt: skip
    run = submit(graph)
    agent.drain()
    assert Segment.objects.filter(run=run).count() > 1
    assert Output.objects.get(run=run).value == "hello+hello"


def test_a_blocked_answer_ends_the_run_as_blocked_and_leaves_no_byte_of_it(
    agent: Agent, submit: Submit
) -> None:
    run = submit(chain(("a", "echo", {})), "a forbidden CANARY-7261")
    agent.drain()
    assert fresh(run).state == "blocked"
    assert not Output.objects.filter(run=run).exists()
    assert Finding.objects.get(run=run).action == "block"
    assert run.events.get(kind="run.blocked").data == {"outputs": ["answer"]}
    told = json.dumps(list(Event.objects.filter(run=run).values_list("data", flat=True)))
    assert "CANARY-7261" not in told


def test_a_failed_step_fails_its_run_with_words_and_a_way_out(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "fail", {"how": "user"}), ("b", "upper", {})))
    agent.drain()
    run = fresh(run)
    assert run.state == "failed"
    assert run.error["code"] == "stub_refused" and run.error["hint"]["en"] == "Ask another."
    assert run.steps.get(name="b").state == "cancelled"


def follow(run: Run, plan: Plan) -> None:
    """Have the run follow another plan, which is signed with our key."""
    kept = as_kept(plan, run.workspace)
    kept.save()
    Run.objects.filter(pk=run.pk).update(plan=kept)


def test_a_plan_that_we_did_not_sign_is_refused(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {})))
    KeptPlan.objects.update(mac="0" * 64)
    agent.drain()
    assert fresh(run).error["code"] == "plan_refused"
    assert not run.steps.exclude(state__in=("failed", "cancelled")).exists()


def test_a_signed_plan_without_its_gate_is_refused(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {})))
    cut = without_gates(plan_of(run.plan_id))
    run.steps.filter(name__startswith="gate:").delete()
    follow(run, cut)
    agent.drain()
    assert fresh(run).error["code"] == "plan_refused"
    assert not Output.objects.filter(run=run).exists()


def test_a_plan_of_another_policy_is_refused(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {})))
    follow(run, replace(plan_of(run.plan_id), policy="0" * 64))
    agent.drain()
    assert fresh(run).error["code"] == "plan_refused"


def test_the_child_knows_no_secret_and_no_address_of_ours(
    agent: Agent, submit: Submit, kept_child: KeptChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_child.end()  # what one knows, it was given when it began
    secret = ("SLUICEWAY_SECRET_KEY", "SLUICEWAY_DATABASE_URL", "SLUICEWAY_REDIS_URL", "OPENAI_API_KEY")
    for name in secret:
        monkeypatch.setenv(name, "CANARY")
    run = submit(chain(("a", "spy", {})))
    agent.drain()
    seen = json.loads(Output.objects.get(run=run).value)
    assert not set(secret) & set(seen["names"])
    assert "DJANGO_SETTINGS_MODULE" not in seen["names"]
    assert seen["parent"] == os.getpid() != seen["own"]


def test_a_run_is_cancelled_within_a_step(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "nap", {"seconds": 50}), ("b", "upper", {})))
    with beside(agent.drain):
        wait_for(started(run, "a"))
        cancel_run(run)
    assert fresh(run).state == "cancelled"
    assert set(run.steps.exclude(name="in").values_list("state", flat=True)) == {"cancelled"}
    assert agent._child is not None and agent._child.alive


def test_a_child_that_hangs_in_native_code_is_killed_when_its_run_is_cancelled(
    agent: Agent, submit: Submit
) -> None:
    run = submit(chain(("a", "hang_long", {"seconds": 50})))
    with beside(agent.drain):
        wait_for(started(run, "a"))
        cancel_run(run)
    assert fresh(run).state == "cancelled"
    again = submit(chain(("a", "echo", {})), under=stub_policy(version=2))
    agent.drain()
    assert fresh(again).state == "succeeded"


@pytest.mark.parametrize("kind", ["sleep", "hang"])
def test_a_step_over_its_time_limit_fails_whether_or_not_it_can_be_stopped(
    agent: Agent, submit: Submit, kind: str
) -> None:
    run = submit(chain(("a", kind, {"seconds": 50})))
    agent.drain()
    run = fresh(run)
    assert run.state == "failed" and run.error["code"] == "step_timeout" and run.error["node"] == "a"


def test_a_time_limit_of_a_second_ends_a_step_in_native_code_soon_after(agent: Agent, submit: Submit) -> None:
    agent.grace = 10.0
    run = submit(chain(("a", "hang", {"seconds": 50})))
    agent.drain()
    step = fresh(run).steps.get(name="a")
    assert step.error["code"] == "step_timeout"
    assert (
        step.finished - step.started
    ).total_seconds() < agent.grace / 2  # the usual patience is not waited for


def test_a_step_without_enough_memory_is_tried_once_more_with_less(
    agent: Agent, submit: Submit, kept_child: KeptChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_child.end()
    monkeypatch.setenv("SLUICEWAY_CHILD_MEMORY_MB", "1500")
    run = submit(chain(("a", "hungry", {"megabytes": 3000})))
    agent.drain()
    assert fresh(run).state == "succeeded"
    greedy = submit(chain(("a", "hungry", {"megabytes": 30_000})), under=stub_policy(version=2))
    good = submit(chain(("a", "echo", {})), under=stub_policy(version=3))
    agent.drain()
    assert fresh(greedy).error["code"] == "out_of_memory" and fresh(greedy).error["node"] == "a"
    assert fresh(good).state == "succeeded" and agent._child is not None and agent._child.alive
    kept_child.end()


def test_a_child_that_takes_more_than_it_may_is_ended_with_its_step_alone(
    agent: Agent, submit: Submit
) -> None:
    agent.memory = 300_000_000  # only the agent looks here: the child itself was told of no bound so low
    greedy = submit(chain(("h", "hungry", {"megabytes": 400, "seconds": 5.0})))
    good = submit(chain(("a", "echo", {})), under=stub_policy(version=2))
    agent.drain()
    assert fresh(greedy).error["code"] == "out_of_memory"
    assert fresh(good).state == "succeeded"


def test_a_child_that_crashes_once_costs_an_attempt_and_no_step_that_was_done(
    agent: Agent, submit: Submit, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    # The nap lets what came before be written down.
    middle = (
        ("a", "echo", {"log": str(log)}),
        ("n", "nap", {"seconds": 0.3}),
        ("c", "crash", {"marker": f"{tmp_path}/m"}),
    )
    run = submit(chain(*middle))
    agent.drain()
    assert fresh(run).state == "succeeded"
    assert log.read_text() == "a\n"
    assert [e.data["attempt"] for e in run.events.filter(kind="step.running", data__step="c")] == [1, 2]


def test_a_step_that_kills_three_children_fails_and_the_queue_moves_on(agent: Agent, submit: Submit) -> None:
    poison = submit(chain(("c", "crash", {})))
    good = submit(chain(("a", "echo", {})), under=stub_policy(version=2))
    agent.drain()
    poison = fresh(poison)
    assert poison.state == "failed" and poison.error["code"] == "worker_lost" and poison.error["node"] == "c"
    assert Segment.objects.get(run=poison).attempt == 3
    assert fresh(good).state == "succeeded"


def test_a_hung_filter_lets_nothing_pass_and_its_process_is_replaced(
    agent: Agent, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_FILTER_SECONDS", "0.5")
    hangs = stub_policy(FilterUse("stub.hangs", Action.BLOCK))
    run = submit(chain(("a", "echo", {})), under=hangs)
    agent.drain()
    assert fresh(run).error["code"] == "gate_unavailable"
    assert not Output.objects.filter(run=run).exists()
    good = submit(chain(("a", "echo", {})), under=stub_policy(version=2))
    agent.drain()
    assert fresh(good).state == "succeeded"


def test_a_draining_worker_hands_its_segment_back_unharmed(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "nap", {"seconds": 50})))
    with beside(agent.drain):
        wait_for(started(run, "a"))
        agent.stop(0)
    segment = Segment.objects.get(run=run)
    assert segment.state == "ready" and segment.losses == 0
    assert run.steps.get(name="a").state == "pending"


def test_a_worker_whose_lease_went_to_another_writes_nothing_more(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "nap", {"seconds": 50})))
    with beside(agent.drain):
        wait_for(started(run, "a"))
        Segment.objects.filter(run=run).update(fence=99)
    segment = Segment.objects.get(run=run)
    assert (segment.state, segment.fence) == ("leased", 99)
    assert not has_ended(fresh(run))


def test_the_report_names_what_the_worker_is(agent: Agent) -> None:
    agent.warm_up()
    time.sleep(0.3)
    report = agent.report()
    assert report.resources == ("cpu", "gpu", "inline") and report.memory > 0 and not report.busy
