"""Watchers of a run about which nobody tells them anything: they are sent away when there is nothing to watch any more.

The message service may have lost what was told last.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import AsyncClient

from builder.accounts.models import User
from builder.runs.follower import Follower, Gone
from builder.runs.management.commands.run import Command
from builder.runs.models import Run
from tests.builder.runs.test_following import Socket, run, stream_of, tell, user
from tests.builder.runs.test_watching_several import connected, start

__all__ = ["run", "user"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builder.runs.may_watch.AGAIN", 0.1)
    monkeypatch.setattr(Follower.__init__, "__defaults__", (0, 0.2))
    monkeypatch.setattr("builder.runs.follower.IDLE", 0.2)


async def watched(run: Run, user: User) -> tuple[Socket, Any]:
    """Both ways in, after the first event."""
    socket = Socket(run, user)
    await socket.connect()
    await socket.frame()
    client = AsyncClient()
    await sync_to_async(client.force_login)(user)
    body = (await stream_of(client, run)).streaming_content
    assert "run.queued" in (await anext(body)).decode()
    assert await socket.receive_nothing(1.0), "silence alone is no reason"
    return socket, body


@pytest.mark.parametrize("why", ["deleted", "shown_out"])
async def test_who_watches_is_sent_away(run: Run, user: User, why: str) -> None:
    socket, body = await watched(run, user)
    if why == "deleted":
        await Run.objects.filter(pk=run.pk).adelete()
    else:
        await user.memberships.all().adelete()
    assert (await socket.receive_output(20)) == {"type": "websocket.close", "code": 4404}
    assert [piece async for piece in body] == []


async def test_who_has_signed_out_gets_no_more_of_a_stream(run: Run, user: User) -> None:
    socket, body = await watched(run, user)
    await Session.objects.all().adelete()
    assert await asyncio.wait_for(anext(body, None), 20) is None
    await socket.cut()


async def test_of_several_runs_the_one_that_was_deleted_is_refused(run: Run, user: User) -> None:
    other = await sync_to_async(start)(run.workspace)
    socket = await connected(user)
    for each in (run, other):
        await socket.ask(watch=str(each.pk))
    await socket.events(2)
    await Run.objects.filter(pk=run.pk).adelete()
    assert await socket.frame() == {"run": str(run.pk), "refused": "unknown"}
    await sync_to_async(tell)(other)
    assert await socket.events(1) == [(str(other.pk), 2)]
    await socket.cut()


async def test_a_terminal_does_not_wait_for_a_run_that_was_deleted(run: Run, tmp_path: Path) -> None:
    watching = asyncio.ensure_future(Command()._follow(run, {}, {}, True, tmp_path))
    await asyncio.sleep(1.0)
    assert not watching.done(), "silence alone is no reason"
    await Run.objects.filter(pk=run.pk).adelete()
    with pytest.raises(Gone):
        await asyncio.wait_for(watching, 20)
