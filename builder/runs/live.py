"""Live: passes what happens in runs to whoever watches, from any thread, without ever making anybody wait.

Durable events are told as they were committed. Live ones are gathered, so that each key (a step's progress, a
result's text) is told at most `RATE` times a second with its last value; that value is kept for late joiners, in the
memory of the message service alone.
A durable event retires the live ones that it makes stale: nobody sees half a text after the whole.
"""

import asyncio
import json
import logging
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import redis.asyncio
import redis.exceptions
from channels.layers import get_channel_layer
from django.conf import settings
from django.utils import timezone

from runtime.dispatch.states import RUN_ENDED
from runtime.events import Event, EventKind
from runtime.values import Json

log = logging.getLogger(__name__)

RATE = 15.0  # tellings a second of one key: enough to look alive, few enough for a slow line
KEPT = 600  # seconds for which the last live values are kept
_FIRST = threading.Lock()  # a cache alone lets two threads that ask at once make one each
MOST_WAITING = (
    10_000  # tellings that wait while the message service is away; durable events stay in the database
)

ENDS = frozenset(f"run.{state}" for state in RUN_ENDED)
_OF_STEP = (EventKind.STEP_PROGRESS.value, EventKind.STEP_PREVIEW.value)


class Told(NamedTuple):
    """A durable event on its way: its number, its JSON, and what it is about (a step's or an output's name)."""

    seq: int
    text: str
    kind: str
    about: str


def group_of(run: UUID | str) -> str:
    return f"run.{run}"


def told(run: UUID, seq: int, kind: str, data: dict[str, Json], at: datetime) -> Told:
    return Told(seq, _frame(str(run), seq, kind, data, at), kind, _about(data))


def retired_by(event: Told) -> tuple[str, ...]:
    """The live keys that say nothing more once this durable event is known."""
    if event.kind == EventKind.OUTPUT:
        return (f"{EventKind.OUTPUT_PARTIAL}:{event.about}",)
    if event.kind == EventKind.RUN_RUNNING:
        return (f"{EventKind.QUEUE_POSITION}:",)
    if event.kind.startswith("step."):
        return tuple(f"{kind}:{event.about}" for kind in _OF_STEP)
    return ()


class Publisher:
    """One thread with an event loop of its own: callers hand over and go on. What is handed over stays in order."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._lock = threading.Lock()
        self._durable: deque[tuple[str, list[Told]]] = deque(maxlen=MOST_WAITING)
        self._waiting: dict[tuple[str, str], str] = {}  # live values of the next round
        self._round: dict[tuple[str, str], str] = {}  # live values of this round
        # A connection belongs to the loop that opened it: shared with another publisher's, it would end both.
        self._client = redis.asyncio.Redis.from_url(settings.SLUICEWAY_REDIS_URL)
        threading.Thread(target=self._serve, name="live", daemon=True).start()

    def tell(self, run: UUID | str, events: Sequence[Told]) -> None:
        """Pass on durable events that have been committed."""
        stale = {(str(run), key) for event in events for key in retired_by(event)}
        with self._lock:
            self._durable.append((str(run), list(events)))
            for key in stale:
                self._waiting.pop(key, None)
                self._round.pop(key, None)
        self._wake()

    def show(self, run: str, event: Event) -> None:
        """Pass on a live event some time soon; a newer one of the same key takes its place."""
        key = (run, f"{event.kind}:{_about(event.data)}")
        text = _frame(run, None, event.kind.value, event.data, timezone.now())
        with self._lock:
            if len(self._waiting) < MOST_WAITING or key in self._waiting:
                self._waiting[key] = text
        self._wake()

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._news.set)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._work())

    async def _work(self) -> None:
        rest_until = 0.0
        while True:
            self._news.clear()
            with self._lock:
                durable = self._durable.popleft() if self._durable else None
                if durable is None and not self._round and self._loop.time() >= rest_until:
                    self._round, self._waiting = self._waiting, {}
                    rest_until = self._loop.time() + 1 / RATE
                live = next(iter(self._round.items()), None) if durable is None else None
                if live:
                    del self._round[live[0]]
                resting = bool(self._waiting)
            if not durable and not live:
                await self._rest(rest_until if resting else None)
                continue
            try:
                if durable:
                    await self._send_durable(*durable)
                elif live:
                    await self._send_live(*live[0], live[1])
            except Exception:
                # A fault of ours: loud, and told once. Without this thread nobody would be told of anything again.
                log.exception("a telling was lost")

    async def _rest(self, until: float | None) -> None:
        timeout = None if until is None else max(0.0, until - self._loop.time())
        try:
            await asyncio.wait_for(self._news.wait(), timeout)
        except TimeoutError:
            pass  # time for the next round

    async def _send_durable(self, run: str, events: list[Told]) -> None:
        await self._send(run, {"type": "run.events", "events": [list(event) for event in events]})
        await self._forget(run, events)

    async def _send_live(self, run: str, key: str, text: str) -> None:
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                pipeline.hset(_hash_of(run), key, text)
                pipeline.expire(_hash_of(run), KEPT)
                await pipeline.execute()
        except (OSError, redis.exceptions.RedisError):
            pass  # the warning of _send says enough
        await self._send(run, {"type": "run.live", "key": key, "text": text})

    async def _send(self, run: str, message: dict[str, Json]) -> None:
        try:
            await get_channel_layer().group_send(group_of(run), {**message, "run": run})
        except (OSError, redis.exceptions.RedisError) as fault:
            # Who watches finds durable events in the database, and can do without live ones.
            log.warning("%s of run %s not told: %s", message["type"], run, type(fault).__name__)

    async def _forget(self, run: str, events: Iterable[Told]) -> None:
        """Late joiners must not be told what is no longer so."""
        keys = [key for event in events for key in retired_by(event)]
        try:
            if any(event.kind in ENDS for event in events):
                await self._client.delete(_hash_of(run))
            elif keys:
                await self._client.hdel(_hash_of(run), *keys)
        except (OSError, redis.exceptions.RedisError):
            pass  # the warning of _send says enough


async def last_live(run: UUID | str) -> dict[str, str]:
    """The last live values of a run, by key: what a late joiner would have seen."""
    try:
        found = await _reader().hgetall(_hash_of(run))
    except (OSError, redis.exceptions.RedisError):
        return {}
    return {str(key): str(text) for key, text in found.items()}


# One for each event loop, which must not use another's; a server has one.
_readers: "WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis]" = WeakKeyDictionary()


def _reader() -> "redis.asyncio.Redis":
    """What reads for all watchers of this loop: to open a connection for each took longer than what it was for."""
    loop = asyncio.get_running_loop()
    if loop not in _readers:
        _readers[loop] = redis.asyncio.Redis.from_url(settings.SLUICEWAY_REDIS_URL, decode_responses=True)
    return _readers[loop]


@cache
def _the_publisher() -> Publisher:
    return Publisher()


def publisher() -> Publisher:
    """This process's one publisher, whichever thread asks first."""
    with _FIRST:
        return _the_publisher()


def _hash_of(run: UUID | str) -> str:
    return f"sluiceway:live:{run}"


def _about(data: dict[str, Json]) -> str:
    return str(data.get("name") or data.get("step") or "")


def _frame(run: str, seq: int | None, kind: str, data: dict[str, Json], at: datetime) -> str:
    """An event as the browser gets it."""
    body = {"run": run, "seq": seq, "kind": kind, "at": at.isoformat(), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
