"""Hints: hears what people may soon run, and has the agent make it ready when it has nothing else to do."""

import logging
import time
from collections.abc import Callable

import redis.exceptions

from runtime.dispatch.needs import CHANNEL, EVERY, Needs, read_hint
from runtime.dispatch.trial import connect

log = logging.getLogger(__name__)

AGAIN = 2.0  # seconds before listening again after it broke off


def hear_needs(
    redis_url: str, expect: Callable[[Needs], None], look: Callable[[], None], every: float = EVERY
) -> None:
    """Follow for ever what is to be made ready: hand it to `expect`, then `look` that it is done.

    One every so many seconds. The message service keeps what comes faster, or drops us, and we listen anew.
    """
    while True:
        try:
            _hear(redis_url, expect, look, every)
        except (OSError, redis.exceptions.RedisError) as fault:
            log.warning("hints are not heard: %s", type(fault).__name__)
        time.sleep(AGAIN)


def _hear(redis_url: str, expect: Callable[[Needs], None], look: Callable[[], None], every: float) -> None:
    with connect(redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe(CHANNEL)
        for message in ear.listen():
            needs = read_hint(message["data"])
            if needs:
                expect(needs)
                look()
            time.sleep(every)
