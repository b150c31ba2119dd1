"""faults: what goes wrong, how often, and when it is over. Drawn by a generator with a seed; each is undone by itself."""

import heapq
import json
import math
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import redis

from runtime.dispatch.wake import send
from tests.chaos import points
from tests.chaos.crew import Crew, Hand, children
from tests.chaos.services import Postgres, Valkey

QUEUES = ("sluiceway.cpu", "sluiceway.gpu")
# How often each is drawn. A worker that has to start anew takes four times the processor time of a child.
KILLS = {
    "child": 8.0,
    "worker": 1.6,
    points.CLAIMED: 0.7,
    points.ASSET: 1.2,
    points.BEFORE: 0.6,
    points.AFTER: 0.6,
}
OTHERS = {"zombie": 2.5, "valkey": 0.5, "wakes": 1.0, "clock": 0.3, "full": 0.5, "postgres": 0.4}
SELF_KILL_WAITS = 4.0  # seconds for somebody to come there
STANDS_STILL = (1.3, 2.6)  # seconds that a zombie does: longer than a lease


@dataclass
class Faults:
    """`kills` counts what was really ended, `others` what else was done."""

    crew: Crew
    valkey: Valkey
    postgres: Postgres | None
    random: Random
    kills: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    # Spans of time (monotonic) in which what leases say cannot be compared with our own clock.
    unclear: list[tuple[float, float]] = field(default_factory=list)
    only: tuple[str, ...] = ()
    busy: Callable[[], set[int]] = set  # the processes that hold a lease
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0
    _standing: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        # Beside the main thread, which may wait for a database whose lock a zombie holds.
        threading.Thread(target=self._undo, daemon=True).start()

    @property
    def killed(self) -> int:
        """Without the deaths that somebody is asked for and nobody has come to: they may be taken back."""
        return self.kills.total() - sum(map(points.is_asked, points.POINTS))

    @property
    def may_strike(self) -> bool:
        """Whether somebody is left who works: else all would be about starting, and nothing in danger."""
        return len(self.crew.able()) >= min(2, self.crew.size)

    def strike(self) -> None:
        """One kill, and now and then something else beside it."""
        others = {name: weight for name, weight in OTHERS.items() if not self.only or name in self.only}
        if self.postgres is None:
            others.pop("postgres", None)
        kills = {name: weight for name, weight in KILLS.items() if not self.only or name in self.only}
        if kills:
            self._kill(self._draw(kills))
        if others and (not kills or self.random.random() < 0.4):
            self._do(self._draw(others))

    def _undo(self) -> None:
        """End what is due to end, for ever."""
        while True:
            self._end(time.monotonic())
            time.sleep(0.02)

    def end_all(self) -> None:
        self._end(math.inf)

    def _end(self, until: float) -> None:
        while True:
            with self._lock:
                if not self._due or self._due[0][0] > until:
                    return
                act = heapq.heappop(self._due)[2]
            act()

    def _draw(self, weights: dict[str, float]) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        with self._lock:
            self._number += 1
            heapq.heappush(self._due, (time.monotonic() + seconds, self._number, act))

    def _victim(self) -> Hand | None:
        """Mostly somebody who has a segment in hand."""
        able = self.crew.able()
        busy = [hand for hand in able if hand.pid in self.busy()]
        among = busy if busy and self.random.random() < 0.8 else able
        return self.random.choice(among) if among else None

    def _kill(self, what: str) -> None:
        if what in points.POINTS:
            if not points.is_asked(what):
                points.ask(what)
                self.kills[what] += 1
                self._later(SELF_KILL_WAITS, lambda: self._withdraw(what))
        elif (hand := self._victim()) is not None:
            if what == "worker":
                hand.doomed = True
                hand.signal(signal.SIGKILL)
            else:
                for pid in children(hand.pid):
                    _signal(pid, signal.SIGKILL)
            self.kills[what] += 1

    def _withdraw(self, point: str) -> None:
        self.kills[point] -= points.withdraw(point)

    def _do(self, what: str) -> None:
        if what in self._standing:
            return
        done = getattr(self, f"_{what}")()
        self.others[what] += done is not False

    def _zombie(self) -> bool:
        """A worker stands still for longer than a lease, with its child or without it, and then goes on."""
        hand = self._victim()
        if hand is None:
            return False
        child = children(hand.pid) if self.random.random() < 0.3 else []
        hand.stopped = True
        hand.signal(signal.SIGSTOP)
        for pid in child:
            _signal(pid, signal.SIGSTOP)
        self._later(self.random.uniform(*STANDS_STILL), lambda: self._wake_up(hand, child))
        return True

    def _wake_up(self, hand: Hand, child: list[int]) -> None:
        for pid in child:
            _signal(pid, signal.SIGCONT)
        hand.signal(signal.SIGCONT)
        hand.stopped = False

    def _valkey(self) -> None:
        self.valkey.crash()
        self._while("valkey", self.random.uniform(0.3, 2.0), self.valkey.start)

    def _postgres(self) -> None:
        assert self.postgres is not None
        self.postgres.crash()
        self._while("postgres", self.random.uniform(0.2, 1.0), self.postgres.start)
        self.unclear.append((time.monotonic() - 2, time.monotonic() + 6))

    def _clock(self) -> None:
        """The machine's clock is set forward for a while, then back by more than that, and then right."""
        path = points.folder() / points.CLOCK
        length, off = self.random.uniform(0.8, 1.5), self.random.uniform(2.0, 4.0)
        self.unclear.append((time.monotonic() - 2, time.monotonic() + 2 * length + off + 3))
        _put(path, str(off))
        self._later(length, lambda: _put(path, str(-off / 2)))
        self._while("clock", 2 * length, lambda: _put(path, "0"))

    def _full(self) -> None:
        flag = points.folder() / points.FULL
        flag.touch()
        self._while("full", self.random.uniform(0.5, 1.5), flag.unlink)
        self.unclear.append((time.monotonic() - 1, time.monotonic() + 4))

    def _wakes(self) -> bool:
        """Wake-ups many times over, and those that wait once more, in another order."""
        for _ in range(15):
            if not send(self.valkey.url, self.random.choice(("cpu", "gpu", "inline"))):
                return False
        try:
            with redis.Redis.from_url(self.valkey.url, socket_timeout=1) as client:
                for queue in QUEUES:
                    waiting = client.lrange(queue, 0, -1)
                    self.random.shuffle(waiting)
                    if waiting:
                        client.rpush(queue, *waiting)
        except (redis.RedisError, OSError):
            return False
        return True

    def _while(self, name: str, seconds: float, over: Callable[[], object]) -> None:
        self._standing.add(name)

        def end() -> None:
            over()
            self._standing.discard(name)

        self._later(seconds, end)

    def as_json(self) -> dict[str, object]:
        return json.loads(json.dumps({"kills": +self.kills, "others": +self.others}))


def _put(path: "os.PathLike[str]", text: str) -> None:
    """At once, so that nobody reads half of it."""
    beside = f"{os.fspath(path)}.new"
    with open(beside, "w") as file:
        file.write(text)
    os.replace(beside, path)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
