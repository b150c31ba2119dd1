"""RabbitMQ in the place of the message service for what wakes workers; the rest stays where it is."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from kombu import Connection

from builder.accounts.models import Workspace
from builder.operations.looks.wakeups import wakeups
from builder.operations.told import Level
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.wake import Sender, queue_of, send
from runtime.safety.policy import Policy
from tests.dispatch.test_wake import bounded, heard, kept
from tests.fixtures.rabbit import rabbit
from tests.fixtures.runs import Workers, chain, ended, stub_policy, wait_for

__all__ = ["rabbit"]

AWAY = "amqp://guest:canary@127.0.0.1:1//"
FORGED = (
    b"no json",
    b"[]",
    json.dumps([["cpu"], {}, {}]).encode(),
    json.dumps([["no class"], {"resource": "x"}, {"chain": ["x"]}]).encode(),
    os.urandom(2_000),
)


@pytest.mark.parametrize("resource", ["cpu", "gpu"])
def test_a_wake_up_makes_a_worker_of_that_class_look_for_work(rabbit: str, resource: str) -> None:
    assert heard(rabbit, resource, serves=resource) == "drained\n"


def test_wake_ups_that_nobody_follows_do_not_pile_up(rabbit: str) -> None:
    bounded(rabbit)


def test_what_was_taken_and_not_acknowledged_is_not_dropped_with_the_rest(rabbit: str) -> None:
    kept(rabbit)


def test_one_that_is_away_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    assert not send(AWAY, "cpu")
    assert "no wake-up for cpu" in caplog.text and "canary" not in caplog.text


def test_one_that_refuses_us_fails_nobody_and_is_no_end_of_all_wake_ups(
    rabbit: str, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    refused = rabbit.replace("guest:guest", "guest:canary")
    unknown = rabbit.replace("5672//", "5672/nowhere") if "5672//" in rabbit else rabbit[:-1] + "nowhere"
    for address in (refused, unknown):
        assert not send(address, "cpu")
        settings.SLUICEWAY_BROKER_URL = address
        told = wakeups()
        assert told is not None and told.level is Level.WRONG
    assert "canary" not in caplog.text
    sender = Sender()
    sender.put(refused, "cpu")
    sender.put(rabbit, "gpu")
    wait_for(lambda: not sender._waiting)
    with Connection(rabbit) as connection:
        queue = wait_for(lambda: _next(connection, "gpu"))
    assert queue is not None


def _next(connection: Connection, resource: str) -> Any:
    with connection.SimpleQueue(queue_of(resource)) as queue:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return None
        message.ack()
        return message


def test_runs_go_through_and_what_is_forged_starts_nothing(
    rabbit: str, workers: Workers, workspace: Workspace, policy: Callable[[Policy], Policy], settings: Any
) -> None:
    policy(stub_policy())
    settings.SLUICEWAY_BROKER_URL = rabbit
    workers.start(SLUICEWAY_BROKER_URL=rabbit)
    with Connection(rabbit) as connection:
        for number in range(200):
            with connection.SimpleQueue(queue_of("cpu")) as queue:
                body = FORGED[number % len(FORGED)]
                queue.put(body, content_type=["application/json", "application/x-python-serialize"][number % 2],
                          content_encoding="utf-8")  # fmt: skip
    for number in range(3):
        order = Order(workspace, {"text": f"hello {number}"}, graph=chain(("a", "echo", {})))
        with ended(submit_run(order).run) as run:
            assert run.state == "succeeded", workers.logs()
    assert Run.objects.count() == 3


def test_the_doctor_looks_at_it_where_it_is_named(rabbit: str, settings: Any) -> None:
    assert wakeups() is None
    settings.SLUICEWAY_BROKER_URL = rabbit
    told = wakeups()
    assert told is not None and told.level is Level.WELL
    settings.SLUICEWAY_BROKER_URL = AWAY
    told = wakeups()
    assert told is not None and told.level is Level.WRONG
    assert "SLUICEWAY_BROKER_URL" in told.hint.en and "canary" not in repr(told)
