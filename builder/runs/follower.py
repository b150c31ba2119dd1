"""Follower: one watcher's view of a run. Every durable event once and in order; live ones as far as there is time.

The watcher's connection feeds it what the group tells and takes frames out. Feeding never waits, and what is fed is
bounded, so a slow reader costs a fixed amount of memory and loses live frames, never durable ones.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import redis.exceptions
from channels.layers import get_channel_layer

from builder.common.prepared import Prepared
from builder.runs import live
from builder.runs.asks_database import asks_database
from builder.runs.live import Told
from builder.runs.models import Event

log = logging.getLogger(__name__)

IDLE = 5.0  # seconds of silence after which the database is asked whether something was missed
POLL = 1.0  # the same where the message service is away, and nobody tells anything
BATCH = 200  # rows that are read at once
ALL = 2**31 - 1  # before this number lie all
MOST_TOLD = 256  # durable events that wait in memory; what is more is read again from the database


class Gone(Exception):
    """There is nothing more for this watcher: the run was deleted before they had read it, or they may not be told any more."""


class Follower:
    """`last` is the number of the last durable event that the watcher has got."""

    def __init__(self, run: UUID, after: int = 0, idle: float = IDLE) -> None:
        self.last = after
        self._run = run
        self._idle = idle
        self._told: deque[Told] = deque(maxlen=MOST_TOLD)
        self._live: dict[str, str] = {}
        self._news = asyncio.Event()

    def take(self, message: dict[str, Any]) -> None:
        """What the run's group was told."""
        if message["type"] == "run.events":
            self._told.extend(Told(*event) for event in message["events"])
        else:
            self._live[message["key"]] = message["text"]
        self._news.set()

    async def frames(self, holds: Callable[[], Awaitable[bool]]) -> AsyncIterator[Told]:
        """What the watcher is to get, one by one, as long as `holds` says that they may be told. Raises Gone, also when they may not any more."""
        async for batch in self.batches():
            if not batch and not await holds():
                raise Gone
            for event in batch:
                if not await holds():
                    raise Gone
                yield event

    async def batches(self) -> AsyncIterator[Sequence[Told]]:
        """What the watcher is to get, from now until the run's last event: what is at hand together. A live frame has the number 0.

        Nothing after a silence: whoever passes it on asks then as well whether they still may. Raises Gone.

        Call it when the group already feeds `take`: what happens while the database is read is then not missed.
        """
        async for batch in self._missed():
            yield batch
        for key, text in (await live.last_live(self._run)).items():
            self._live.setdefault(key, text)
        while True:
            while self._told or self._live:
                if self._told:
                    async for batch in self._next_told():
                        yield batch
                else:
                    key = next(iter(self._live))
                    kind, _, about = key.partition(":")
                    yield [Told(0, self._live.pop(key), kind, about)]
            if not await self._hear():
                async for batch in self._missed():
                    yield batch
                yield ()

    async def _next_told(self) -> AsyncIterator[Sequence[Told]]:
        """The events that were told and follow each other, and before them what lies between."""
        first = self._told[0].seq
        if first > self.last + 1:
            async for batch in self._missed(before=first):
                yield batch
            # Told after they were written, so they were there: asked for again and again they would not come back.
            if first > self.last + 1:
                raise Gone
        next_ones = []
        while self._told and self._told[0].seq <= self.last + 1:
            event = self._told.popleft()
            if event.seq == self.last + 1:
                next_ones.append(self._pass(event))
        if next_ones:
            yield next_ones

    async def _missed(self, before: int | None = None) -> AsyncIterator[Sequence[Told]]:
        """The events after the last that the watcher got, from the database."""
        while True:
            rows = await self._read(before)
            if rows:
                yield [self._pass(event) for event in rows]
            if len(rows) < BATCH:
                return

    def _pass(self, event: Told) -> Told:
        self.last = event.seq
        for key in live.retired_by(event):
            self._live.pop(key, None)
        return event

    async def _hear(self) -> bool:
        """Wait for news; False when there was none for a while."""
        try:
            await asyncio.wait_for(self._news.wait(), self._idle)
        except TimeoutError:
            return False
        self._news.clear()
        return True

    @asks_database
    def _read(self, before: int | None) -> Sequence[Told]:
        rows = _next.rows(self._run, self.last, before or ALL)
        return [live.told(row.run_id, row.seq, row.kind, row.data, row.at) for row in rows]


_next = Prepared(
    lambda run, after, before: Event.objects.filter(run=run, seq__gt=after, seq__lt=before).order_by("seq")[
        :BATCH
    ],
    slots=3,
)


def after_of(text: str | None) -> int:
    """The number after which a watcher wants events; what is no number counts as 0, the whole story."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else 0


@asynccontextmanager
async def subscribed(run: UUID, after: int) -> AsyncIterator[Follower]:
    """A follower that hears the run's group; without the message service it looks at the database by itself."""
    layer = get_channel_layer()
    try:
        channel = await layer.new_channel()
        await layer.group_add(live.group_of(run), channel)
    except (OSError, redis.exceptions.RedisError) as fault:
        log.warning("run %s is followed without live events: %s", run, type(fault).__name__)
        yield Follower(run, after, idle=POLL)
        return
    follower = Follower(run, after, idle=IDLE)
    listening = asyncio.create_task(_listen(channel, follower))
    try:
        yield follower
    finally:
        listening.cancel()
        # Waited for: it still has to take its channel's subscription back.
        await asyncio.gather(listening, return_exceptions=True)
        await layer.group_discard(live.group_of(run), channel)


async def _listen(channel: str, follower: Follower) -> None:
    layer = get_channel_layer()
    while True:
        follower.take(await layer.receive(channel))
