"""messages: what somebody could put on the broker who is none of us. None of it may start anything.

Forged, replayed, oversized and random; envelopes as Celery sends them and things that are none. A pickle is among them
that would leave a file if anybody opened it.
"""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import redis

from runtime.dispatch.trial import CHANNEL
from runtime.dispatch.wake import TASK

QUEUES = (
    "sluiceway.cpu",
    "sluiceway.gpu",
    "celery",
    "unacked",
    "unacked_index",
    "_kombu.binding.sluiceway.cpu",
)
LARGE = 1_000_000
# Celery brings tasks of its own, and anybody can name them.
NAMES = (
    TASK, "os.system", "builtins.eval", "celery.map", "celery.starmap", "celery.chunks", "celery.group", "celery.chain",
    "celery.chord", "celery.chord_unlock", "celery.accumulate", "celery.backend_cleanup", "sluiceway.run", "", "../wake",
)  # fmt: skip


def envelope(
    task: Any, body: bytes, content_type: str = "application/json", **headers: Any
) -> dict[str, Any]:
    """A message as Celery spells it."""
    return {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": content_type,
        "headers": {"lang": "py", "task": task, "id": "forged", "root_id": "forged", "retries": 0, **headers},
        "properties": {
            "correlation_id": "forged",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "sluiceway.cpu"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": "forged",
        },
    }


def opener(trap: Path) -> bytes:
    """A pickle that makes the file `trap` when it is opened."""
    return f"cposix\nsystem\n(S'touch {trap}'\ntR.".encode()


def hostile(random: Random, runs: Sequence[str], genuine: Sequence[bytes], trap: Path) -> Iterator[bytes]:
    """Without end. `genuine` are messages that were really sent, and come once more."""
    while True:
        args = random.choice(
            ([], ["cpu"], ["gpu"], [random.choice(runs)], [{"run": random.choice(runs), "segment": 0}], ["cpu"] * 50, None, 7)
        )  # fmt: skip
        embed = random.choice(
            ({}, {"callbacks": [{"task": TASK, "args": ["cpu"]}]}, {"chain": [{"task": "os.system"}]}, 3)
        )
        body = json.dumps([args, random.choice(({}, {"run": runs[0]}, [])), embed]).encode()
        name = random.choice(NAMES)
        kind = random.randrange(8)
        if kind == 0:
            yield random.randbytes(random.randrange(400)) if random.random() < 0.9 else b"[" * 100_000
        elif kind == 1:
            yield json.dumps(
                random.choice((None, [], {}, "wake", 1e300, {"body": 1}, {"headers": {}}))
            ).encode()
        elif kind == 2:
            content = random.choice(
                ("application/x-python-serialize", "application/x-yaml", "text/plain", "x/y")
            )
            yield json.dumps(envelope(name, opener(trap), content)).encode()
        elif kind == 3 and genuine:
            yield random.choice(genuine)
        elif kind == 4:
            yield json.dumps(envelope(name, random.randbytes(200))).encode()
        elif kind == 5 and random.random() < 0.02:
            yield json.dumps(envelope(TASK, json.dumps([["x" * LARGE], {}, {}]).encode())).encode()
        elif kind == 6:
            odd = random.choice(
                (
                    {"eta": "never"},
                    {"expires": "1"},
                    {"retries": 10**9},
                    {"timelimit": ["a", 1]},
                    {"task": None},
                )
            )
            yield json.dumps(
                envelope(name, body, **odd) if "task" not in odd else envelope(None, body)
            ).encode()
        else:
            yield json.dumps(envelope(name, body)).encode()


def send(url: str, count: int, random: Random, runs: Sequence[str], trap: Path) -> int:
    """Put so many there, into the queues that workers hear and those that Celery keeps its own notes in."""
    with redis.Redis.from_url(url) as client:
        genuine = [bytes(item) for queue in QUEUES[:2] for item in client.lrange(queue, 0, 20)]
        messages = hostile(random, runs, genuine, trap)
        pipe = client.pipeline(transaction=False)
        for number in range(count):
            message = next(messages)
            if number % 10 == 9:
                pipe.publish(CHANNEL, message)
            else:
                queue = random.choice(QUEUES) if number % 5 == 0 else QUEUES[0]
                pipe.lpush(queue, message)
            if number % 200 == 199:
                pipe.execute(raise_on_error=False)
        pipe.execute(raise_on_error=False)
    return count


def taken(url: str, seconds: float) -> int:
    """Wait until workers have taken them from their queues; how many lie there still."""
    deadline = time.monotonic() + seconds
    with redis.Redis.from_url(url) as client:
        while (left := sum(_length(client, queue) for queue in QUEUES[:2])) and time.monotonic() < deadline:
            time.sleep(0.2)
    return left


def _length(client: "redis.Redis", queue: str) -> int:
    try:
        return int(client.llen(queue))
    except redis.ResponseError:
        return 0
