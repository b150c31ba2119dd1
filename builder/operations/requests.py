"""Requests: counts what this web process answers, by route and status, with the seconds until the answer began."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from builder.operations.exposition import Family, Histogram, Labels, bucket

GetResponse = Callable[[HttpRequest], Any]

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Requests:
    """Counts of one process: its memory, and gone with it, as whoever reads counters expects."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Labels, int] = defaultdict(int)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = defaultdict(float)

    def count(self, route: str, status: int, seconds: float) -> None:
        with self._lock:
            self._answers[route, str(status)] += 1
            counts = self._counts.setdefault((route,), [0] * (len(BOUNDS) + 1))
            counts[bucket(BOUNDS, seconds)] += 1
            self._sums[(route,)] += seconds

    def families(self) -> Iterator[Family | Histogram]:
        with self._lock:
            answers, sums = dict(self._answers), dict(self._sums)
            counts = {labels: list(numbers) for labels, numbers in self._counts.items()}
        yield Family(
            "sluiceway_http_requests_total",
            "counter",
            "Answers of this web process.",
            ("route", "status"),
            answers,
        )
        yield Histogram(
            "sluiceway_http_request_seconds",
            "Seconds until an answer of this web process began.",
            ("route",),
            BOUNDS,
            counts,
            sums,
        )


here = Requests()


@sync_and_async_middleware
def count_requests(get_response: GetResponse) -> GetResponse:
    """Outermost, so that it sees what every other part answers."""
    if iscoroutinefunction(get_response):

        async def counted_async(request: HttpRequest) -> HttpResponseBase:
            began = time.perf_counter()
            response: HttpResponseBase = await get_response(request)
            here.count(route_of(request), response.status_code, time.perf_counter() - began)
            return response

        return counted_async

    def counted(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response: HttpResponseBase = get_response(request)
        here.count(route_of(request), response.status_code, time.perf_counter() - began)
        return response

    return counted


def route_of(request: HttpRequest) -> str:
    """The pattern that matched, never the address: that has ids, and whatever a stranger types."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith("/static/") else "none"
    route = str(match.route)
    if route.startswith("console/"):
        return "console"
    return "page" if route.startswith("^") else route
