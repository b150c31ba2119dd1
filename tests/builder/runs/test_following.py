"""Following a run: every durable event once and in order, whatever breaks; live ones as far as they are fresh."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import AsyncClient

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User
from builder.runs import live
from builder.runs.consumer import RunConsumer
from builder.runs.follower import Follower, Gone, after_of, subscribed
from builder.runs.ledger import open_ledger
from builder.runs.live import Told
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import RunState
from runtime.events import Event, EventKind
from runtime.safety.policy import Policy
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(username="watcher")


@pytest.fixture
def run(user: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Run:
    policy(stub_policy())
    workspace = create_workspace("mine", user)
    return submit_run(Order(workspace, {"text": "hello"}, graph=chain(("a", "echo", {})))).run


def tell(run: Run, count: int = 1) -> None:
    for _ in range(count):
        with open_ledger(run.pk) as ledger:
            ledger.event(EventKind.STEP_RUNNING, {"step": "a", "attempt": 1})


def end(run: Run) -> None:
    with open_ledger(run.pk) as ledger:
        ledger.start_run()
        ledger._move_run(RunState.SUCCEEDED)
        ledger.event(EventKind.RUN_SUCCEEDED)


class Socket(ApplicationCommunicator):
    """A browser's end of the websocket. (The helper that channels brings would need another server installed.)"""

    def __init__(self, run: Run, user: Any, after: int = 0, profile: str = "author") -> None:
        route = {"kwargs": {"run": run.pk}}
        scope = {
            "type": "websocket",
            "query_string": f"after={after}&profile={profile}".encode(),
            "user": user,
            "url_route": route,
        }
        super().__init__(RunConsumer.as_asgi(), scope)

    async def connect(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(20))["type"] == "websocket.accept"

    async def frame(self) -> dict[str, Any]:
        return json.loads((await self.receive_output(20))["text"])

    async def cut(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1006})
        await self.wait(20)


async def one_by_one(follower: Follower) -> AsyncIterator[Told]:
    async for batch in follower.batches():
        for event in batch:
            yield event


async def frames(socket: Socket, count: int) -> list[dict[str, Any]]:
    return [await socket.frame() for _ in range(count)]


async def test_a_socket_replays_what_was_and_goes_on_with_what_comes(run: Run, user: User) -> None:
    await sync_to_async(tell)(run, 2)
    socket = Socket(run, user)
    await socket.connect()
    assert [f["seq"] for f in await frames(socket, 3)] == [1, 2, 3]
    await sync_to_async(tell)(run, 2)
    late = await frames(socket, 2)
    assert [f["seq"] for f in late] == [4, 5]
    assert set(late[0]) == {"run", "seq", "kind", "at", "data"} and late[0]["run"] == str(run.pk)
    await sync_to_async(end)(run)
    assert [f["kind"] for f in await frames(socket, 2)] == ["run.running", "run.succeeded"]
    assert (await socket.receive_output(20))["type"] == "websocket.close"


async def test_who_claims_to_know_more_than_there_is_is_told_what_comes_and_the_end(
    run: Run, user: User
) -> None:
    socket = Socket(run, user, after=999)
    await socket.connect()
    client = AsyncClient()
    await client.aforce_login(user)
    stream = await client.get(f"/api/runs/{run.pk}/stream?after=999")
    reading = asyncio.ensure_future(body_of(stream))
    await sync_to_async(tell)(run)
    assert (await socket.frame())["seq"] == 2
    await sync_to_async(end)(run)
    assert [f["kind"] for f in await frames(socket, 2)] == ["run.running", "run.succeeded"]
    assert (await socket.receive_output(20))["type"] == "websocket.close"
    lines = (await asyncio.wait_for(reading, 60)).splitlines()
    assert [line for line in lines if line.startswith("id:")][-2:] == ["id: 3", "id: 4"]


async def body_of(stream: Any) -> str:
    return "".join([part.decode() async for part in stream.streaming_content])


async def test_the_public_profile_goes_by_what_steps_do(run: Run, user: User) -> None:
    await sync_to_async(tell)(run, 2)
    live.publisher().show(str(run.pk), Event(EventKind.STEP_PROGRESS, {"step": "a", "done": 1, "of": 2}))
    socket = Socket(run, user, profile="public")
    await socket.connect()
    await sync_to_async(tell)(run, 2)
    await sync_to_async(end)(run)
    told = await frames(socket, 3)
    assert [f["kind"] for f in told] == ["run.queued", "run.running", "run.succeeded"]
    assert [f["seq"] for f in told] == [1, 6, 7]
    client = AsyncClient()
    await client.aforce_login(user)
    stream = await client.get(f"/api/runs/{run.pk}/stream?profile=public")
    body = "".join([part.decode() async for part in stream.streaming_content])
    assert [line for line in body.splitlines() if line.startswith("id:")] == ["id: 1", "id: 6", "id: 7"]


async def test_a_reader_that_is_cut_off_again_and_again_misses_nothing_and_gets_nothing_twice(
    run: Run, user: User
) -> None:
    got: list[int] = []

    async def write() -> None:
        for _ in range(40):
            await sync_to_async(tell)(run)
        await sync_to_async(end)(run)

    writing = asyncio.create_task(write())
    ended = False
    while not ended:
        socket = Socket(run, user, after=got[-1] if got else 0)
        await socket.connect()
        for _ in range(3):
            frame = await socket.frame()
            got.append(frame["seq"])
            if ended := frame["kind"] == "run.succeeded":
                break
        await socket.cut()
    await writing
    last = (await Run.objects.aget(pk=run.pk)).last_event
    assert got == list(range(1, last + 1))


@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_a_run_is_told_to_members_of_its_workspace_only(run: Run, who: str) -> None:
    user: object = None
    if who == "stranger":
        user = await User.objects.acreate(username="stranger")
        await sync_to_async(create_workspace)("theirs", user)
    socket = Socket(run, user)
    await socket.connect()
    closed = await socket.receive_output(20)
    assert closed == {"type": "websocket.close", "code": 4401 if who == "nobody" else 4404}


async def take(follower: Follower, count: int) -> list[live.Told]:
    stream, got = one_by_one(follower), []
    while len(got) < count:
        got.append(await asyncio.wait_for(anext(stream), 20))
    return got


def told_event(run: Run, seq: int) -> live.Told:
    return live.Told(seq, json.dumps({"seq": seq}), "step.running", "a")


async def test_a_gap_in_what_was_told_is_filled_from_the_database(run: Run) -> None:
    await sync_to_async(tell)(run, 5)
    follower = Follower(run.pk, after=1, idle=30)
    stream = one_by_one(follower)
    assert (await anext(stream)).seq == 2
    rest = [(await anext(stream)).seq for _ in range(4)]
    await sync_to_async(tell)(run, 3)
    follower.take({"type": "run.events", "events": [list(told_event(run, 9))]})
    assert rest + [(await anext(stream)).seq for _ in range(3)] == [3, 4, 5, 6, 7, 8, 9]


async def test_what_is_told_twice_or_late_is_dropped(run: Run) -> None:
    await sync_to_async(tell)(run, 3)
    follower = Follower(run.pk, idle=30)
    for seq in (2, 3, 2, 1, 4, 4):
        follower.take({"type": "run.events", "events": [list(told_event(run, seq))]})
    stream = one_by_one(follower)
    assert [(await anext(stream)).seq for _ in range(4)] == [1, 2, 3, 4]
    await sync_to_async(tell)(run)
    follower.take({"type": "run.events", "events": [list(told_event(run, 5))]})
    assert (await anext(stream)).seq == 5


async def test_what_was_told_of_a_deleted_run_is_not_looked_for_for_ever(run: Run) -> None:
    """The rows between would be asked for as fast as the database answers."""
    follower = Follower(run.pk)
    told = one_by_one(follower)
    assert (await anext(told)).kind == EventKind.RUN_QUEUED
    await Run.objects.filter(pk=run.pk).adelete()
    follower.take({"type": "run.events", "events": [told_event(run, 9)]})
    with pytest.raises(Gone):
        await asyncio.wait_for(anext(told), 10.0)


async def test_who_watches_a_run_that_is_deleted_is_sent_away(run: Run, user: User) -> None:
    socket = Socket(run, user)
    await socket.connect()
    await socket.frame()
    client = AsyncClient()
    await sync_to_async(client.force_login)(user)
    body = (await stream_of(client, run)).streaming_content
    assert "run.queued" in (await anext(body)).decode()
    await Run.objects.filter(pk=run.pk).adelete()
    message = {"type": "run.events", "run": str(run.pk), "events": [list(told_event(run, 9))]}
    await live.get_channel_layer().group_send(live.group_of(run.pk), message)
    assert (await socket.receive_output(20)) == {"type": "websocket.close", "code": 4404}
    assert [piece async for piece in body] == []


async def test_when_nobody_tells_anything_the_database_is_asked(run: Run) -> None:
    follower = Follower(run.pk, after=1, idle=0.05)
    stream = one_by_one(follower)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.1)
    await sync_to_async(tell)(run)
    assert (await asyncio.wait_for(waiting, 20)).seq == 2


async def test_a_slow_reader_loses_live_frames_and_never_durable_ones(run: Run) -> None:
    follower = Follower(run.pk, after=1, idle=30)
    for number in range(5_000):
        follower.take({"type": "run.live", "key": "output.partial:answer", "text": f"live {number}"})
    await sync_to_async(tell)(run, 300)
    for seq in range(2, 302):
        follower.take({"type": "run.events", "events": [list(told_event(run, seq))]})
    assert len(follower._told) <= 256 and len(follower._live) == 1
    got = await take(follower, 301)
    assert [event.seq for event in got] == [*range(2, 302), 0]
    assert got[-1].text == "live 4999"


async def test_half_a_text_is_not_told_after_the_whole(run: Run) -> None:
    follower = Follower(run.pk, after=1, idle=30)
    follower.take({"type": "run.live", "key": "output.partial:answer", "text": "half"})
    follower.take({"type": "run.live", "key": "output.partial:other", "text": "other half"})
    follower.take({"type": "run.events", "events": [[2, "whole", "output", "answer"]]})
    assert [event.text for event in await take(follower, 2)] == ["whole", "other half"]


async def test_live_values_arrive_coalesced_and_late_joiners_get_the_last(run: Run) -> None:
    publisher = live.publisher()

    def partial(text: str) -> Event:
        return Event(EventKind.OUTPUT_PARTIAL, {"name": "answer", "step": "a", "text": text})

    async with subscribed(run.pk, 1) as follower:
        stream = one_by_one(follower)
        waiting = asyncio.ensure_future(anext(stream))
        for number in range(200):
            publisher.show(str(run.pk), partial("x" * number))
        texts = []
        while not texts or texts[-1] != "x" * 199:
            event = await asyncio.wait_for(waiting, 20)
            texts.append(json.loads(event.text)["data"]["text"])
            waiting = asyncio.ensure_future(anext(stream))
        waiting.cancel()
    assert len(texts) < 20
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    (late,) = await take(Follower(run.pk, after=1), 1)
    assert json.loads(late.text)["data"]["text"] == "x" * 199 and json.loads(late.text)["seq"] is None


async def test_what_a_durable_event_makes_stale_is_forgotten(run: Run) -> None:
    publisher = live.publisher()
    progress = Event(EventKind.STEP_PROGRESS, {"step": "a", "done": 1, "total": 2, "note": None})
    publisher.show(str(run.pk), progress)

    async def known() -> bool:
        return bool(await live.last_live(run.pk))

    await until(known)
    await sync_to_async(tell)(run)

    async def forgotten() -> bool:
        return not await live.last_live(run.pk)

    await until(forgotten)


def test_threads_that_ask_at_once_get_one_publisher(told: None, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Slow(live.Publisher):
        def __init__(self) -> None:
            made.append(self)
            time.sleep(0.05)

    monkeypatch.setattr(live, "Publisher", Slow)
    with ThreadPoolExecutor(8) as pool:
        got = [future.result() for future in [pool.submit(live.publisher) for _ in range(8)]]
    assert len(made) == 1 and set(got) == set(made)


async def test_a_publisher_goes_on_beside_another_and_after_a_fault_of_ours(run: Run) -> None:
    """Two shared a connection once, and the first whose answer came in the other's loop ended for good."""
    one, other = live.Publisher(), live.Publisher()

    def partial(number: int) -> Event:
        return Event(EventKind.OUTPUT_PARTIAL, {"name": f"answer {number}", "step": "a", "text": "x"})

    one.tell(run.pk, [live.Told("not a number", object(), "output", "a")])  # type: ignore[arg-type] # the fault
    for number in range(20):
        (one, other)[number % 2].show(str(run.pk), partial(number))

    async def all_known() -> bool:
        return len(await live.last_live(run.pk)) == 20

    await until(all_known)


async def until(look: Callable[[], Any]) -> None:
    for _ in range(400):
        if await look():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("what was waited for did not come")


async def stream_of(client: AsyncClient, run: Run, **headers: str) -> Any:
    return await client.get(f"/api/runs/{run.pk}/stream", headers=headers)


async def test_server_sent_events_tell_the_same_story_and_resume_by_number(run: Run, user: User) -> None:
    await sync_to_async(tell)(run, 2)
    await sync_to_async(end)(run)
    client = AsyncClient()
    await client.aforce_login(user)
    response = await stream_of(client, run)
    assert response.status_code == 200 and response["Content-Type"] == "text/event-stream"
    body = "".join([part.decode() async for part in response.streaming_content])
    assert [line for line in body.splitlines() if line.startswith("id:")] == [f"id: {n}" for n in range(1, 6)]
    again = await stream_of(client, run, **{"Last-Event-ID": "3"})
    rest = "".join([part.decode() async for part in again.streaming_content])
    assert [line for line in rest.splitlines() if line.startswith("id:")] == ["id: 4", "id: 5"]
    told_all = await stream_of(client, run, **{"Last-Event-ID": "5"})
    assert told_all.status_code == 204


async def test_server_sent_events_are_for_members_only(run: Run) -> None:
    client = AsyncClient()
    assert (await stream_of(client, run)).status_code == 401
    stranger = await User.objects.acreate(username="stranger")
    await client.aforce_login(stranger)
    response = await stream_of(client, run)
    assert response.status_code == 404 and response.json()["code"] == "not_found"


async def test_without_the_message_service_a_stream_still_tells_all_that_is_durable(
    run: Run, settings: Any
) -> None:
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {
        "default": layer | {"CONFIG": layer["CONFIG"] | {"hosts": ["redis://127.0.0.1:1"]}}
    }
    settings.SLUICEWAY_REDIS_URL = "redis://127.0.0.1:1"
    async with subscribed(run.pk, 0) as follower:
        stream = one_by_one(follower)
        assert (await asyncio.wait_for(anext(stream), 60)).seq == 1
        await sync_to_async(tell)(run)
        assert (await asyncio.wait_for(anext(stream), 60)).seq == 2


@pytest.mark.parametrize("text", [None, "", "x", "-1", "1e9", "9" * 30, "١"])
def test_what_is_no_number_asks_for_the_whole_story(text: str | None) -> None:
    assert after_of(text) == 0
