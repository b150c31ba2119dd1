"""Consumers: websockets that tell members of its workspace what happens in a run. One is of one run, one of several in turn."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer

from builder.accounts.models import User
from builder.runs.follower import Follower, Gone, after_of
from builder.runs.listen import keep_listening
from builder.runs.live import ENDS, Told, group_of
from builder.runs.may_watch import Permission
from builder.runs.profiles import profile_of

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
UNKNOWN = 4404  # also for a run of others: the two cannot be told apart
FAULT = 1011  # ours: who comes back goes on where the story broke off
TOO_MUCH = 1008
# Runs that one socket watches at a time, and frames that it may send in so many seconds.
MOST_WATCHED = 64
MOST_ASKED, IN_SECONDS = 600, 10.0


class RunConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels carries no types
    """`/ws/runs/<id>?after=<number>&profile=author|public`: frames are events as JSON. What the browser sends is not looked at."""

    _follower: Follower | None = None
    _pump: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        # Accepted first: a browser learns the code of a close, and nothing of a refused handshake.
        await self.accept()
        user = self.scope.get("user")
        if not isinstance(user, User):
            await self.close(SIGNED_OUT)
            return
        run = self.scope["url_route"]["kwargs"]["run"]
        permission = Permission(user, run, self.scope)
        if not await permission.holds():
            await self.close(UNKNOWN)
            return
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        after = after_of(query.get("after", ["0"])[0])
        if permission.knows_all(after):
            await self.close()
            return
        self._follower = Follower(run, permission.known(after))
        self.groups.append(group_of(run))  # channels leaves these groups when the socket closes
        await keep_listening()  # where the message service was away when the server began
        await self.channel_layer.group_add(group_of(run), self.channel_name)
        shown = profile_of(query.get("profile", [None])[0])
        self._pump = asyncio.create_task(self._tell(self._follower, shown, permission))

    async def disconnect(self, code: int) -> None:
        if self._pump is not None:
            self._pump.cancel()

    async def run_events(self, message: dict[str, Any]) -> None:
        if self._follower is not None:
            self._follower.take(message)

    async def run_live(self, message: dict[str, Any]) -> None:
        if self._follower is not None:
            self._follower.take(message)

    async def _tell(
        self, follower: Follower, shown: Callable[[Told], Told | None], permission: Permission
    ) -> None:
        try:
            async for event in follower.frames(permission.holds):
                if told := shown(event):
                    await self.send(text_data=told.text)
                if event.kind in ENDS:
                    await self.close()
                    return
        except Gone:
            await self.close(UNKNOWN)
        except OSError:
            return  # the other end has gone, as ASGI says it; channels tells us in a moment
        except Exception as fault:  # noqa: BLE001 - the database is away: silence would look like a quiet run
            log.warning("a watcher is sent away: %s", type(fault).__name__)
            await self.close(FAULT)


class Asked(NamedTuple):
    """What a frame asks: to be told of a run after this number, or no more of it."""

    run: str
    watches: bool
    after: int
    shown: Callable[[Told], Told | None]


def read_asked(text: str | None) -> Asked | None:
    """None for a frame that asks for nothing that there is."""
    try:
        asked = json.loads(text or "")
        watches = "watch" in asked
        run = str(UUID(asked["watch"] if watches else asked["leave"]))
        return Asked(run, watches, after_of(str(asked.get("after", 0))), profile_of(asked.get("profile")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


class Watched(NamedTuple):
    """One run that a socket watches, and what passes its events on."""

    follower: Follower
    pump: "asyncio.Task[None]"


class RunsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels carries no types
    """`/ws/runs`: for who starts many runs, and would open a socket for each.

    It is told `{"watch": "<run>", "after": <number>, "profile": "author|public"}` and `{"leave": "<run>"}`. A frame is a list of
    events; `{"run": "<run>", "refused": "unknown" | "too_many" | "told"}` says that a run is not watched (any more), the last that
    nothing comes after this number; `{"refused": "not_understood"}` that a frame was none of these. A run that has told its last
    event is left by itself.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watched: dict[str, Watched] = {}
        self._times: deque[float] = deque(maxlen=MOST_ASKED)
        # What is asked is answered beside what the groups tell. Whoever asked and read no answers would else have us wait, and the
        # message layer would keep for us what is told meanwhile, without end.
        self._asked: asyncio.Queue[Asked | None] = asyncio.Queue(MOST_ASKED)
        self._answering: asyncio.Task[None] | None = None
        self._sent_away: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def connect(self) -> None:
        await self.accept()
        if not isinstance(self.scope.get("user"), User):
            await self.close(SIGNED_OUT)
            return
        await keep_listening()
        self._answering = asyncio.create_task(self._answer())

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._stop()  # before channels leaves the groups: nobody joins or leaves one meanwhile
        await super().websocket_disconnect(message)

    def _stop(self) -> None:
        """Tell nothing and answer nothing any more."""
        if self._answering is not None:
            self._answering.cancel()
        for watched in self._watched.values():
            watched.pump.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Never waits for the other end to read."""
        now = asyncio.get_running_loop().time()
        self._times.append(now)
        too_fast = len(self._times) == MOST_ASKED and now - self._times[0] < IN_SECONDS
        if self._sent_away is None and (too_fast or self._asked.full()):
            self._stop()
            self._sent_away = asyncio.create_task(self.close(TOO_MUCH))
        if self._sent_away is None:
            self._asked.put_nowait(read_asked(text_data))

    async def send(self, text_data: str) -> None:
        """One after the other: as many as wait would else be written together as soon as there is room for one."""
        async with self._turn:
            await super().send(text_data)

    async def _answer(self) -> None:
        """Do what was asked, in its order."""
        try:
            while True:
                asked = await self._asked.get()
                if asked is None:
                    await self.send(json.dumps({"refused": "not_understood"}))
                elif asked.watches:
                    await self._watch(asked)
                else:
                    await self._leave(asked.run)
        except OSError:
            return  # the other end has gone, as ASGI says it; channels tells us in a moment
        except Exception as fault:  # noqa: BLE001 - the database is away: silence would look like a quiet run
            log.warning("a watcher is sent away: %s", type(fault).__name__)
            await self.close(FAULT)

    async def run_events(self, message: dict[str, Any]) -> None:
        self._take(message)

    async def run_live(self, message: dict[str, Any]) -> None:
        self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if watched := self._watched.get(message["run"]):
            watched.follower.take(message)

    async def _watch(self, asked: Asked) -> None:
        """Anew, when it is watched already: the number that was sent last counts."""
        run = UUID(asked.run)
        await self._leave(asked.run)
        permission = Permission(self.scope["user"], run, self.scope)
        if len(self._watched) >= MOST_WATCHED:
            reason = "too_many"
        elif not await permission.holds():
            reason = "unknown"
        elif permission.knows_all(asked.after):
            reason = "told"
        else:
            reason = ""
        if reason:
            await self._refuse(asked.run, reason)
            return
        self.groups.append(group_of(run))
        await self.channel_layer.group_add(group_of(run), self.channel_name)
        follower = Follower(run, permission.known(asked.after))
        pump = asyncio.create_task(self._tell(asked.run, follower, asked.shown, permission))
        self._watched[asked.run] = Watched(follower, pump)

    async def _leave(self, run: str) -> None:
        watched = self._watched.pop(run, None)
        if watched is None:
            return
        watched.pump.cancel()
        self.groups.remove(group_of(run))
        await self.channel_layer.group_discard(group_of(run), self.channel_name)

    async def _refuse(self, run: str, reason: str) -> None:
        await self.send(json.dumps({"run": run, "refused": reason}))

    async def _tell(
        self, run: str, follower: Follower, shown: Callable[[Told], Told | None], permission: Permission
    ) -> None:
        try:
            async for batch in follower.batches():
                if not await permission.holds():
                    await self._refuse(run, "unknown")
                    break
                told = [one.text for event in batch if (one := shown(event))]
                if told:
                    await self.send(f"[{','.join(told)}]")
                if batch and batch[-1].kind in ENDS:
                    break
        except Gone:
            await self._refuse(run, "unknown")
        except OSError:
            return  # the other end has gone, as ASGI says it; channels tells us in a moment
        except Exception as fault:  # noqa: BLE001 - the database is away: silence would look like a quiet run
            log.warning("a watcher is sent away: %s", type(fault).__name__)
            await self.close(FAULT)
            return
        # The pump's own end: it must not cancel itself before the group is left.
        del self._watched[run]
        self.groups.remove(group_of(run))
        await self.channel_layer.group_discard(group_of(run), self.channel_name)
