"""A websocket whose other end reads nothing, at a real server: it costs a fixed amount of memory, and loses nothing that is durable."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.common import unread
from builder.common.unread import Protocol
from builder.runs import consumer, live
from builder.runs.consumer import RunsConsumer
from builder.runs.follower import MOST_TOLD
from builder.runs.ledger import open_ledger
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime.events import Event, EventKind
from runtime.safety.policy import Policy
from tests.builder.runs.test_following import end
from tests.fixtures.runs import chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

HIGH_WATER = 64 * 1024  # above which asyncio has whoever writes wait, until a quarter of that is left
ROOM = 32 * 1024  # what the kernel keeps for each end, else it would take megabytes from us
NOTE = "x" * 500
EVENTS, AT_ONCE = 10_000, 100
LARGEST_FRAME = MOST_TOLD * 1_000


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(username="watcher")


@pytest.fixture
def workspace(user: User, stub_packs: None, told: None, policy: Callable[[Policy], Policy]) -> Workspace:
    policy(stub_policy())
    return create_workspace("mine", user)


def start(workspace: Workspace) -> Run:
    return submit_run(Order(workspace, {"text": "hello"}, graph=chain(("a", "echo", {})))).run


def tell(run: Run, count: int = AT_ONCE) -> None:
    with open_ledger(run.pk) as ledger:
        for _ in range(count):
            ledger.event(EventKind.STEP_RUNNING, {"step": "a", "attempt": 1, "note": NOTE})


def show(run: Run, number: int) -> None:
    data = {"name": "answer", "step": "a", "text": f"{number} {NOTE}"}
    live.publisher().show(str(run.pk), Event(EventKind.OUTPUT_PARTIAL, data))


class Served:
    """The server, and what it keeps for those who are connected."""

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self._server, self._port = server, port
        self.consumers: list[RunsConsumer] = []

    @property
    def open(self) -> list[Protocol]:
        return [item for item in self._server.server_state.connections if isinstance(item, Protocol)]

    def waits(self) -> bool:
        """Whether somebody has so much unread that nothing more is sent to them."""
        return any(not item.writable.is_set() for item in self.open)

    def unread(self) -> int:
        """Bytes that the server keeps for the slowest."""
        return max((item.transport.get_write_buffer_size() for item in self.open), default=0)

    def untaken(self) -> int:
        """Messages of the message layer that a consumer has not taken."""
        return max(queue.qsize() for queue in get_channel_layer()._get_layer().channels.values())

    def told(self) -> int:
        """Durable events that wait in memory, for all runs."""
        return sum(len(item.follower._told) for one in self.consumers for item in one._watched.values())

    def lived(self) -> int:
        return sum(len(item.follower._live) for one in self.consumers for item in one._watched.values())

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[ClientConnection]:
        """One that reads nothing by itself: its library stops after a frame or two."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        line.connect(("127.0.0.1", self._port))
        async with connect(
            f"ws://127.0.0.1:{self._port}/", sock=line, max_queue=1, max_size=None, compression=None,
            ping_interval=None, close_timeout=0.1, proxy=None,
        ) as client:  # fmt: skip
            yield client


@asynccontextmanager
async def serving(user: User) -> AsyncIterator[Served]:
    """The consumer behind the server that serves the site, for somebody who has signed in."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        one = RunsConsumer()
        served.consumers.append(one)
        await one({**scope, "user": user, "session": None}, receive, send)

    config = uvicorn.Config(
        application, ws=Protocol, ws_ping_interval=None, lifespan="off", log_level="warning", timeout_graceful_shutdown=1
    )  # fmt: skip
    server = uvicorn.Server(config)
    served = Served(server, listener.getsockname()[1])
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield served
    finally:
        server.should_exit = True
        await running


async def until(look: Callable[[], Any]) -> None:
    for _ in range(1_200):
        if look():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("what was waited for did not come")


async def watch(client: ClientConnection, run: Run) -> None:
    await client.send(json.dumps({"watch": str(run.pk)}))


async def read_on(client: ClientConnection) -> None:
    while True:
        await asyncio.wait_for(client.recv(), 20)


async def full(served: Served, client: ClientConnection, run: Run) -> Protocol:
    """What the server has of one that watches a run and has read nothing, until no more was written for it."""
    await watch(client, run)
    await until(lambda: served.consumers and served.consumers[0]._watched)
    while not served.waits():
        await sync_to_async(tell)(run)
    (open_one,) = served.open
    return open_one


async def test_one_that_stops_reading_costs_a_fixed_amount_and_gets_all_that_is_durable_when_it_reads_again(
    workspace: Workspace, user: User
) -> None:
    runs = [await sync_to_async(start)(workspace) for _ in range(2)]
    async with serving(user) as served, served.visitor() as client:
        for run in runs:
            await watch(client, run)
        await until(lambda: served.consumers and len(served.consumers[0]._watched) == 2)
        unread = kept = 0
        for number in range(EVENTS // AT_ONCE // 2):
            for run in runs:
                await sync_to_async(tell)(run)
                show(run, number)
            unread, kept = max(unread, served.unread()), max(kept, served.told())
        await until(lambda: served.untaken() == 0)
        assert served.waits() and 0 < unread <= HIGH_WATER + LARGEST_FRAME
        assert 0 < kept <= 2 * MOST_TOLD and served.lived() <= 2
        for run in runs:
            await sync_to_async(end)(run)
        got: dict[str, list[int]] = {str(run.pk): [] for run in runs}
        shown = ended = 0
        while ended < 2:
            for event in json.loads(await asyncio.wait_for(client.recv(), 20)):
                if event["seq"] is None:
                    shown += 1
                else:
                    got[event["run"]].append(event["seq"])
                ended += event["kind"] in live.ENDS
        last = 1 + EVENTS // 2 + 2  # queued before, running and succeeded after
        assert list(got.values()) == [list(range(1, last + 1))] * 2
        assert shown < EVENTS // AT_ONCE, "live frames are what is lost"


async def test_one_that_asks_and_reads_no_answers_keeps_nobody_from_taking_what_is_told(
    workspace: Workspace, user: User
) -> None:
    run = await sync_to_async(start)(workspace)
    async with serving(user) as served, served.visitor() as client:
        await full(served, client, run)
        for _ in range(50):
            await client.send("not understood")
        for _ in range(30):
            await sync_to_async(tell)(run, 1)
        await until(lambda: served.untaken() == 0)
        assert served.unread() <= HIGH_WATER + LARGEST_FRAME


async def test_one_that_asks_and_asks_and_reads_no_answers_is_sent_away(
    workspace: Workspace, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly it asks."""
    monkeypatch.setattr(consumer, "MOST_ASKED", 20)
    monkeypatch.setattr(consumer, "IN_SECONDS", 0.0)
    run = await sync_to_async(start)(workspace)
    async with serving(user) as served, served.visitor() as client:
        await full(served, client, run)
        for _ in range(60):
            await client.send("not understood")
        await until(lambda: served.consumers[0]._sent_away)
        assert served.consumers[0]._asked.qsize() <= 20
        with pytest.raises(ConnectionClosedError):
            await read_on(client)
        assert client.close_code == consumer.TOO_MUCH


async def test_one_that_pings_and_reads_no_pongs_is_not_given_them_all(user: User, told: None) -> None:
    async with serving(user) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served._port, limit=1024)
        request = ["GET / HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
        keys = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]
        writer.write("\r\n".join([*request, *keys]).encode())
        await reader.readuntil(b"\r\n\r\n")
        ping = b"\x89\xfd" + bytes(4) + bytes(125)
        for _ in range(200):
            writer.write(ping * 200)
            await asyncio.wait_for(writer.drain(), 20)
        await until(served.waits)
        assert served.unread() <= HIGH_WATER + LARGEST_FRAME
        writer.transport.abort()


async def test_one_that_pings_before_it_goes_on_reading_gets_its_pong(
    workspace: Workspace, user: User
) -> None:
    run = await sync_to_async(start)(workspace)
    async with serving(user) as served, served.visitor() as client:
        open_one = await full(served, client, run)
        pongs = [await client.ping() for _ in range(3)]
        await until(lambda: open_one._pong)
        reading = asyncio.create_task(read_on(client))
        await asyncio.wait_for(asyncio.gather(*pongs), 20)
        reading.cancel()


async def test_one_that_answers_no_ping_is_cut_off_whatever_it_has_not_read(
    workspace: Workspace, user: User
) -> None:
    run = await sync_to_async(start)(workspace)
    async with serving(user) as served, served.visitor() as client:
        open_one = await full(served, client, run)
        open_one.ping_interval = open_one.ping_timeout = 0.1
        open_one.schedule_ping()
        await until(lambda: not served.open)
        await until(lambda: len(get_channel_layer()._get_layer().channels) == 1)  # the server's own ear


async def test_one_that_does_not_read_our_farewell_is_cut_off(
    workspace: Workspace, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "LAST_WORDS", 0.5)
    run = await sync_to_async(start)(workspace)
    async with serving(user) as served, served.visitor() as client:
        open_one = await full(served, client, run)
        open_one.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await until(lambda: not served.open)
