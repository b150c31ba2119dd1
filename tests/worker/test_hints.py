"""What may be run soon is loaded by a real child that has nothing else to do, and nothing waits for that."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from builder.accounts.models import Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Output, Run, Segment
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.needs import CHANNEL, ModelUse, Needs, send
from runtime.safety.policy import Policy
from runtime.worker import session
from runtime.worker.agent import MOST_HINTS, Agent
from runtime.worker.child_process import ChildProcess
from runtime.worker.hints import hear_needs
from tests.fixtures.runs import KeptChild, beside, chain, stub_policy, wait_for
from tests.models.stubs import put_model


def quote(model: str) -> Needs:
    return Needs(("stub.words",), (ModelUse("stub.quote", 1, (("model", model),)),))


@pytest.fixture
def child(
    agent: Agent, kept_child: KeptChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ChildProcess]:
    """A child of its own, with two models to load."""
    for name in ("one", "two"):
        put_model(tmp_path / "models", name)
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path / "models"))
    agent.warm_up()
    assert agent._child is not None
    yield agent._child
    kept_child.end()


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy]) -> Callable[[], Run]:
    policy(stub_policy())
    graph = chain(("q", "quote", {"model": "one"}))
    return lambda: submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run


def history(run: Run) -> list[tuple[str, object]]:
    return [(event.kind, event.data.get("step")) for event in run.events.order_by("seq")]


def tell(agent: Agent, needs: Needs) -> None:
    agent.expect(needs)
    agent.drain()


@contextmanager
def hearing(agent: Agent, valkey: str) -> Iterator[None]:
    """The agent hears hints, as a worker does; the block ends when it hears no more."""
    over: list[bool] = []

    def expect(needs: Needs) -> None:
        if over:
            raise SystemExit  # ends `hear_needs`, which has no end of its own
        agent.expect(needs)

    def listen() -> None:
        with suppress(SystemExit):
            hear_needs(valkey, expect, agent.drain, every=0.01)

    thread = threading.Thread(target=listen, daemon=True)
    with redis.Redis.from_url(valkey) as client:
        before = client.pubsub_numsub(CHANNEL)[0][1]
        thread.start()
        wait_for(lambda: client.pubsub_numsub(CHANNEL)[0][1] > before)
        yield
        over.append(True)
        send(valkey, quote("last"))
        thread.join(10)


def test_a_model_that_is_named_is_loaded_and_a_run_finds_it(
    agent: Agent, child: ChildProcess, submit: Callable[[], Run]
) -> None:
    tell(agent, quote("one"))
    wait_for(lambda: child.models == ("one",))
    assert agent.report().models == ("one",)
    run = submit()
    agent.drain()
    assert Output.objects.get(run=run).value == "one: hello"


def test_it_is_told_by_way_of_the_message_service_and_what_is_no_hint_does_nothing(
    agent: Agent, child: ChildProcess, valkey: str
) -> None:
    with hearing(agent, valkey):
        with redis.Redis.from_url(valkey) as client:
            for body in ("no json", "[]", "{}", '{"filters": 1, "nodes": 1}'):
                client.publish(CHANNEL, body)
        send(valkey, quote("../one"))
        send(valkey, Needs(("stub.dies", "nothing"), (ModelUse("os.system", 1, (("model", "one"),)),)))
        send(valkey, quote("two"))
        wait_for(lambda: child.models == ("two",))
    assert child.alive


def test_to_tell_the_same_again_and_again_loads_nothing_more(agent: Agent, child: ChildProcess) -> None:
    for _ in range(20):
        tell(agent, quote("one"))
        assert child.hints <= MOST_HINTS
    wait_for(lambda: not child.hints)
    assert child.models == ("one",) and child.frames.qsize() <= 1, "nothing piles up but the first word"


def test_what_this_worker_does_not_serve_is_not_loaded(agent: Agent, child: ChildProcess) -> None:
    agent.resources = frozenset({"gpu"})
    tell(agent, Needs((), quote("one").nodes))
    assert not child.hints


def test_a_run_that_comes_meanwhile_is_run_and_its_history_is_the_same(
    agent: Agent, child: ChildProcess, submit: Callable[[], Run], settings: Any
) -> None:
    settings.CACHE_MB = 0  # the same once more, and made anew
    cold = submit()
    agent.drain()
    tell(agent, quote("endless"))
    assert child.hints
    meanwhile = submit()
    agent.drain()
    assert Run.objects.get(pk=meanwhile.pk).state == "succeeded"
    assert history(meanwhile) == history(cold)
    assert agent._child is child and not child.hints


def test_a_busy_agent_tells_its_child_when_it_has_done_its_work(
    agent: Agent, child: ChildProcess, submit: Callable[[], Run]
) -> None:
    submit()
    tell(agent, quote("two"))
    wait_for(lambda: child.models == ("one", "two"))


def test_a_run_is_cancelled_though_the_child_hangs_in_what_it_loads(
    agent: Agent, child: ChildProcess, submit: Callable[[], Run]
) -> None:
    tell(agent, quote("stuck"))
    run = submit()
    with beside(agent.drain):
        wait_for(lambda: Segment.objects.filter(run=run, state="leased").exists())
        cancel_run(run)
    assert Run.objects.get(pk=run.pk).state == "cancelled"
    assert not child.alive


def test_a_child_that_hangs_in_what_it_loads_is_replaced_and_the_run_is_none_the_worse(
    agent: Agent, child: ChildProcess, submit: Callable[[], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "BEGIN", 0.3)
    tell(agent, quote("stuck"))
    run = submit()
    with beside(agent.drain):
        wait_for(lambda: not child.alive)
        monkeypatch.setattr(session, "BEGIN", 60.0)
    assert Run.objects.get(pk=run.pk).state == "succeeded"
    assert Segment.objects.get(run=run).losses == 0
