"""Trial: a value shown to the filters outside of any run. What is tried is kept nowhere, and clears nothing.

Asked and answered by publishing: a message that is published is held by nobody, while a queue is kept and may be on a disk.
"""

import json
import time
from dataclasses import dataclass
from typing import Literal, Self

import redis
import redis.exceptions

from runtime.labels import Sink
from runtime.safety.policy import Policy
from runtime.values import Json, Value

CHANNEL = "sluiceway:what-if"
# Seconds from the question to its answer; whoever asks holds a thread meanwhile. Longer than one filter may take, so
# that a filter that hangs is told as what it is, and not as a busy worker.
DEADLINE = 25.0
CONNECT = 2.0  # seconds to reach the message service


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of `value` on its way to `sink` under `policy`? Of no use after `seconds`."""

    id: str
    value: Value
    sink: Sink
    policy: Policy
    seconds: float = DEADLINE

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "value": self.value.to_json(),
            "sink": self.sink.value,
            "policy": self.policy.to_json(),
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(
            str(data["id"]),
            Value.from_json(data["value"]),
            Sink(data["sink"]),
            Policy.from_json(data["policy"]),
            float(data["seconds"]),
        )


class Unanswered(Exception):
    """No answer came: there is no worker, or all are busy."""

    def __init__(self, reason: Literal["no_worker", "busy"]) -> None:
        super().__init__(reason)
        self.reason = reason


def answers_to(trial_id: str) -> str:
    """The channel on which the answer is published."""
    return f"{CHANNEL}:{trial_id}"


def ask(redis_url: str, trial: Trial) -> dict[str, Json]:
    """The answer of the first worker that is free, as `runtime/engine/trial.py` gives it. Raises Unanswered."""
    deadline = time.monotonic() + trial.seconds
    try:
        with connect(redis_url) as client, client.pubsub() as ear:
            ear.subscribe(answers_to(trial.id))
            ear.get_message(timeout=CONNECT)  # heard that we listen: no answer can come before it
            if not client.publish(CHANNEL, json.dumps(trial.to_json())):
                raise Unanswered("no_worker")
            while (left := deadline - time.monotonic()) > 0:
                message = ear.get_message(ignore_subscribe_messages=True, timeout=left)
                if message is not None:
                    answer: dict[str, Json] = json.loads(message["data"])
                    return answer
    except (OSError, redis.exceptions.RedisError):
        raise Unanswered("no_worker") from None  # workers hear us through the message service alone
    raise Unanswered("busy")


def connect(redis_url: str) -> "redis.Redis":
    return redis.Redis.from_url(redis_url, socket_connect_timeout=CONNECT)
