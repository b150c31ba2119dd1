"""What must not happen twice: written down before it is begun, and where it is lost, not run again before a person has spoken."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.runs.cancel_run import cancel_run
from builder.runs.decide_effect import Said, decide_effect
from builder.runs.models import Output, Run, Segment, Step
from builder.runs.restart_run import restart_run
from builder.runs.submit_run import Order, submit_run
from builder.safety.models import AuditEntry
from builder.workflows.create_workflow import create_workflow
from runtime.dispatch.store import Claim, Progress
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.fixtures.runs import KeptChild, Workers, chain, ended, failing, stub_policy, wait_for

Submit = Callable[..., Run]
LONG = 60.0


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "effects"


def drawn(log: Path, seconds: float = 0, kind: str = "flaky_unsafe", times: int = 0) -> dict[str, Any]:
    """Something that must not happen twice, between two steps that may."""
    effect = {"log": str(log), "times": times, "how": "user", "seconds": seconds}
    return chain(("a", "echo", {}), ("f", kind, effect), ("b", "upper", {}))


@pytest.fixture
def submit(workspace: Workspace, ada: User, policy: Callable[[Policy], Policy], stub_packs: None) -> Submit:
    policy(stub_policy())

    def go(graph: dict[str, Any]) -> Run:
        workflow = create_workflow(workspace, ada, "Mine", graph)
        return submit_run(Order(workspace, {"text": "hello"}, ada, workflow=workflow)).run

    return go


@pytest.fixture
def kill_inside(kept_child: KeptChild, log: Path) -> Iterator[Callable[[], None]]:
    """Has the child killed as soon as the node has done its deed."""
    over = threading.Event()
    watching: list[threading.Thread] = []

    def watch() -> None:
        seen = happened(log)
        while not over.is_set():
            if happened(log) > seen:
                os.kill(kept_child.child.pid, signal.SIGKILL)
                return
            time.sleep(0.01)

    def begin() -> None:
        watching.append(threading.Thread(target=watch))
        watching[-1].start()

    yield begin
    over.set()
    for thread in watching:
        thread.join()


def happened(log: Path) -> int:
    return log.read_text().count("try") if log.exists() else 0


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def doubtful(run: Run) -> Step:
    """The step that nobody knows about: it waits, with a reason, and holds nobody."""
    step = run.steps.get(name="f")
    assert fresh(run).state == "waiting" and step.state == "waiting"
    assert step.waits["for"] == "decision" and step.error["code"] == "effect_unknown"
    assert set(step.error["message"]) == {"en", "zh"} and step.due is None
    segment = Segment.objects.get(run=run, index=step.segment)
    assert (segment.state, segment.losses, segment.worker) == ("waiting", 0, "")
    return step


def decide(run: Run, said: Said, attempt: int = 1) -> Run:
    return decide_effect(run, User.objects.get(username="ada"), "f", attempt, said)


def in_order(run: Run) -> list[str]:
    run = fresh(run)
    events = list(run.events.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, run.last_event + 1))
    return [event.kind for event in events if event.data.get("step") == "f"]


def at_the_intent(agent: Agent, monkeypatch: pytest.MonkeyPatch, then: Callable[[Claim], None]) -> None:
    """Does something once the intent is kept, before the worker hears that it is."""
    real = agent.store.record

    def record(claim: Claim, progress: Progress) -> bool:
        kept = real(claim, progress)
        if any(item.intends for item in progress.steps):
            assert Step.objects.get(run=claim.run, name="f").effect == "begun"
            then(claim)
        return kept

    monkeypatch.setattr(agent.store, "record", record)


def while_it_runs(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, log: Path, then: Callable[[Claim], object]
) -> None:
    """Does something at the first heartbeat after the deed was done."""
    real, done = agent.store.heartbeat, threading.Event()

    def heartbeat(claim: Claim) -> Any:
        if happened(log) and not done.is_set():
            done.set()
            then(claim)
        return real(claim)

    monkeypatch.setattr(agent.store, "heartbeat", heartbeat)


def lose(agent: Agent) -> Callable[[Claim], None]:
    def overdue(claim: Claim) -> None:
        Segment.objects.filter(run=claim.run, state="leased").update(
            leased_until=Now() - timedelta(seconds=1)
        )
        agent.store.sweep()

    return overdue


def test_it_is_written_down_before_it_happens_and_happens_once(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[int] = []
    at_the_intent(agent, monkeypatch, lambda claim: before.append(happened(log)))
    run = submit(drawn(log))
    agent.drain()
    assert (fresh(run).state, before, happened(log)) == ("succeeded", [0], 1)
    assert in_order(run) == ["step.running", "step.done"]


def test_what_the_database_does_not_take_does_not_happen_before_it_does(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = agent.store.record, list[int]()

    def record(claim: Claim, progress: Progress) -> bool:
        if len(seen) < 2 and any(item.intends for item in progress.steps):
            seen.append(happened(log))
            if len(seen) == 2:
                real(claim, progress)  # kept, and the answer is lost
            raise OSError("the database is away")
        return real(claim, progress)

    monkeypatch.setattr(agent.store, "record", record)
    run = submit(drawn(log))
    agent.drain()
    assert (fresh(run).state, seen, happened(log)) == ("succeeded", [0, 0], 1)
    assert in_order(run) == ["step.running", "step.done"]


def test_a_child_that_is_killed_inside_leaves_it_to_a_person_and_nobody_runs_it_again(
    agent: Agent, submit: Submit, log: Path, kill_inside: Callable[[], None]
) -> None:
    run = submit(drawn(log, LONG))
    kill_inside()
    agent.drain()
    doubtful(run)
    for _ in range(3):
        agent.store.sweep()
        agent.drain()
    doubtful(run)
    assert happened(log) == 1 and in_order(run) == ["step.running", "step.waiting"]


def test_a_child_that_is_killed_between_the_intent_and_the_call_leaves_it_to_a_person_too(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch, kept_child: KeptChild
) -> None:
    at_the_intent(agent, monkeypatch, lambda claim: os.kill(kept_child.child.pid, signal.SIGKILL))
    run = submit(drawn(log))
    agent.drain()
    doubtful(run)
    assert happened(log) == 0


def test_a_worker_that_is_killed_with_it_leaves_it_to_a_person(
    workers: Workers, submit: Submit, log: Path, ada: User
) -> None:
    run = submit(drawn(log, 3))
    first = workers.start()
    wait_for(lambda: happened(log) == 1)
    first.kill()
    first.wait()
    workers.start()
    wait_for(lambda: fresh(run).state == "waiting")
    doubtful(run)
    decide(run, Said.NOT_HAPPENED)
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert happened(log) == 2 and in_order(run)[-2:] == ["step.running", "step.done"]


def test_said_not_to_have_happened_it_is_run_again_with_a_new_intent(
    agent: Agent, submit: Submit, log: Path, kill_inside: Callable[[], None]
) -> None:
    run = submit(drawn(log, LONG))
    kill_inside()
    agent.drain()
    kill_inside()
    decide(run, Said.NOT_HAPPENED)
    agent.drain()
    assert happened(log) == 2, "lost once more, it waits once more, and for nobody's clock"
    agent.store.sweep()
    agent.drain()
    assert doubtful(run).attempt == 2 and happened(log) == 2
    with pytest.raises(Refused, match="nothing_to_decide"):
        decide(run, Said.NOT_HAPPENED, attempt=1)
    decide(run, Said.HAPPENED, attempt=2)
    agent.drain()
    assert fresh(run).state == "failed" and happened(log) == 2
    assert in_order(run) == [
        "step.running", "step.waiting", "step.decided", "step.running", "step.waiting", "step.decided",
        "step.running", "step.failed",
    ]  # fmt: skip


def test_said_to_have_happened_it_fails_or_goes_its_own_way_and_is_not_run(
    agent: Agent, submit: Submit, log: Path, kill_inside: Callable[[], None]
) -> None:
    graph = drawn(log, LONG)
    instead = failing(graph, f={"do": "default", "values": {"text": "instead"}})
    for count, (drawing, state) in enumerate(((graph, "failed"), (instead, "succeeded")), start=1):
        run = submit(drawing)
        kill_inside()
        agent.drain()
        decide(run, Said.HAPPENED)
        agent.drain()
        assert (fresh(run).state, happened(log)) == (state, count)
        if state == "failed":
            assert fresh(run).error["code"] == "effect_happened"
    assert Output.objects.get().value == "INSTEAD"


def test_a_decision_is_taken_once_is_told_and_stays_in_the_log(
    agent: Agent, submit: Submit, log: Path, ada: User, kill_inside: Callable[[], None]
) -> None:
    run = submit(drawn(log, LONG))
    kill_inside()
    agent.drain()
    decide(run, Said.HAPPENED)
    for said in Said:
        with pytest.raises(Refused) as refused:
            decide(run, said)
        assert (refused.value.code, refused.value.status) == ("nothing_to_decide", 409)
    told = run.events.get(kind="step.decided")
    assert told.data == {"step": "f", "attempt": 1, "decision": "happened"}
    said = [entry.said for entry in AuditEntry.objects.all() if entry.said["act"] == "effect.decided"]
    assert [(line["by"]["id"], line["data"]) for line in said] == [
        (str(ada.pk), {"attempt": 1, "decision": "happened"})
    ]


@pytest.mark.parametrize("way", ["stop", "cancel"])
def test_stopping_the_run_closes_the_question_and_says_that_it_is_not_known(
    agent: Agent, submit: Submit, log: Path, kill_inside: Callable[[], None], way: str
) -> None:
    run = submit(drawn(log, LONG))
    kill_inside()
    agent.drain()
    if way == "stop":
        decide(run, Said.STOP)
    else:
        cancel_run(run)
    step = run.steps.get(name="f")
    assert (fresh(run).state, step.state, step.error["code"]) == ("cancelled", "cancelled", "effect_unknown")
    with pytest.raises(Refused, match="nothing_to_decide"):
        decide(run, Said.NOT_HAPPENED)
    agent.drain()
    assert happened(log) == 1 and in_order(run)[-1] == "step.cancelled"


def test_a_run_that_is_cancelled_before_it_is_begun_does_not_do_it(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = submit(drawn(log))
    at_the_intent(agent, monkeypatch, lambda claim: cancel_run(run) and None)
    agent.drain()
    assert (fresh(run).state, happened(log)) == ("cancelled", 0)


def test_a_run_that_is_cancelled_while_it_happens_ends_without_knowing(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = submit(drawn(log, LONG))
    while_it_runs(agent, monkeypatch, log, lambda claim: cancel_run(run))
    agent.drain()
    step = run.steps.get(name="f")
    assert (fresh(run).state, step.state, step.error["code"]) == ("cancelled", "cancelled", "effect_unknown")


def test_whose_lease_is_lost_at_the_intent_does_not_do_it(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_intent(agent, monkeypatch, lose(agent))
    run = submit(drawn(log))
    agent.drain()
    doubtful(run)
    assert happened(log) == 0


def test_whose_lease_is_lost_while_it_happens_writes_no_result_of_it(
    agent: Agent, submit: Submit, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = submit(drawn(log, LONG))
    while_it_runs(agent, monkeypatch, log, lose(agent))
    agent.drain()
    doubtful(run)
    assert happened(log) == 1


def test_one_whose_time_is_up_is_left_to_a_person(agent: Agent, submit: Submit, log: Path) -> None:
    run = submit(drawn(log, LONG, kind="brief_unsafe"))
    agent.drain()
    doubtful(run)
    assert happened(log) == 1


def test_one_that_stops_when_it_is_asked_to_is_left_to_a_person_and_its_child_goes_on(
    agent: Agent, submit: Submit, kept_child: KeptChild
) -> None:
    run = submit(chain(("f", "sleep_unsafe", {"seconds": LONG})))
    agent.drain()
    doubtful(run)
    child = kept_child.child.pid
    decide(run, Said.HAPPENED)
    agent.drain()
    assert fresh(run).error["code"] == "effect_happened" and kept_child.child.pid == child


def test_one_that_says_itself_that_it_failed_has_failed(agent: Agent, submit: Submit, log: Path) -> None:
    run = submit(drawn(log, times=1))
    agent.drain()
    assert (fresh(run).state, fresh(run).error["code"]) == ("failed", "stub_refused")


def test_what_was_begun_is_begun_again_only_by_who_says_so(
    agent: Agent, submit: Submit, log: Path, ada: User
) -> None:
    graph = chain(
        ("f", "flaky_unsafe", {"log": str(log), "times": 0}),
        ("x", "fail", {"how": "user"}),
        ("b", "upper", {}),
    )
    first = submit(graph)
    agent.drain()
    assert fresh(first).state == "failed" and first.steps.get(name="f").state == "done"
    with pytest.raises(Refused) as refused:
        restart_run(fresh(first), ada)
    assert (refused.value.code, refused.value.status) == ("may_happen_twice", 409)
    second = restart_run(fresh(first), ada, again=True).run
    cancel_run(second)
    with pytest.raises(Refused, match="may_happen_twice"):
        restart_run(fresh(second), ada)  # what it has not done itself, the one before it has
    third = restart_run(fresh(second), ada, again=True).run
    agent.drain()
    assert third.steps.get(name="f").state == "done" and happened(log) == 2
