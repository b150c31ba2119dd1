"""Visit: an editor who tries to get something past the gates, through the public API alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from asgiref.sync import async_to_sync
from django.test import AsyncClient

from builder.accounts.roles import Role
from builder.runs.models import Run
from runtime.safety.policy import Policy
from tests.api.conftest import Member, join
from tests.safety.paths.walk import drawings, walk, without_drawings

# Typed in small letters, and made large by a node: what she typed herself is no secret from her.
TYPED = "canary-7261 forbidden"
CANARY = "CANARY-7261"


@dataclass
class Visit:
    member: Member
    agent: Any
    policy: Callable[[Policy], Policy]
    # What had been drawn before anything of hers ran: it is told from what a run makes by having been there.
    drawn: list[Any] = field(default_factory=list)

    @cached_property
    def onlooker(self) -> Member:
        """Somebody who may look at her workspace, and has started nothing."""
        return join(f"onlooker-{self.member.user.username}", self.member.workspace, Role.VIEWER)

    def post(self, path: str, body: Any, status: int | None = None) -> Any:
        if path.endswith("/runs"):
            self.drawn += drawings()
        answer = self.member.client.post(f"/api/{path}", body, format="json")
        assert status is None or answer.status_code == status, answer.content
        return answer.json() | {"status": answer.status_code}

    def draw(self, graph: Any) -> str:
        """A workflow of hers, imported as a graph."""
        home = self.member.workspace.pk
        return str(self.post(f"workspaces/{home}/workflows", {"name": "hers", "graph": graph}, 201)["id"])

    def publish(self, graph: Any) -> str:
        """A published version of a workflow of hers, as a node names what it calls."""
        workflow = self.draw(graph)
        number = self.post(f"workflows/{workflow}/versions", {}, 201)["number"]
        return f"{workflow}@{number}"

    def run(self, workflow: str, text: str = TYPED, **more: Any) -> str | None:
        """The run once the worker has nothing left to do; None when it was refused."""
        answer = self.post(f"workflows/{workflow}/runs", {"inputs": {"text": text}, **more})
        if answer["status"] != 201:
            return None
        self.agent.drain()
        return str(answer["id"])

    def seen(self, workflow: str, run: str | None, everywhere: bool = True) -> Iterator[str]:
        """Every answer in which something of the run could stand: to her, and to somebody who only looks.

        Not `everywhere`: only where runs are told of, which is a twentieth of the time.
        """
        paths = [f"workspaces/{self.member.workspace.pk}/runs", f"workflows/{workflow}/runs"]
        if run is not None:
            paths += [f"runs/{run}", f"runs/{run}/events"]
            yield async_to_sync(self._stream)(run)
            yield from self._live(run)
        for path in paths:
            body = self.member.client.get(f"/api/{path}").content.decode()
            yield body
            yield from self._contents(json.loads(body))
        for reader in (self.member, self.onlooker) if everywhere else ():
            for answer in walk(reader, workflow, run):
                yield without_drawings(answer, self.drawn)

    def _contents(self, body: Any) -> Iterator[str]:
        """The bytes behind every address of an asset in an answer."""
        if isinstance(body, dict):
            url = body.get("url")
            if isinstance(url, str) and url.startswith("/api/assets/"):
                yield b"".join(self.member.client.get(url)).decode("latin-1")
            for value in body.values():
                yield from self._contents(value)
        elif isinstance(body, list):
            for value in body:
                yield from self._contents(value)

    async def _stream(self, run: str) -> str:
        client = AsyncClient()
        await client.aforce_login(self.member.user)
        answer = await client.get(f"/api/runs/{run}/stream")
        return b"".join([part async for part in answer.streaming_content]).decode()

    def _live(self, run: str) -> Iterator[str]:
        """What the message service still holds for late readers."""
        import redis
        from django.conf import settings

        service = redis.Redis.from_url(settings.SLUICEWAY_REDIS_URL, decode_responses=True)
        try:
            yield str(service.hgetall(f"sluiceway:live:{run}"))
        finally:
            service.close()

    def state(self, run: str | None) -> str:
        return "refused" if run is None else Run.objects.get(pk=run).state
