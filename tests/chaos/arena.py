"""arena: `python -m tests.chaos.arena` sets an installation up, lets things go wrong in it, and says what is left of it.

A process of its own, because Django has one database in a process. Prints JSON; what it was told stands in `Asked`.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

LEASE = 1.0
LONGEST_END = 90.0  # seconds in which all must have ended, once nothing goes wrong any more
PACKS = {
    "SLUICEWAY_PACKS": "tests.packs_stub,tests.chaos.nodes",
    "SLUICEWAY_FILTER_PACKS": "tests.packs_stub",
}


@dataclass(frozen=True)
class Asked:
    """`only` names the faults to draw from; `rate` is strikes a second, `errors` the part of answers that are lost;

    `under_way` runs go on at a time, with naps of so many seconds in their steps; with `messages` nothing else goes wrong than so many that nobody of ours sent. `keep` is a folder in which everything is left that a person may want to read afterwards.
    """

    kills: int = 100
    strikes: int = 0  # where no kills are asked for
    seed: int = 1
    workers: int = 3
    postgres: bool = False
    unfenced: bool = False
    until_stale: bool = False
    errors: float = 0.1
    rate: float = 1.25
    messages: int = 0
    under_way: int = 5
    nap: float = 0.1
    shapes: str = "straight,forked,drawn,long"
    only: str = ""
    keep: str = ""
    seconds: float = 600.0


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in asdict(Asked()).items():
        if isinstance(default, bool):
            parser.add_argument(f"--{name}", action="store_true")
        else:
            parser.add_argument(f"--{name}", type=type(default), default=default)
    asked = Asked(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="sluiceway-chaos-", ignore_cleanup_errors=True) as folder:
        print(json.dumps(play(asked, Path(folder))))
    sys.stdout.flush()
    os._exit(0)  # threads of clients whose service is gone have nothing to say any more


def play(asked: Asked, folder: Path) -> dict[str, Any]:
    home = folder / "home"
    (home / "chaos").mkdir(parents=True)
    from tests.chaos.services import Postgres, Valkey

    valkey, postgres = Valkey(home), None
    os.environ |= PACKS | {
        "SLUICEWAY_HOME": str(home),
        "SLUICEWAY_REDIS_URL": valkey.url,
        "SLUICEWAY_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "builder.settings",
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if asked.postgres:
        (folder / "pg").mkdir()
        folder.chmod(0o755)
        postgres = Postgres(folder / "pg")
        postgres.start()
        os.environ["SLUICEWAY_DATABASE_URL"] = postgres.url
    try:
        valkey.start()
        return _in_place(asked, folder, valkey, postgres)
    finally:
        valkey.crash()
        if postgres is not None:
            postgres.stop()


def _in_place(asked: Asked, folder: Path, valkey: Any, postgres: Any) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from builder.accounts.models import Workspace
    from builder.safety.models import PolicyVersion
    from tests.chaos.checks import check
    from tests.chaos.crew import Crew
    from tests.chaos.faults import Faults
    from tests.chaos.load import Load
    from tests.chaos.rows import holders
    from tests.fixtures.runs import stub_policy

    call_command("migrate", verbosity=0)
    made = stub_policy()
    PolicyVersion(version=made.version, data=made.to_json(), digest=made.digest).save()
    random = Random(asked.seed)
    load = Load(Workspace.objects.create(name="chaos"), random, asked.nap, tuple(asked.shapes.split(",")))
    crew = Crew(_environment(asked), folder, asked.workers)
    faults = Faults(
        crew, valkey, postgres, random, only=tuple(filter(None, asked.only.split(","))), busy=holders
    )
    show = _Show(asked, crew, faults, load)
    try:
        report = show.forge(folder, valkey) if asked.messages else {}
        show.run()
        report |= show.report()
    finally:
        crew.dismiss()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = check(load.known, folder / "home" / "assets")
    if asked.keep:
        shutil.copytree(folder, asked.keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("pg", "run"))
    return found | report | {"processor_seconds": round(spent.ru_utime + spent.ru_stime, 1)}


def _environment(asked: Asked) -> dict[str, str]:
    """Of the workers."""
    return {
        "SLUICEWAY_RUN_STORE": "tests.chaos.store:open_store",
        "SLUICEWAY_ASSET_STORE": "tests.chaos.assets:open_store",
        "SLUICEWAY_LEASE_SECONDS": str(LEASE),
        "SLUICEWAY_DRAIN_SECONDS": "2",
        "SLUICEWAY_CHAOS_ERRORS": str(asked.errors),
        "SLUICEWAY_CHAOS_SEED": str(asked.seed),
        "SLUICEWAY_CHAOS_UNFENCED": "1" if asked.unfenced else "",
        "SLUICEWAY_CHAOS_CLOCK": "1",
    }


class _Show:
    """The play itself: load, faults, and looks at what comes of them, in turn."""

    def __init__(self, asked: Asked, crew: Any, faults: Any, load: Any) -> None:
        from tests.chaos.watcher import Watcher

        self.asked, self.crew, self.faults, self.load = asked, crew, faults, load
        self.watcher = Watcher()
        self.began = time.monotonic()
        self.struck = 0
        self.over = self.began

    def run(self) -> None:
        self.crew.muster()
        while not self.crew.able():
            time.sleep(0.1)
            if any(not hand.alive for hand in self.crew.hands):
                raise RuntimeError(f"a worker did not start: {self.crew.said()}")
        deadline = time.monotonic() + self.asked.seconds
        strike_at = time.monotonic() + 1
        while not self._enough() and time.monotonic() < deadline:
            if time.monotonic() >= strike_at and self.faults.may_strike:
                self.faults.strike()
                self.struck += 1
                strike_at = time.monotonic() + self.faults.random.uniform(0.5, 1.5) / self.asked.rate
            self._turn(self.asked.under_way)
        self.faults.end_all()
        self.over = time.monotonic()
        while self._open() and time.monotonic() < self.over + LONGEST_END:
            self._turn(0)

    def forge(self, folder: Path, valkey: Any) -> dict[str, Any]:
        """Messages, while there are runs of every kind that may not start; then what has moved."""
        from tests.chaos import messages
        from tests.chaos.rows import all_that_may_move, let_go, put_to_rest

        resting = put_to_rest(self.load)
        before = all_that_may_move()
        self.crew.muster()
        while not self.crew.able():
            time.sleep(0.1)
        trap = folder / "trap"
        sent = messages.send(valkey.url, self.asked.messages, self.faults.random, resting, trap)
        waited = messages.taken(valkey.url, seconds=5.0)
        moved = all_that_may_move()
        let_go(resting)
        self.load.known.clear()
        return {
            "messages": sent,
            "left_lying": waited,
            "started_by_messages": sum(before[key] != moved.get(key) for key in before) + len(moved.keys() - before.keys()),
            "opened": int(trap.exists()),
        }  # fmt: skip

    def report(self) -> dict[str, Any]:
        from tests.chaos.watcher import share

        late = self.watcher.latencies(self.faults.unclear)
        return {
            "seconds": round(time.monotonic() - self.began, 1),
            "seconds_to_end": round(time.monotonic() - self.over, 1),
            "load_average": os.getloadavg()[0],
            "takeovers": len(late),
            "takeover_p50": share(late, 0.5),
            "takeover_p99": share(late, 0.99),
            "takeover_most": late[-1] if late else 0.0,
            "workers_died_unasked": self.crew.unasked,
            "workers_hired": self.crew.hired,
            "said": self.crew.said() if self.crew.unasked or self._open() else "",
            **self.faults.as_json(),
        }

    def _enough(self) -> bool:
        from tests.chaos import points
        from tests.chaos.checks import stale

        if self.asked.until_stale and stale(points.noted(points.WRITES)):
            return True
        if self.asked.strikes:
            return self.struck >= self.asked.strikes
        return bool(self.faults.killed >= self.asked.kills)

    def _turn(self, under_way: int) -> None:
        self.crew.muster()
        with _patient():
            self.load.top_up(under_way)
            self.watcher.look()
        time.sleep(0.05)

    def _open(self) -> int:
        from builder.runs.models import Run
        from runtime.dispatch.states import RUN_ENDED

        with _patient():
            return Run.objects.exclude(state__in=[state.value for state in RUN_ENDED]).count()
        return 1


@contextmanager
def _patient() -> Iterator[None]:
    """The database may be away, for us as well."""
    from django.db import Error, connection

    try:
        yield
    except Error:
        connection.close()


if __name__ == "__main__":
    main()
