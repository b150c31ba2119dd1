"""footprint: what an idle installation weighs in memory, and how long its second start and its stop take.

With `--runs N` instead: how much each of its processes has grown while that many runs went through it.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from builder.bootstrap import places
from tests.bench.engine.graphs import nodes
from tests.bench.engine.runner import Runner
from tests.bench.figures import Figure
from tests.fixtures.site import running
from tests.safety.wire import Visitor, server

BAR_SECOND_START_S = 5.0
BAR_STOP_S = 3.0
BARS_MB = {"web": 120.0, "worker_agent": 100.0, "worker_child": 60.0}
SETTLING_S = 5.0
# What a process may weigh more after the last runs than after the first fifth, when all that it keeps is full.
BAR_GROWTH_MB = 5.0
GROWING = ("web", "worker_agent", "worker_child", "valkey")
CLIENTS = 4
PALETTE = "from runtime.nodes.registry import load_registry; load_registry().palette()"
RESIDENT = "print(next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmRSS')) * 1024)"


def measure(runs: int = 0) -> Sequence[Figure]:
    return list(_growth(runs)) if runs else _idle()


def _idle() -> Sequence[Figure]:
    with tempfile.TemporaryDirectory(prefix="sluiceway-bench-") as folder:
        home = Path(folder)
        with running(home):
            pass  # the first start makes the database and installs the models
        begun = time.perf_counter()
        with running(home) as site:
            started = time.perf_counter() - begun
            time.sleep(SETTLING_S)
            weights = _weights(site.process.pid)
            ending = time.perf_counter()
        stopped = time.perf_counter() - ending
    return [
        Figure("second_start", started, "s", BAR_SECOND_START_S),
        Figure("stop", stopped, "s", BAR_STOP_S),
        Figure("palette_alone", _palette_mb(), "MB"),
        *(Figure(f"{name}_rss", size, "MB", BARS_MB.get(name)) for name, size in sorted(weights.items())),
    ]


def _growth(runs: int) -> Iterator[Figure]:
    """Each run is asked something else, over sockets that stay open."""
    with server() as site:
        visitor = Visitor(site)
        workflow = Runner(visitor).workflow(nodes(1))
        runners = [Runner(visitor) for _ in range(CLIENTS)]

        def go(first: int, last: int) -> dict[str, float]:
            def work(number: int) -> None:
                for asked in range(first + number, last, CLIENTS):
                    runners[number].run(workflow, f"run {asked}")

            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(work, range(CLIENTS)))
            time.sleep(SETTLING_S)
            return _weights(site.process.pid)

        begun = time.perf_counter()
        before = go(0, runs // 5)
        after = go(runs // 5, runs)
        took = time.perf_counter() - begun
    yield Figure("runs", runs, "runs", note=f"{CLIENTS} clients, {took:.0f} s")
    for name in GROWING:
        note = f"{before[name]:.1f} MB after {runs // 5:,} runs, {after[name]:.1f} at the end"
        yield Figure(f"{name}_growth", after[name] - before[name], "MB", BAR_GROWTH_MB, note=note)


def _weights(pid: int) -> dict[str, float]:
    return {_name(below): _resident_mb(below) for below in _below(pid)}


def _below(pid: int) -> Iterator[int]:
    """The process and everything under it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):  # each thread has its own
        for child in children.read_text().split():
            yield from _below(int(child))


def _name(pid: int) -> str:
    """What a process is to this project, from its command line."""
    line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    known = {"builder.serve": "web", "runtime.worker.child": "worker_child", "runtime.worker": "worker_agent"}
    for mark, name in known.items():
        if mark in line:
            return name
    return "valkey" if "valkey" in line else "supervisor" if "manage.py" in line else "guard"


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _palette_mb() -> float:
    """A process that has done nothing but describe all node types."""
    done = subprocess.run(
        [sys.executable, "-c", f"{PALETTE}; {RESIDENT}"],
        cwd=places.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout) / 1e6
