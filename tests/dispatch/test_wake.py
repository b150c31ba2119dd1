"""Wake-ups: they arrive, they carry nothing to act on, and a broker that is away costs nobody anything."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from kombu import Connection, Queue

from builder.bootstrap import places
from runtime.dispatch import wake as module
from runtime.dispatch.wake import broker_url, queue_of, send, wake

AWAY = "redis://127.0.0.1:1/0"
# Hears wake-ups as a worker does, with no sweep beside it that could find the work by itself.
LISTENER = """
import os, sys
from runtime.worker.celery_app import listen

class Recorder:
    name, resources = "recorder", frozenset({"inline", "cpu"})
    def drain(self):
        print("drained", flush=True)
        os._exit(0)

listen(sys.argv[1], Recorder())
"""


def heard(broker: str, resource: str, serves: str = "cpu") -> str:
    """What one that serves this class says after a wake-up for `resource`."""
    listener = subprocess.Popen(
        [sys.executable, "-c", LISTENER.replace('"cpu"', f'"{serves}"'), broker],
        cwd=places.ROOT,
        env=os.environ | {"PYTHONPATH": str(places.ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        wake(broker, resource)
        return listener.communicate(timeout=60)[0]
    finally:
        listener.kill()


@pytest.mark.parametrize("resource", ["cpu", "inline"])
def test_a_wake_up_makes_a_worker_of_that_class_look_for_work(valkey: str, resource: str) -> None:
    assert heard(valkey, resource) == "drained\n"


def test_a_broker_that_is_away_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    assert not send(AWAY, "cpu")
    assert "no wake-up for cpu" in caplog.text


def test_whoever_wakes_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending takes as long as it likes; of what was asked meanwhile, some wake-ups for each class are left."""
    sent: list[str] = []
    go = False

    def slow(redis_url: str, resource: str) -> bool:
        while not go:
            time.sleep(0.01)
        sent.append(resource)
        return True

    monkeypatch.setattr(module, "send", slow)
    sender = module.Sender()
    sender.put("x", "first")
    while ("x", "first") in sender._waiting:
        time.sleep(0.01)
    for _ in range(100):
        sender.put("x", "cpu")
        sender.put("x", "gpu")
    go = True
    while len(sent) < 1 + 2 * module.MOST_WAITING or sender._waiting:
        time.sleep(0.01)
    assert sent == ["first", *["cpu"] * module.MOST_WAITING, *["gpu"] * module.MOST_WAITING]


def flood(broker: str, resource: str = "gpu") -> list[int]:
    """Thousands of wake-ups for a class that nobody serves; how many stood in its queue now and then."""
    stood = []
    sender = module.Sender()
    with Connection(broker_url(broker)) as connection:
        for _ in range(200):
            sender.put(broker, resource, module.MOST_WAITING)
            while sender._waiting:
                time.sleep(0.001)
            queue = Queue(queue_of(resource), channel=connection.default_channel)
            stood.append(queue.queue_declare().message_count)
    return stood


def test_wake_ups_that_nobody_follows_do_not_pile_up(valkey: str) -> None:
    bounded(valkey)


def test_what_was_taken_and_not_acknowledged_is_not_dropped_with_the_rest(valkey: str) -> None:
    kept(valkey)


def bounded(broker: str) -> None:
    stood = flood(broker)
    assert max(stood) <= module.MOST_QUEUED + module.LOOK_EVERY + module.MOST_WAITING
    assert max(stood) > module.MOST_QUEUED, "nothing was ever too much, so this has tried nothing"
    assert heard(broker, "gpu", serves="gpu") == "drained\n"


def kept(broker: str) -> None:
    """A worker that is busy has its wake-up, and when it is lost another gets it."""
    assert send(broker, "gpu")
    with Connection(broker_url(broker)) as connection:
        queue = Queue(queue_of("gpu"), channel=connection.default_channel)
        taken = until(queue.get)
        flood(broker)
        taken.requeue()
        while (again := until(queue.get)).headers["id"] != taken.headers["id"]:
            again.ack()
        again.ack()


def until(look: Callable[[], Any]) -> Any:
    for _ in range(2_000):
        if (found := look()) is not None:
            return found
        time.sleep(0.01)
    raise AssertionError("what was waited for did not come")


def test_addresses_and_queues_are_spelled_as_celery_wants_them() -> None:
    assert broker_url("unix:///run/valkey.sock") == "redis+socket:///run/valkey.sock"
    assert broker_url("redis://host:6379/1") == "redis://host:6379/1"
    assert [queue_of(name) for name in ("inline", "cpu", "gpu")] == [
        "sluiceway.cpu",
        "sluiceway.cpu",
        "sluiceway.gpu",
    ]
