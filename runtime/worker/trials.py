"""Trials: hears what people want to try, and has the child answer. Nothing of it is logged or written down."""

import json
import logging
import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import redis.exceptions

from runtime.dispatch.trial import CHANNEL, Trial, answers_to, connect
from runtime.values import Json
from runtime.worker.child_process import ChildProcess

log = logging.getLogger(__name__)

TICK = 0.05
AGAIN = 2.0  # seconds before listening again after it broke off
TAKEN = 120  # seconds for which the message service remembers that a trial has its worker
UNCLEAR: Json = {
    "code": "gate_unavailable",
    "message": {"en": "The filters could not judge this.", "zh": "过滤器无法完成判断。"},
    "hint": {"en": "In a run, nothing would pass. Try again.", "zh": "在运行中，内容不会被放行。请重试。"},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A trial that came in, of no use after `until` (our monotonic clock)."""

    trial: Trial
    until: float
    take: Callable[[], bool]
    reply: Callable[[Json], None]

    @property
    def late(self) -> bool:
        return time.monotonic() > self.until

    def is_ours(self) -> bool:
        """Whether it still counts, and no other worker has taken it."""
        return not self.late and self.take()


def answer(
    asked: Asked, child: ChildProcess, must_leave: Callable[[], bool], keys: Mapping[str, str]
) -> bool:
    """Have the child try it. Whether the child can take the next order; a lost or hung one can not."""
    child.try_out(asked.trial, keys)
    while not asked.late and not must_leave():
        try:
            frame = child.frames.get(timeout=TICK)
        except queue.Empty:
            continue
        if frame is None:
            break
        if frame["frame"] == "tried" and frame["trial"] == asked.trial.id:
            asked.reply(frame["answer"])
            return not frame["leaving"]
    if child.alive and child.hints and not must_leave():
        return True  # whoever asked has been told that all are busy, and what it loads is wanted
    asked.reply({"fault": UNCLEAR})
    return False


def hear(redis_url: str, ask: Callable[[Asked], None], look: Callable[[], None]) -> None:
    """Follow what is asked for ever: hand each trial to `ask`, then `look` that it is answered."""
    while True:
        try:
            _hear(redis_url, ask, look)
        except (OSError, redis.exceptions.RedisError) as fault:
            log.warning("trials are not heard: %s", type(fault).__name__)
        time.sleep(AGAIN)


def _hear(redis_url: str, ask: Callable[[Asked], None], look: Callable[[], None]) -> None:
    with connect(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe(CHANNEL)
        for message in ear.listen():
            try:
                trial = Trial.from_json(json.loads(message["data"]))
            except Exception as fault:  # noqa: BLE001 - anybody may publish anything, nested as deep as they like
                log.warning("a trial could not be read: %s", type(fault).__name__)
                continue
            ask(_asked(client, trial))
            look()


def _asked(client: "redis.Redis", trial: Trial) -> Asked:
    def take() -> bool:
        try:
            # The id alone: what is tried stays in no store.
            return bool(client.set(f"{answers_to(trial.id)}:taken", "1", nx=True, ex=TAKEN))
        except (OSError, redis.exceptions.RedisError):
            return False  # then its answer would reach nobody either

    def reply(said: Json) -> None:
        try:
            client.publish(answers_to(trial.id), json.dumps(said))
        except (OSError, redis.exceptions.RedisError) as fault:
            log.warning("a trial was not answered: %s", type(fault).__name__)

    return Asked(trial, time.monotonic() + trial.seconds, take, reply)
