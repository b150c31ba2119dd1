"""Readiness: whether this web process can serve people now, for balancers and whoever waits for the start."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from builder.common.language import say, wanted_language
from builder.operations.looks.database import database
from builder.operations.looks.messages import messages
from builder.operations.looks.workers import workers
from builder.operations.told import Level, Told

# Anybody may ask, and each answer is three questions: they are asked at most so often (seconds).
REMEMBERED = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`told` are the parts. Where one that is needed is wrong, requests belong elsewhere."""

    told: tuple[Told, ...]

    @property
    def status(self) -> str:
        levels = {item.level for item in self.told}
        if Level.WRONG in levels:
            return "unready"
        return "degraded" if Level.NOTICE in levels else "ready"


def look() -> Readiness:
    """Ask each part.

    A worker that is away is told, and takes nobody out of service: runs wait, and people can read and draw meanwhile.
    """
    base = database()
    if base.level is Level.WRONG:
        return Readiness((base, messages()))
    try:
        return Readiness((base, messages(), workers()))
    except DatabaseError:  # it went away between two questions
        return Readiness((database(), messages()))


class Remembered:
    """The last answer, for a moment: many who ask at once cost as much as one."""

    def __init__(self, ask: Callable[[], Readiness], seconds: float = REMEMBERED) -> None:
        self._ask = ask
        self._seconds = seconds
        self._lock = threading.Lock()
        self._last: tuple[float, Readiness] | None = None

    def __call__(self) -> Readiness:
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > self._seconds:
                self._last = (time.monotonic(), self._ask())
            return self._last[1]


_remembered = Remembered(look)


def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the web process answers. It touches nothing else, so that a slow database cannot restart it."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether requests belong here, with a sentence for each part that is not well; no names, no versions."""
    found = _remembered()
    language = wanted_language(request) or "en"
    troubles = {item.part: say(item.message, language) for item in found.told if item.level is not Level.WELL}
    status = HTTPStatus.SERVICE_UNAVAILABLE if found.status == "unready" else HTTPStatus.OK
    answer = JsonResponse({"status": found.status, "troubles": troubles}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
