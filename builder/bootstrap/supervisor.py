"""Runs services as child processes: starts them, restarts what crashes, ends them all; none outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from builder.bootstrap import guard
from builder.bootstrap.talk import Refusal, say

Handler = Callable[[int, FrameType | None], object] | signal.Handlers

TICK = 0.1  # seconds between two looks at the children
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0  # a service that ran this long starts again at once when it crashes
LARGEST_LOG = 5_000_000  # bytes; a larger log is set aside at the next start
LOG_TAIL = 2_000  # bytes of a log to show when its service fails


@dataclass(frozen=True, slots=True)
class Service:
    """One long-running child. `stops` says how it is asked to end: signals, each with seconds to obey."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    stops: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 1.0),)
    ready: Callable[[], bool] | None = None


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    crashes: int = 0
    again_at: float | None = None  # when it is due to start again


class Supervisor:
    """Owns the children. Use it as a context manager: leaving the block ends them all."""

    def __init__(self) -> None:
        self._children: list[_Child] = []
        self._wake = threading.Event()
        self._guard = subprocess.Popen(
            # -I: nothing of this project or the user's site is loaded; it must start and stay small
            [sys.executable, "-I", guard.__file__],
            stdin=subprocess.PIPE,
            process_group=0,
        )

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def processes(self) -> dict[str, int]:
        """The process id of each service."""
        return {child.service.name: child.process.pid for child in self._children}

    def start(self, service: Service) -> None:
        """Start a service; it is watched from now on."""
        if service.log.exists() and service.log.stat().st_size > LARGEST_LOG:
            service.log.replace(service.log.with_suffix(".old.log"))
        self._children.append(_Child(service, self._spawn(service), time.monotonic()))

    def wait_ready(self, name: str, seconds: float) -> None:
        """Wait until the service answers. Refusal when it ends or stays silent."""
        child = next(child for child in self._children if child.service.name == name)
        ready, deadline = child.service.ready, time.monotonic() + seconds
        assert ready is not None, f"{name} has no readiness check"
        while not ready():
            if child.process.poll() is not None:
                raise Refusal(f"The {name} ended while starting. {_last_words(child.service)}")
            if time.monotonic() > deadline:
                raise Refusal(
                    f"The {name} did not answer within {seconds:.0f} s. {_last_words(child.service)}"
                )
            time.sleep(0.03)

    def watch(self, announce: Callable[[], None] = lambda: None) -> None:
        """Stay until a signal asks to stop, restarting what ends by itself.

        `announce` is called once signals are caught: who reads it may send one at once.
        """
        with _signals(lambda *_: self._wake.set()):
            announce()
            while not self._wake.wait(TICK):
                for child in self._children:
                    self._look_after(child)

    def stop(self) -> None:
        """End every service: all but the first together, then the first, which the others lean on."""
        with _signals(signal.SIG_IGN):  # a second Ctrl-C must not cut this short; it takes under 3 s
            self._stop_together(self._children[1:])
            self._stop_together(self._children[:1])
            self._children.clear()
            assert self._guard.stdin is not None
            self._guard.stdin.close()
            self._guard.wait()

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.again_at is not None:
            if now >= child.again_at:
                child.process, child.started, child.again_at = self._spawn(child.service), now, None
            return
        code = child.process.poll()
        if code is None:
            return
        self._bury(child)
        child.crashes = 1 if now - child.started > HEALTHY_AFTER else child.crashes + 1
        pause = min(0.5 * 2 ** (child.crashes - 1), LONGEST_PAUSE)
        child.again_at = now + pause
        say(f"The {child.service.name} {_how_it_ended(code)}; it starts again in {pause:g} s. "
            f"What it said is in {child.service.log}.")  # fmt: skip

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        with service.log.open("ab") as log:
            process = subprocess.Popen(
                service.command,
                env=os.environ | service.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=service.pass_fds,
                process_group=0,  # Ctrl-C reaches the supervisor alone, and a group can be ended as one
            )
        self._tell_guard(f"+{process.pid}")
        return process

    def _bury(self, child: _Child) -> None:
        """End what a dead child left running, and forget its group."""
        guard.signal_all({child.process.pid}, signal.SIGKILL)
        self._tell_guard(f"-{child.process.pid}")

    def _tell_guard(self, line: str) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{line}\n".encode())
        self._guard.stdin.flush()

    def _stop_together(self, children: list[_Child]) -> None:
        enders = [_Ender(child) for child in children if child.again_at is None]
        waiting = enders
        while waiting:
            waiting = [ender for ender in waiting if ender.go_on()]
            time.sleep(0.02)
        for ender in enders:
            self._bury(ender.child)


class _Ender:
    """Asks one child to end, more and more firmly."""

    def __init__(self, child: _Child) -> None:
        self.child = child
        self._steps = iter((*child.service.stops, (signal.SIGKILL, 5.0)))
        self._deadline = 0.0

    def go_on(self) -> bool:
        """Take the next step when it is time; False once the child has ended."""
        process = self.child.process
        if process.poll() is not None:
            return False
        if time.monotonic() >= self._deadline:
            number, seconds = next(self._steps, (signal.SIGKILL, 5.0))
            self._deadline = time.monotonic() + seconds
            if number is signal.SIGKILL:
                guard.signal_all({process.pid}, number)
            else:
                process.send_signal(number)
        return True


@contextmanager
def _signals(handler: Handler) -> Iterator[None]:
    """While inside, Ctrl-C, a termination request and a closed terminal go to `handler`."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, handler)) for number in numbers]
    try:
        yield
    finally:
        for number, old in before:
            signal.signal(number, old)


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _last_words(service: Service) -> str:
    """The end of a service's log, for a person who wonders why it failed."""
    with service.log.open("rb") as file:
        file.seek(max(0, service.log.stat().st_size - LOG_TAIL))
        tail = file.read().decode(errors="replace").strip()
    return f"The end of {service.log}:\n{tail}" if tail else f"It said nothing ({service.log})."
