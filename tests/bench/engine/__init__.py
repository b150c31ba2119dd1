"""engine: what a durable run costs, from the POST that asks for it to the last event on its websocket.

A whole installation of its own: web server, Valkey, one worker (two for the branches), SQLite or, with `--postgres`, a Postgres
that waits for its disk. The graphs are chains of nodes that hand on what they get, behind the gates of the
default policy; the client takes its share of the same processors. The floors are measured in the same minutes.
"""

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from builder.bootstrap import places
from tests.bench.engine.floors import celery_round_trip, commit, row_read
from tests.bench.engine.graphs import branches, nodes
from tests.bench.engine.runner import Runner, Taken
from tests.bench.figures import Figure
from tests.fixtures.site import Site
from tests.safety.wire import PACKS, Visitor, server
from tests.stages.postgres import durable

ROUNDS = 60
WARM = 5
CLIENTS = 32
RUNS_AT_ONCE = 960
# Nodes of a chain, and the most milliseconds that half of its runs may take.
BARS = {1: 10.0, 10: 12.0, 100: 40.0}
LONG_BARS = {1_000: 500.0, 10_000: 6_000.0}
LONG_ROUNDS = 3
BAR_FIRST_EVENT = 5.0
BAR_AGAIN = 15.0
BAR_RUNS_A_SECOND = 200.0
BAR_BRANCHES = 1.1
BAR_GROWTH = 1.2


def measure(postgres: bool = False) -> Sequence[Figure]:
    if not postgres:
        return _measure("")
    with durable() as database:
        return _measure(database)


def _measure(database: str) -> Sequence[Figure]:
    figures = [celery_round_trip(), commit()]
    with server(database=database) as site:
        visitor = Visitor(site)
        runner = Runner(visitor)
        figures.append(row_read(runner))
        figures += _short(runner)
        figures += _again(runner)
        figures += _many(visitor)
        figures += _long(runner, site)
    with server(workers=2, database=database) as site:
        figures.append(_branches(Runner(Visitor(site))))
    return figures


def _short(runner: Runner) -> Iterator[Figure]:
    """Each run is asked something else, so that nothing of it is known."""
    for count, bar in BARS.items():
        workflow = runner.workflow(nodes(count))
        taken = [runner.run(workflow, f"{count} {number}") for number in range(ROUNDS)][WARM:]
        yield Figure(f"nodes_{count}.p50", _median(taken, lambda t: t.whole), "ms", bar)
        yield Figure(f"nodes_{count}.p95", _at(0.95, [t.whole for t in taken]), "ms")
        yield Figure(f"nodes_{count}.post", _median(taken, lambda t: t.posted), "ms")
        yield Figure(f"nodes_{count}.first_event", _median(taken, lambda t: t.first), "ms", BAR_FIRST_EVENT)


def _again(runner: Runner) -> Iterator[Figure]:
    workflow = runner.workflow(nodes(100))
    taken = [runner.run(workflow, "the same") for _ in range(ROUNDS // 2)][WARM:]
    yield Figure("nodes_100_unchanged.p50", _median(taken, lambda t: t.whole), "ms", BAR_AGAIN)


def _many(visitor: Visitor) -> Iterator[Figure]:
    workflow = Runner(visitor).workflow(nodes(1))
    each = RUNS_AT_ONCE // CLIENTS
    runners = [Runner(visitor) for _ in range(CLIENTS)]

    def work(runner: Runner) -> None:
        for number in range(each):
            runner.run(workflow, f"{id(runner)} {number}")

    with ThreadPoolExecutor(CLIENTS) as pool:
        begun = time.perf_counter()
        list(pool.map(work, runners))
        took = time.perf_counter() - begun
    note = f"{CLIENTS} clients"
    yield Figure("runs_a_second", each * CLIENTS / took, "1/s", BAR_RUNS_A_SECOND, "at least", note)


def _long(runner: Runner, site: Site) -> Iterator[Figure]:
    """Longer than anybody may draw, so put in beside the POST. The first of each is parsed, checked and sent whole."""
    found = {}
    for count, bar in LONG_BARS.items():
        found[count] = min(_put_in(runner, site, count) for _ in range(LONG_ROUNDS))
        yield Figure(f"nodes_{count}.best", found[count], "ms", bar, note="submitted by a command")
    less, more = sorted(found)
    growth = math.log(found[more] / found[less]) / math.log(more / less)
    yield Figure("nodes_growth", growth, "exponent", BAR_GROWTH)


def _put_in(runner: Runner, site: Site, count: int) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.engine.long", str(count)],
        cwd=places.ROOT, env=os.environ | site.environment | PACKS, capture_output=True, text=True, check=True,
        timeout=300,
    )  # fmt: skip
    begun, run = done.stdout.split()
    ended = datetime.fromisoformat(runner.watch(run)["at"]).timestamp()
    return 1000 * (ended - float(begun))


def _branches(runner: Runner) -> Figure:
    workflow = runner.workflow(branches(1.0))
    taken = [runner.run(workflow, f"hello {number}") for number in range(6)][1:]
    seconds = _median(taken, lambda t: t.whole) / 1000
    return Figure("two_branches_of_1_s", seconds, "s", BAR_BRANCHES, note="two workers")


def _median(taken: Sequence[Taken], of: Callable[[Taken], float]) -> float:
    return statistics.median(of(item) for item in taken)


def _at(share: float, values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
