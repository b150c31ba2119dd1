"""One websocket that watches several runs in turn: what it is told is what a run's own socket would tell."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User, Workspace
from builder.runs import consumer, follower, live, may_watch
from builder.runs.consumer import RunsConsumer
from builder.runs.listen import keep_listening, lifespan
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from tests.builder.runs.test_following import end, tell
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(username="watcher")


@pytest.fixture
def workspace(user: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Workspace:
    policy(stub_policy())
    return create_workspace("mine", user)


def start(workspace: Workspace) -> Run:
    return submit_run(Order(workspace, {"text": "hello"}, graph=chain(("a", "echo", {})))).run


class Socket(ApplicationCommunicator):
    def __init__(self, user: Any, session: Any = None) -> None:
        scope = {"type": "websocket", "query_string": b"", "user": user, "session": session}
        super().__init__(RunsConsumer.as_asgi(), scope)

    async def connect(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(20))["type"] == "websocket.accept"

    async def ask(self, **frame: Any) -> None:
        await self.send_input({"type": "websocket.receive", "text": json.dumps(frame)})

    async def frame(self) -> Any:
        return json.loads((await self.receive_output(20))["text"])

    async def events(self, count: int) -> list[tuple[str, int]]:
        """So many events: of which run, and their numbers."""
        got: list[tuple[str, int]] = []
        while len(got) < count:
            got += [(event["run"], event["seq"]) for event in await self.frame()]
        return got

    async def cut(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1006})
        await self.wait(20)


async def connected(user: Any) -> Socket:
    socket = Socket(user)
    await socket.connect()
    return socket


async def test_who_claims_to_know_more_than_there_is_is_told_what_comes(
    workspace: Workspace, user: User
) -> None:
    run = await sync_to_async(start)(workspace)
    socket = await connected(user)
    await socket.ask(watch=str(run.pk), after=999)
    await socket.ask(leave="nobody")
    assert await socket.frame() == {"refused": "not_understood"}, "what was asked before is answered"
    await sync_to_async(end)(run)
    last = (await Run.objects.aget(pk=run.pk)).last_event
    assert (await socket.events(last - 1))[-1] == (str(run.pk), last)
    await socket.cut()


async def test_several_runs_are_told_over_one_socket_each_in_its_order(
    workspace: Workspace, user: User
) -> None:
    one, other = [await sync_to_async(start)(workspace) for _ in range(2)]
    socket = await connected(user)
    await socket.ask(watch=str(one.pk))
    await socket.ask(watch=str(other.pk))
    assert sorted(await socket.events(2)) == sorted([(str(one.pk), 1), (str(other.pk), 1)])
    for run in (one, other, one):
        await sync_to_async(tell)(run, 2)
    await sync_to_async(end)(one)
    got = await socket.events(8)
    assert [seq for run, seq in got if run == str(one.pk)] == [2, 3, 4, 5, 6, 7]
    assert [seq for run, seq in got if run == str(other.pk)] == [2, 3]
    # The one that has ended was left by itself, the other goes on.
    await sync_to_async(tell)(other)
    assert await socket.events(1) == [(str(other.pk), 4)]
    await socket.cut()


async def test_who_watches_in_silence_is_told_when_a_run_is_not_there_any_more(
    workspace: Workspace, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(may_watch, "AGAIN", 0.1)
    monkeypatch.setattr(follower.Follower.__init__, "__defaults__", (0, 0.2))
    one, other = [await sync_to_async(start)(workspace) for _ in range(2)]
    socket = await connected(user)
    await socket.ask(watch=str(one.pk))
    await socket.ask(watch=str(other.pk))
    await socket.events(2)
    assert await socket.receive_nothing(1.0), "silence alone is no reason"
    await Run.objects.filter(pk=one.pk).adelete()
    assert await socket.frame() == {"run": str(one.pk), "refused": "unknown"}
    await sync_to_async(tell)(other)
    assert await socket.events(1) == [(str(other.pk), 2)]
    await socket.cut()


async def test_a_run_is_watched_from_any_number_and_again_after_its_end(
    workspace: Workspace, user: User
) -> None:
    run = await sync_to_async(start)(workspace)
    await sync_to_async(tell)(run, 3)
    await sync_to_async(end)(run)
    socket = await connected(user)
    for after, numbers in ((4, [5, 6]), (5, [6]), (0, [1, 2, 3, 4, 5, 6])):
        await socket.ask(watch=str(run.pk), after=after)
        assert [seq for _, seq in await socket.events(len(numbers))] == numbers
    await socket.ask(watch=str(run.pk), profile="public")
    assert [event["kind"] for event in await socket.frame()] == ["run.queued", "run.running", "run.succeeded"]
    await socket.cut()


async def test_what_is_left_is_told_no_more(workspace: Workspace, user: User) -> None:
    one, other = [await sync_to_async(start)(workspace) for _ in range(2)]
    socket = await connected(user)
    for run in (one, other):
        await socket.ask(watch=str(run.pk))
    await socket.events(2)
    await socket.ask(leave=str(one.pk))
    await socket.ask(leave=str(one.pk))  # who asks twice gets what was asked for
    await socket.ask(watch="nobody's")
    assert await socket.frame() == {"refused": "not_understood"}  # so both were heard
    await sync_to_async(tell)(one)
    await sync_to_async(tell)(other)
    assert await socket.events(1) == [(str(other.pk), 2)]
    assert await socket.receive_nothing(0.3)
    await socket.cut()


async def test_a_run_that_is_deleted_is_refused_and_the_others_are_told(
    workspace: Workspace, user: User
) -> None:
    one, other = [await sync_to_async(start)(workspace) for _ in range(2)]
    socket = await connected(user)
    for run in (one, other):
        await socket.ask(watch=str(run.pk))
    await socket.events(2)
    await Run.objects.filter(pk=one.pk).adelete()
    message = {"type": "run.events", "run": str(one.pk), "events": [[9, "{}", "step.running", "a"]]}
    await live.get_channel_layer().group_send(live.group_of(one.pk), message)
    assert await socket.frame() == {"run": str(one.pk), "refused": "unknown"}
    await sync_to_async(tell)(other)
    assert await socket.events(1) == [(str(other.pk), 2)]
    await socket.cut()


async def test_runs_of_others_and_unknown_ones_are_refused_alike(workspace: Workspace, user: User) -> None:
    stranger = await User.objects.acreate(username="stranger")
    run = await sync_to_async(start)(workspace)
    socket = await connected(stranger)
    for name in (str(run.pk), "0192f0c1-0000-7000-8000-000000000000"):
        await socket.ask(watch=name)
        assert await socket.frame() == {"run": name, "refused": "unknown"}
    await sync_to_async(tell)(run)
    assert await socket.receive_nothing(0.3)
    await socket.cut()


@pytest.mark.parametrize("how", ["membership", "account", "session"])
async def test_who_is_shown_out_is_told_no_more_and_begins_nothing_new(
    workspace: Workspace, user: User, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(may_watch, "AGAIN", 0.0)
    one, other = [await sync_to_async(start)(workspace) for _ in range(2)]
    session = SessionStore()
    await sync_to_async(session.save)()
    socket = Socket(user, session)
    await socket.connect()
    await socket.ask(watch=str(one.pk))
    await socket.events(1)
    if how == "membership":
        await Membership.objects.filter(user=user).adelete()
    elif how == "account":
        await User.objects.filter(pk=user.pk).aupdate(is_active=False)
    else:
        await sync_to_async(session.delete)()
    await sync_to_async(tell)(one)
    assert await socket.frame() == {"run": str(one.pk), "refused": "unknown"}
    await socket.ask(watch=str(other.pk))
    assert await socket.frame() == {"run": str(other.pk), "refused": "unknown"}
    await sync_to_async(tell)(one)
    assert await socket.receive_nothing(0.3)
    await socket.cut()


async def test_after_its_last_number_a_run_has_nothing_to_tell(workspace: Workspace, user: User) -> None:
    run = await sync_to_async(start)(workspace)
    await sync_to_async(end)(run)
    socket = await connected(user)
    for after in (3, 99):
        await socket.ask(watch=str(run.pk), after=after)
        assert await socket.frame() == {"run": str(run.pk), "refused": "told"}
    await socket.cut()


async def test_a_fault_while_somebody_watches_ends_the_socket_so_that_they_come_back(
    workspace: Workspace, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("gone")

    run = await sync_to_async(start)(workspace)
    monkeypatch.setattr(follower.Follower, "_read", broken)
    socket = await connected(user)
    await socket.ask(watch=str(run.pk))
    assert await socket.receive_output(20) == {"type": "websocket.close", "code": consumer.FAULT}
    await socket.cut()


async def test_who_asks_without_end_is_sent_away(
    user: User, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "MOST_ASKED", 5)
    socket = await connected(user)
    for _ in range(5):
        await socket.ask(nothing="at all")
    for _ in range(4):
        assert await socket.frame() == {"refused": "not_understood"}
    assert await socket.receive_output(20) == {"type": "websocket.close", "code": consumer.TOO_MUCH}
    await socket.cut()


async def test_nobody_is_told_who_is_not_signed_in(db: None, told: None) -> None:
    socket = await connected(None)
    assert await socket.receive_output(20) == {"type": "websocket.close", "code": 4401}


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "7", '{"watch": 7}', '{"watch": null}', "[" * 20_000])
async def test_what_is_no_question_of_ours_is_answered_so(text: str, user: User, told: None) -> None:
    socket = await connected(user)
    await socket.send_input({"type": "websocket.receive", "text": text})
    assert await socket.frame() == {"refused": "not_understood"}
    await socket.send_input({"type": "websocket.receive", "bytes": b"\xff"})
    assert await socket.frame() == {"refused": "not_understood"}
    await socket.cut()


async def test_a_socket_watches_no_more_than_so_many(
    workspace: Workspace, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "MOST_WATCHED", 1)
    one, other = [await sync_to_async(start)(workspace) for _ in range(2)]
    socket = await connected(user)
    await socket.ask(watch=str(one.pk))
    await socket.events(1)
    await socket.ask(watch=str(other.pk))
    assert await socket.frame() == {"run": str(other.pk), "refused": "too_many"}
    await socket.ask(watch=str(one.pk), after=1)  # which it has already
    await sync_to_async(end)(one)
    await socket.events(2)
    await socket.ask(watch=str(other.pk))
    assert await socket.events(1) == [(str(other.pk), 1)]
    await socket.cut()


@pytest.mark.parametrize("away", [False, True])
async def test_a_server_begins_to_listen_with_its_first_breath_and_without_the_message_service_as_well(
    told: None, settings: Any, away: bool
) -> None:
    if away:
        layer = settings.CHANNEL_LAYERS["default"]
        settings.CHANNEL_LAYERS = {
            "default": layer | {"CONFIG": layer["CONFIG"] | {"hosts": ["redis://127.0.0.1:1"]}}
        }
    server = ApplicationCommunicator(lifespan, {"type": "lifespan"})
    await server.send_input({"type": "lifespan.startup"})
    assert await server.receive_output(20) == {"type": "lifespan.startup.complete"}
    await server.send_input({"type": "lifespan.shutdown"})
    assert await server.receive_output(20) == {"type": "lifespan.shutdown.complete"}
    await server.wait(20)


async def test_one_channel_stays_however_often_it_is_asked_for(told: None) -> None:
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    for _ in range(3):
        await keep_listening()
    assert len(layer._get_layer().channels) == 1
