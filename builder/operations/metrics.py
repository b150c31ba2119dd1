"""Metrics: the figures of an installation, for Prometheus. Types, states and counts; never an id, a name or a text."""

import ipaddress
import secrets
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from builder.common.language import say, wanted_language
from builder.figures.count import LEASES_LOST
from builder.figures.models import Figure
from builder.operations import requests, tally
from builder.operations.exposition import CONTENT_TYPE, Family, Histogram, Labels, text
from builder.operations.looks.workers import alive, waiting
from builder.runs.models import Run, Segment
from runtime.dispatch.states import RUN_ENDED, SEGMENT_ENDED, RunState, SegmentState
from runtime.nodes.spec import Resource
from runtime.words import Words

# What a proxy adds for those whom it speaks for: behind one, everybody seems to come from this machine.
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")

_DENIED = Words(
    "Figures are read from this machine, or with the token of SLUICEWAY_METRICS_TOKEN.",
    "指标只能从本机读取，或使用 SLUICEWAY_METRICS_TOKEN 中的令牌。",
)


def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        sentence = say(_DENIED, wanted_language(request) or "en")
        refused = HttpResponse(sentence + "\n", status=401, content_type="text/plain; charset=utf-8")
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    answer = HttpResponse(text(families()), content_type=CONTENT_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


def may_read(request: HttpRequest) -> bool:
    """Whoever brings the token; where there is none, this machine alone, and nobody by way of a proxy."""
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    if settings.HTTPS or any(name in request.headers for name in PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def families() -> Iterator[Family | Histogram]:
    """What this process has answered, and what the database says: the same from every web process."""
    yield from requests.here.families()
    try:
        tally.advance()
        found = [*_counted(), *_now()]
    except DatabaseError:
        found = []
    up: dict[Labels, float] = {(): float(bool(found))}
    yield Family("sluiceway_database_up", "gauge", "Whether the database answers.", (), up)
    yield from found


def _counted() -> Iterator[Family | Histogram]:
    """Figures that only grow."""
    parts: dict[str, dict[Labels, float]] = defaultdict(dict)
    for name, value in Figure.objects.values_list("name", "value"):
        what, *labels = name.split("|")
        parts[what][tuple(labels)] = value
    yield Family("sluiceway_runs_ended_total", "counter", "Runs that have ended.", ("state",), parts["runs"])
    yield Family(
        "sluiceway_steps_ended_total",
        "counter",
        "Steps that have ended; cached ones were not run again.",
        ("type", "state"),
        parts["steps"],
    )
    yield _seconds(parts["seconds"], parts["seconds_sum"])
    yield Family(
        "sluiceway_gate_findings_total",
        "counter",
        "What gates have found, by what they did about it.",
        ("action",),
        parts["findings"],
    )
    lost: dict[Labels, float] = {(): parts[LEASES_LOST].get((), 0.0)}
    yield Family(
        "sluiceway_leases_lost_total", "counter", "Segments whose worker or child was lost.", (), lost
    )


def _seconds(parts: dict[Labels, float], sums: dict[Labels, float]) -> Histogram:
    counts: dict[Labels, list[float]] = {}
    for (kind, place), value in parts.items():
        counts.setdefault((kind,), [0.0] * (len(tally.BOUNDS) + 1))[int(place)] = value
    return Histogram("sluiceway_step_seconds", "How long steps took.", ("type",), tally.BOUNDS, counts, sums)


def _now() -> Iterator[Family]:
    """How it stands at this moment."""
    open_runs: dict[Labels, float] = {(state.value,): 0.0 for state in RunState if state not in RUN_ENDED}
    # By way of what has not ended of them: that is indexed, and few.
    unfinished = [state.value for state in SegmentState if state not in SEGMENT_ENDED]
    runs = Segment.objects.filter(state__in=unfinished).order_by().values("run")
    rows = Run.objects.filter(pk__in=runs).order_by().values_list("state").annotate(Count("pk"))
    open_runs |= {(state,): number for state, number in rows if (state,) in open_runs}
    yield Family("sluiceway_runs", "gauge", "Runs that have not ended.", ("state",), open_runs)
    queue: dict[Labels, float] = {(resource.value,): 0.0 for resource in Resource}
    ages = dict(queue)
    for item in waiting():
        queue[(item.resource,)] = item.count
        ages[(item.resource,)] = max(0.0, (timezone.now() - item.since).total_seconds())
    yield Family("sluiceway_queue_segments", "gauge", "Segments that wait.", ("resource",), queue)
    yield Family(
        "sluiceway_queue_oldest_seconds",
        "gauge",
        "Age of the oldest run of which a segment waits.",
        ("resource",),
        ages,
    )
    workers = alive()
    busy: dict[Labels, float] = {
        ("true",): float(sum(w.busy for w in workers)),
        ("false",): float(sum(not w.busy for w in workers)),
    }
    yield Family("sluiceway_workers", "gauge", "Workers that reported lately.", ("busy",), busy)
