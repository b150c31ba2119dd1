"""The crew: real workers as processes. Whoever has died is replaced; who has died without being asked to is counted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builder.bootstrap import places
from tests.chaos import points


def children(pid: int) -> list[int]:
    """The processes that this one has started, whichever of its threads did."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text().split()]
        except OSError:
            continue
    return found


@dataclass
class Hand:
    """One worker. `stopped` while it stands still."""

    process: "subprocess.Popen[bytes]"
    stopped: bool = False
    doomed: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        if self.alive:
            self.process.send_signal(number)


@dataclass
class Crew:
    environment: Mapping[str, str]
    folder: Path
    size: int
    hands: list[Hand] = field(default_factory=list)
    hired: int = 0
    unasked: int = 0  # deaths that nobody asked for

    def muster(self) -> None:
        """Bury who has died, and hire for who is missing."""
        for hand in [hand for hand in self.hands if not hand.alive]:
            self.hands.remove(hand)
            asked = {int(line.split()[1]) for line in points.noted(points.DEATHS)}
            if not hand.doomed and hand.pid not in asked:
                self.unasked += 1
        while len(self.hands) < self.size:
            self._hire()

    def _hire(self) -> None:
        with (self.folder / f"worker-{self.hired}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "runtime.worker"],
                cwd=places.ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self.hired += 1
        self.hands.append(Hand(process))

    def able(self) -> list[Hand]:
        """Those who work: alive, not stopped, with a child that takes orders."""
        ready = {int(line) for line in points.noted(points.READY)}
        return [
            hand
            for hand in self.hands
            if hand.alive and not hand.stopped and not ready.isdisjoint(children(hand.pid))
        ]

    def dismiss(self, seconds: float = 10.0) -> None:
        for hand in self.hands:
            hand.signal(signal.SIGCONT)
            hand.signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for hand in self.hands:
            try:
                hand.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                hand.process.kill()
                hand.process.wait()

    def said(self) -> str:
        """The ends of what the last of them said."""
        logs = [self.folder / f"worker-{number}.log" for number in range(max(0, self.hired - 3), self.hired)]
        return "\n".join(path.read_text(errors="replace")[-1500:] for path in logs)
