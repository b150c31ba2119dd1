"""Trials through a real Valkey, agent and child: answered between segments, by one worker, and kept nowhere."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis

from builder.accounts.models import Workspace
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.trial import CHANNEL, Trial, Unanswered, ask
from runtime.labels import Sink, Source
from runtime.ports import TEXT
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.redaction import MARK
from runtime.values import Json, Value
from runtime.worker.agent import Agent
from runtime.worker.trials import Asked, hear
from tests.fixtures.runs import beside, chain, stub_policy, wait_for

Ask = Callable[..., dict[str, Json]]


@contextmanager
def hearing(ask_worker: Callable[[Asked], None], valkey: str) -> Iterator[threading.Event]:
    """The agent hears trials; whoever waits for the event is told to look, as a worker's keeper is."""
    look = threading.Event()
    over: list[bool] = []

    def give(asked: Asked) -> None:
        if over:
            raise SystemExit  # ends `hear`, which has no end of its own
        ask_worker(asked)

    def listen() -> None:
        with suppress(SystemExit):
            hear(valkey, give, look.set)

    thread = threading.Thread(target=listen, daemon=True)
    with redis.Redis.from_url(valkey) as client:
        before = client.pubsub_numsub(CHANNEL)[0][1]
        thread.start()
        wait_for(lambda: client.pubsub_numsub(CHANNEL)[0][1] > before)
        try:
            yield look
        finally:
            over.append(True)
            last = Trial("last", Value(TEXT, ""), Sink.PERSON, stub_policy())
            client.publish(CHANNEL, json.dumps(last.to_json()))
            thread.join(10)


@contextmanager
def draining(agent: Agent, look: threading.Event) -> Iterator[None]:
    over: list[bool] = []

    def follow() -> None:
        while not over:
            if look.wait(0.05):
                look.clear()
                agent.drain()

    with beside(follow):
        try:
            yield
        finally:
            over.append(True)


@pytest.fixture
def put(valkey: str) -> Ask:
    def ask_it(text: str, policy: Policy | None = None, seconds: float = 20.0) -> dict[str, Json]:
        value = Value(TEXT, text, frozenset({Source.USER}))
        trial_id = f"{time.monotonic_ns()}"
        return ask(valkey, Trial(trial_id, value, Sink.PERSON, policy or stub_policy(), seconds))

    return ask_it


def test_without_any_worker_it_is_said_at_once(valkey: str, put: Ask) -> None:
    with pytest.raises(Unanswered) as told:
        put("hello")
    assert told.value.reason == "no_worker"


def test_without_a_message_service_it_is_said_too(tmp_path: Path) -> None:
    trial = Trial("t", Value(TEXT, "x"), Sink.PERSON, stub_policy())
    with pytest.raises(Unanswered) as told:
        ask(f"unix://{tmp_path}/none.sock", trial)
    assert told.value.reason == "no_worker"


def test_a_trial_is_answered_by_the_child_and_lies_in_no_file_of_the_message_service(
    agent: Agent, valkey: str, valkey_folder: Path, put: Ask
) -> None:
    def files() -> bytes:
        return b"".join(path.read_bytes() for path in valkey_folder.rglob("*") if path.is_file())

    with redis.Redis.from_url(valkey) as client:
        # Ours writes no file; one that somebody brings along may.
        client.config_set("appendonly", "yes")
        try:
            with hearing(agent.ask, valkey) as look, draining(agent, look):
                said = put("CANARY-3391 has key-12345")
            assert Value.from_json(said["value"]).data == f"CANARY-3391 has {MARK}"
            client.set("control", "CONTROL-3391", ex=60)
            stored = str([client.get(key) for key in client.scan_iter() if client.type(key) == b"string"])
            wait_for(lambda: b"CONTROL-3391" in files())
            assert b"CANARY-3391" not in files()
            assert "CANARY-3391" not in stored
        finally:
            client.config_set("appendonly", "no")
            shutil.rmtree(valkey_folder / "valkey" / "appendonlydir")


def test_a_busy_worker_answers_between_two_segments(
    agent: Agent, valkey: str, put: Ask, workspace: Workspace, policy: Callable[[Policy], Policy]
) -> None:
    policy(stub_policy())
    graph = chain(("a", "sleep", {"seconds": 1.0}))
    runs = [submit_run(Order(workspace, {"text": "x"}, graph=graph)).run for _ in range(2)]
    with hearing(agent.ask, valkey) as look, draining(agent, look):
        look.set()
        wait_for(lambda: runs[0].steps.filter(name="a", state="running").exists())
        assert put("hello")["verdict"] == "allow"
        runs[1].refresh_from_db()
        assert runs[1].state != "succeeded"
    assert {Run.objects.get(pk=run.pk).state for run in runs} == {"succeeded"}


def test_a_filter_that_hangs_ends_with_a_fault_and_the_next_trial_is_answered(
    agent: Agent, valkey: str, put: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_FILTER_SECONDS", "0.3")
    with hearing(agent.ask, valkey) as look, draining(agent, look):
        said = put("x", stub_policy(FilterUse("stub.hangs", Action.BLOCK)))
        assert set(said) == {"fault"}
        assert put("hello")["verdict"] == "allow"


def test_a_lost_child_ends_with_a_fault(agent: Agent, valkey: str, put: Ask) -> None:
    agent.warm_up()
    child = agent._child
    assert child is not None
    child.try_out = lambda trial, keys: child.kill()  # type: ignore[method-assign]  # dies with the order in its hands
    with hearing(agent.ask, valkey) as look, draining(agent, look):
        assert set(put("x")) == {"fault"}
        assert put("hello")["verdict"] == "allow"


def test_two_workers_hear_it_and_one_answers(agent: Agent, valkey: str, put: Ask) -> None:
    asked: list[Asked] = []  # of a worker that hears, and looks too late
    with hearing(agent.ask, valkey) as look, hearing(asked.append, valkey), draining(agent, look):
        assert put("hello")["verdict"] == "allow"
        (late,) = wait_for(lambda: asked)
    assert not late.is_ours()


def test_what_is_no_trial_is_passed_over(agent: Agent, valkey: str, put: Ask) -> None:
    with hearing(agent.ask, valkey) as look, draining(agent, look):
        with redis.Redis.from_url(valkey) as client:
            for body in ("no json", "[]", "{}", '{"id": "x"}'):
                client.publish(CHANNEL, body)
        assert put("hello")["verdict"] == "allow"
