"""RunConsumer: a websocket that tells what happens in one run, to a member of its workspace."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from builder.accounts.models import User
from builder.runs.follower import Follower, after_of
from builder.runs.live import ENDS, Told, group_of
from builder.runs.models import Run
from builder.runs.profiles import profile_of

SIGNED_OUT = 4401
UNKNOWN = 4404  # also for a run of others: the two cannot be told apart


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
        if not await may_watch(user, run):
            await self.close(UNKNOWN)
            return
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self._follower = Follower(run, after_of(query.get("after", ["0"])[0]))
        self.groups.append(group_of(run))  # channels leaves these groups when the socket closes
        await self.channel_layer.group_add(group_of(run), self.channel_name)
        shown = profile_of(query.get("profile", [None])[0])
        self._pump = asyncio.create_task(self._tell(self._follower, shown))

    async def disconnect(self, code: int) -> None:
        if self._pump is not None:
            self._pump.cancel()

    async def run_events(self, message: dict[str, Any]) -> None:
        if self._follower is not None:
            self._follower.take(message)

    async def run_live(self, message: dict[str, Any]) -> None:
        if self._follower is not None:
            self._follower.take(message)

    async def _tell(self, follower: Follower, shown: Callable[[Told], Told | None]) -> None:
        async for event in follower.frames():
            if told := shown(event):
                await self.send(text_data=told.text)
            if event.kind in ENDS:
                await self.close()
                return


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels carries no types
def may_watch(user: User, run: UUID) -> bool:
    return Run.objects.for_user(user).filter(pk=run).exists()
