"""Progress of an installation: a line that people read, or lines of JSON that machines read."""

import json
import os
import sys
import time
from typing import Protocol

from runtime.errors import OperationalError

WIDTH = 24


class Progress(Protocol):
    """Who hears how an installation goes."""

    def report(self, done: int, total: int) -> None: ...

    def installed(self, new: bool) -> None: ...

    def failed(self, error: OperationalError) -> None: ...


class Meter:
    """Speed (bytes a second since the start of this attempt) and the seconds that are left."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._first: int | None = None

    def read(self, done: int, total: int) -> tuple[float, float | None]:
        if self._first is None:
            # What an earlier attempt brought says nothing about this one's speed.
            self._first, self._start = done, time.monotonic()
        seconds = time.monotonic() - self._start
        speed = (done - self._first) / seconds if seconds > 0 else 0.0
        return speed, (total - done) / speed if speed > 0 else None


class LineProgress:
    """One line for each model, rewritten in place on a terminal, printed now and then elsewhere."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tty = sys.stdout.isatty()
        self._pause = 0.1 if self._tty else 5.0
        self._next = time.monotonic() + (0 if self._tty else self._pause)
        self._meter = Meter()

    def report(self, done: int, total: int) -> None:
        speed, left = self._meter.read(done, total)
        now = time.monotonic()
        if now < self._next and done < total:
            return
        self._next = now + self._pause
        filled = round(WIDTH * done / total) if total else WIDTH
        bar = "█" * filled + "·" * (WIDTH - filled)
        rest = "" if left is None else f"  {left:.0f} s left"
        line = f"  {self._name:<12} {bar} {done / 1e6:6.1f} of {total / 1e6:.1f} MB  {speed / 1e6:.1f} MB/s{rest}"
        self._show(line, end="" if self._tty else "\n")

    def installed(self, new: bool) -> None:
        self._show(f"  {self._name:<12} " + ("installed, SHA-256 checked" if new else "already installed"))

    def failed(self, error: OperationalError) -> None:
        if self._tty:
            self._show("", end="")
        hint = f" {error.hint.en}" if error.hint else ""
        print(f"{error.message.en}{hint}", file=sys.stderr)

    def _show(self, line: str, end: str = "\n") -> None:
        if self._tty:
            width = os.get_terminal_size().columns - 1
            line = f"\r{line[:width]:<{width}}"
        print(line, end=end, flush=True)


class JsonProgress:
    """One JSON object a line: `progress` at most four times a second, then `installed` or `failed`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._next = 0.0
        self._meter = Meter()

    def report(self, done: int, total: int) -> None:
        speed, left = self._meter.read(done, total)
        now = time.monotonic()
        if now < self._next and done < total:
            return
        self._next = now + 0.25
        rest = None if left is None else round(left, 1)
        self._say({"event": "progress", "done": done, "total": total, "speed": round(speed), "left": rest})

    def installed(self, new: bool) -> None:
        self._say({"event": "installed", "new": new})

    def failed(self, error: OperationalError) -> None:
        hint = error.hint.to_json() if error.hint else None
        self._say({"event": "failed", "code": error.code, "message": error.message.to_json(), "hint": hint})

    def _say(self, event: dict[str, object]) -> None:
        print(json.dumps({"model": self._name, **event}, ensure_ascii=False), flush=True)
