"""Live: passes what happens in runs to whoever watches, from any thread, without ever making anybody wait.

Durable events are told as they were committed. Live ones are gathered, so that each key (a step's progress, a
result's text) is told at most `RATE` times a second with its last value; that value is kept for late joiners.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

import redis.asyncio
import redis.exceptions
from channels.layers import get_channel_layer
from django.conf import settings
from django.utils import timezone

from runtime.events import Event
from runtime.values import Json

log = logging.getLogger(__name__)

RATE = 15.0  # tellings a second of one key: enough to look alive, few enough for a slow line
KEPT = 600  # seconds for which the last live values are kept
MOST_WAITING = 10_000  # live values that wait to be told, over all runs

Told = tuple[int, str]  # an event's number and its JSON


def group_of(run: UUID | str) -> str:
    return f"run.{run}"


def frame(run: UUID | str, seq: int | None, kind: str, data: dict[str, Json], at: datetime) -> str:
    """An event as the browser gets it."""
    body = {"run": str(run), "seq": seq, "kind": kind, "at": at.isoformat(), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def key_of(event: Event) -> str:
    """What a later live event replaces an earlier one by."""
    return f"{event.kind}:{event.data.get('name') or event.data.get('step') or ''}"


class Publisher:
    """One thread with an event loop of its own: callers hand over and go on."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._waiting: dict[tuple[str, str], str] = {}
        self._flushing = False
        self._lock = threading.Lock()
        threading.Thread(target=self._loop.run_forever, name="live", daemon=True).start()

    def tell(self, run: UUID | str, events: Sequence[Told]) -> None:
        """Pass on durable events that have been committed."""
        message = {"type": "run.events", "events": [list(event) for event in events]}
        self._submit(self._send(str(run), message, "durable events"))

    def show(self, run: str, event: Event) -> None:
        """Pass on a live event some time soon; a newer one of the same key takes its place."""
        text = frame(run, None, event.kind.value, event.data, timezone.now())
        with self._lock:
            if len(self._waiting) < MOST_WAITING or (run, key_of(event)) in self._waiting:
                self._waiting[run, key_of(event)] = text
            if self._flushing:
                return
            self._flushing = True
        self._submit(self._flush())

    def _submit(self, work: "asyncio.coroutines.Coroutine[None, None, None]") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _flush(self) -> None:
        while True:
            with self._lock:
                taken, self._waiting = self._waiting, {}
                if not taken:
                    self._flushing = False
                    return
            for (run, key), text in taken.items():
                await self._send(run, {"type": "run.live", "key": key, "text": text}, "a live event")
                await self._keep(run, key, text)
            await asyncio.sleep(1 / RATE)

    async def _send(self, run: str, message: dict[str, Json], what: str) -> None:
        layer = get_channel_layer()
        try:
            await layer.group_send(group_of(run), message)
        except (OSError, redis.exceptions.RedisError) as fault:
            # Who watches finds durable events in the database, and can do without live ones.
            log.warning("%s of run %s not told: %s", what, run, type(fault).__name__)

    async def _keep(self, run: str, key: str, text: str) -> None:
        try:
            async with _client().pipeline(transaction=False) as pipeline:
                pipeline.hset(_hash_of(run), key, text)
                pipeline.expire(_hash_of(run), KEPT)
                await pipeline.execute()
        except (OSError, redis.exceptions.RedisError):
            pass  # the warning of _send says enough


async def last_live(run: UUID | str) -> dict[str, str]:
    """The last live values of a run, by key: what a late joiner would have seen."""
    client = redis.asyncio.Redis.from_url(settings.SLUICEWAY_REDIS_URL, decode_responses=True)
    try:
        return dict(await client.hgetall(_hash_of(run)))
    except (OSError, redis.exceptions.RedisError):
        return {}
    finally:
        await client.aclose()


def _hash_of(run: UUID | str) -> str:
    return f"sluiceway:live:{run}"


@cache
def _client() -> "redis.asyncio.Redis":
    return redis.asyncio.Redis.from_url(settings.SLUICEWAY_REDIS_URL)


@cache
def publisher() -> Publisher:
    """This process's one publisher."""
    return Publisher()
