"""Fifty people watch one run at a real server, by both ways, and lose their connections again and again: all learn all."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.fixtures.runs import chain
from tests.safety.wire import Visitor, server

WATCHERS = 50
STEPS = 8
LONGEST = 4  # durable events that a connection lives to see
Story = Callable[[Visitor, str, int], AsyncIterator[dict[str, Any]]]


async def by_socket(visitor: Visitor, run: str, after: int) -> AsyncIterator[dict[str, Any]]:
    address = f"{visitor.address.replace('http', 'ws')}/ws/runs/{run}?after={after}"
    headers = {"Cookie": visitor.cookie, "Origin": visitor.address}
    async with connect(address, additional_headers=headers, proxy=None, open_timeout=60) as socket:
        try:
            async for frame in socket:
                yield json.loads(frame)
        finally:
            socket.transport.abort()  # nobody says goodbye


async def by_stream(visitor: Visitor, run: str, after: int) -> AsyncIterator[dict[str, Any]]:
    host = visitor.address.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    lines = [f"GET /api/runs/{run}/stream HTTP/1.1", f"Host: {host}", f"Cookie: {visitor.cookie}"]
    writer.write("\r\n".join([*lines, f"Last-Event-ID: {after}", "", ""]).encode())
    try:
        async for line in reader:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))
    finally:
        writer.transport.abort()


async def watch(visitor: Visitor, run: str, story: Story, chance: random.Random) -> tuple[list[int], int]:
    """The numbers that one watcher got in the end, and how often the connection was lost."""
    got: list[int] = []
    lost = -1
    ended = False
    while not ended:
        lost += 1
        lives = chance.randint(1, LONGEST)
        async with aclosing(story(visitor, run, got[-1] if got else 0)) as events:
            async for event in events:
                if event["seq"] is None:
                    continue
                got.append(event["seq"])
                ended = event["kind"] == "run.succeeded"
                lives -= 1
                if ended or not lives:
                    break
    return got, lost


async def all_watch(visitor: Visitor, run: str) -> list[tuple[list[int], int]]:
    stories: list[Story] = [by_socket, by_stream]
    return await asyncio.gather(
        *(watch(visitor, run, stories[n % 2], random.Random(n)) for n in range(WATCHERS))
    )


@pytest.fixture(scope="module")
def visitor() -> Any:
    with server() as site:
        yield Visitor(site)


def test_all_of_fifty_who_are_cut_off_learn_each_event_once_and_in_order(visitor: Visitor) -> None:
    graph = chain(*((f"n{n}", "nap", {"seconds": 0.3}) for n in range(STEPS)))
    workflow = visitor.ask(
        "POST", f"/api/workspaces/{visitor.workspace}/workflows", {"name": "w", "graph": graph}
    )
    run = visitor.ask("POST", f"/api/workflows/{workflow['id']}/runs", {"inputs": {"text": "hello"}})["id"]
    seen = asyncio.run(all_watch(visitor, run))
    last = visitor.ask("GET", f"/api/runs/{run}")["last_event"]
    assert last > 2 * STEPS
    assert [got for got, _ in seen] == [list(range(1, last + 1))] * WATCHERS
    assert all(lost for _, lost in seen), "whoever keeps a connection to the end has tried nothing"
