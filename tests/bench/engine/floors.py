"""Floors: what a run cannot be faster than here and now. A Celery round trip, a commit, a row read through REST."""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis
from celery import Celery

from builder.bootstrap import places, services
from builder.bootstrap.supervisor import Supervisor
from tests.bench.engine.runner import Runner
from tests.bench.figures import Figure

TASK, ANSWERS, QUEUE = "floor.answer", "floor.answers", "floor"
TIMES = 200
ADDRESS = "SLUICEWAY_FLOOR_URL"


def celery_round_trip() -> Figure:
    """A task that does nothing but say so, by the transport, pool and settings that wake-ups have."""
    with tempfile.TemporaryDirectory(prefix="sluiceway-floor-") as folder, Supervisor() as supervisor:
        supervisor.start(services.valkey(Path(folder)))
        supervisor.wait_ready(services.VALKEY, services.SECONDS_TO_START)
        address = places.redis_url(Path(folder))
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.engine.floors"],
            cwd=places.ROOT,
            env=os.environ | {ADDRESS: address},
        )
        try:
            app, client = _app(address), redis.Redis.from_url(address, socket_timeout=60)
            taken = [_seconds(lambda: _ask(app, client)) for _ in range(TIMES)]
        finally:
            worker.terminate()
            worker.wait(20)
    return Figure("floor.celery_round_trip", 1000 * statistics.median(taken[TIMES // 10 :]), "ms")


def commit() -> Figure:
    """One row and a commit, by SQLite as we set it up. Of Postgres the round trip to another process comes on top."""
    with tempfile.TemporaryDirectory(prefix="sluiceway-floor-") as folder:
        line = sqlite3.connect(Path(folder) / "floor.sqlite3", isolation_level=None)
        line.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE floor (n INTEGER);"
        )

        def once() -> None:
            line.execute("BEGIN IMMEDIATE")
            line.execute("INSERT INTO floor VALUES (1)")
            line.execute("COMMIT")

        taken = [_seconds(once) for _ in range(TIMES)]
        line.close()
    return Figure("floor.sqlite_commit", 1000 * statistics.median(taken), "ms")


def row_read(runner: Runner) -> Figure:
    """The session of whoever asks, which every request that knows people needs to read."""
    taken = [_seconds(lambda: runner.get("/api/session")) for _ in range(TIMES)]
    return Figure("floor.rest_read", 1000 * statistics.median(taken), "ms")


def _app(address: str) -> Celery:
    from runtime.dispatch.wake import make_app

    app = make_app(address)

    def answer() -> None:
        redis.Redis.from_url(address).rpush(ANSWERS, "1")

    app.task(answer, name=TASK)
    return app


def _ask(app: Celery, client: "redis.Redis") -> None:
    app.send_task(TASK, queue=QUEUE, ignore_result=True)
    client.blpop([ANSWERS], timeout=50)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    _app(os.environ[ADDRESS]).Worker(
        pool="threads", concurrency=1, queues=[QUEUE], without_gossip=True, without_mingle=True,
        without_heartbeat=True, loglevel="CRITICAL", quiet=True,
    ).start()  # fmt: skip


if __name__ == "__main__":
    main()
