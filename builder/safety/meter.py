"""Meters trials: who can ask filters at will can search for what they miss, so each person may so many times a minute.

A trial of "what if" counts, and words that were refused: of words that pass there is something left for others to see.
"""

import time
from collections.abc import Callable
from uuid import uuid4

import redis
from django.conf import settings

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.ask_worker import no_worker
from runtime.dispatch.trial import connect
from runtime.words import Words

PER_MINUTE = 20
MINUTE = 60


def spend(user: User) -> int:
    """Count one more; how many are left in this minute. Raises Refused `too_many_trials`, and then counts nothing."""
    mark = uuid4().hex

    def add(client: "redis.Redis", key: str) -> int:
        now = time.time()
        with client.pipeline() as pipe:
            pipe.zremrangebyscore(key, 0, now - MINUTE)
            pipe.zadd(key, {mark: now})
            pipe.zcard(key)
            pipe.expire(key, MINUTE)
            spent = int(pipe.execute()[2])
        if spent > PER_MINUTE:
            client.zrem(key, mark)
        return spent

    spent = _with(user, add)
    if spent > PER_MINUTE:
        raise _too_often()
    return PER_MINUTE - spent


def require_left(user: User) -> None:
    """Raises Refused `too_many_trials` when this person has none left."""
    if _with(user, lambda client, key: int(client.zcount(key, time.time() - MINUTE, "+inf"))) >= PER_MINUTE:
        raise _too_often()


def _with(user: User, ask: Callable[["redis.Redis", str], int]) -> int:
    try:
        with connect(settings.SLUICEWAY_REDIS_URL) as client:
            return ask(client, f"sluiceway:what-if:by:{user.pk}")
    except (OSError, redis.exceptions.RedisError):
        raise no_worker() from None  # workers are reached by the same way


def _too_often() -> Refused:
    return Refused(
        "too_many_trials",
        Words("This is enough for one minute: {most} trials.", "每分钟最多试用 {most} 次。").fill(
            most=str(PER_MINUTE)
        ),
        Words("Wait a moment and try again.", "请稍候再试。"),
        status=429,
        wait=MINUTE,
    )
