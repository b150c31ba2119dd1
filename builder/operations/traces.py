"""Traces: a run that has ended as an OpenTelemetry trace, a step as a span, sent where the operator says (OTLP over HTTP).

What is sent is read from the rows once the run is over: nothing is measured twice, nothing is handed from process to
process, and a run that three workers worked on is one trace. Its id is the run's. Types, states, times and figures;
never a text, a title or a name that people gave.
"""

import hashlib
import json
import logging
import os
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import unquote
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from builder.bootstrap import environ
from builder.figures.models import Figure
from builder.keeping.models import Turn
from builder.operations.tally import LAG, RUNS
from builder.runs.models import Event, Run, Step
from runtime.dispatch.states import RunState, StepState
from runtime.plan import SHADOW
from runtime.values import Json

log = logging.getLogger(__name__)

NAME = "traces"
PAUSE = timedelta(seconds=2)
AFTER_A_FAILURE = timedelta(seconds=30)
# For so long the turn is somebody's: one that dies in it keeps the others waiting no longer.
TURN = timedelta(seconds=120)
RUNS_AT_ONCE = 50
SPANS_AT_ONCE = 500
PATIENCE = 5.0
NEAR = "http://localhost:4318"
INTERNAL, OK, ERROR = 1, 1, 2


@dataclass(frozen=True, slots=True)
class Collector:
    """Who gets the traces. `headers` may hold its key, so it is in no repr and no log."""

    url: str
    service: str
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return "a collector"


def collector(environment: Mapping[str, str] = os.environ) -> Collector | None:
    """By OpenTelemetry's own variables; None where nobody asked. SLUICEWAY_TRACES=0 ends it, 1 means one nearby."""
    exact = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
    base = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    wanted = environ.flag("SLUICEWAY_TRACES", bool(exact or base))
    url = exact or f"{(base or NEAR).rstrip('/')}/v1/traces"
    if not wanted or not url.startswith(("http://", "https://")):
        return None
    pairs = (part.partition("=") for part in environment.get("OTEL_EXPORTER_OTLP_HEADERS", "").split(","))
    headers = tuple((name.strip(), unquote(value.strip())) for name, equals, value in pairs if equals)
    return Collector(url, environment.get("OTEL_SERVICE_NAME") or "sluiceway", headers)


_busy = threading.Lock()


def sweep() -> None:
    """Called by each worker's sweep. A thread does it: a collector that is slow must not keep leases waiting."""
    found = collector()
    if found is None or not _busy.acquire(blocking=False):
        return

    def work() -> None:
        try:
            send_new(found)
        except Exception as fault:  # noqa: BLE001 - whatever it is, runs go on; the next turn tries again
            log.warning("traces are not sent: %s", type(fault).__name__)
        finally:
            connection.close()
            _busy.release()

    threading.Thread(target=work, name="traces", daemon=True).start()


def send_new(to: Collector) -> int:
    """Send the runs that have ended since the last time, when it is our turn. How many."""
    if not _take_turn():
        return 0
    pause = AFTER_A_FAILURE
    try:
        mark = _mark()
        rows = Event.objects.filter(pk__gt=mark, kind__in=list(RUNS), at__lte=timezone.now() - LAG)
        found = list(rows.order_by("pk").values_list("pk", "run_id")[:RUNS_AT_ONCE])
        for pk, run in found:
            _send(to, spans_of(run))
            # Sent twice after a crash here: its spans have the same ids then, and stay one each.
            Figure.objects.filter(pk=f"{NAME}_mark").update(value=pk)
        pause = PAUSE
        return len(found)
    finally:
        Turn.objects.filter(name=NAME).update(due=Now() + pause)


def spans_of(run: UUID) -> Iterator[dict[str, Json]]:
    """The run's span, then one for each step that has begun or ended. Nothing when it was deleted meanwhile."""
    columns = ("id", "state", "created", "started", "finished", "workflow_id", "version", "error")
    row = Run.objects.filter(pk=run).only(*columns).first()
    if row is None or row.finished is None:
        return
    root = _span_id(run, "")
    known: dict[str, Json] = {
        "state": row.state,
        "workflow": str(row.workflow_id or ""),
        "version": row.version,
    }
    waited = (row.started - row.created).total_seconds() if row.started else None
    told = _attributes({**known, "queued_seconds": waited, "error": _code(row.error)})
    failed = row.state == RunState.FAILED
    yield _span(run, root, None, "run", row.created, row.finished, told, failed)
    steps = Step.objects.filter(run=run).exclude(type=SHADOW).order_by("position")
    for step in steps.defer("outputs", "title").iterator():
        begun, ended = step.started or step.finished, step.finished or step.started
        if begun is None or ended is None:
            continue
        figures: dict[str, Json] = {
            f"cost.{name}": value
            for name, value in (step.cost or {}).items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        known = {"state": step.state, "attempt": step.attempt, "seconds": step.seconds, **figures}
        told = _attributes({**known, "position": step.position, "error": _code(step.error)})
        failed = step.state == StepState.FAILED
        yield _span(run, _span_id(run, step.name), root, step.type, begun, ended, told, failed)


def _span(
    run: UUID,
    own: str,
    parent: str | None,
    name: str,
    begun: datetime,
    ended: datetime,
    attributes: list[Json],
    failed: bool,
) -> dict[str, Json]:
    return {
        "traceId": run.hex,
        "spanId": own,
        **({"parentSpanId": parent} if parent else {}),
        "name": name,
        "kind": INTERNAL,
        "startTimeUnixNano": _nanoseconds(begun),
        "endTimeUnixNano": _nanoseconds(max(begun, ended)),
        "attributes": attributes,
        "status": {"code": ERROR if failed else OK},
    }


def _attributes(values: Mapping[str, Json]) -> list[Json]:
    return [
        {"key": f"sluiceway.{name}", "value": _value(value)}
        for name, value in values.items()
        if value is not None and value != ""
    ]


def _value(value: Json) -> Json:
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def _code(error: Json) -> str | None:
    return str(error.get("code")) if isinstance(error, dict) else None


def _span_id(run: UUID, step: str) -> str:
    return hashlib.sha256(run.bytes + step.encode()).hexdigest()[:16]


def _nanoseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1_000_000) * 1_000)


def _send(to: Collector, spans: Iterator[dict[str, Json]]) -> None:
    while part := list(islice(spans, SPANS_AT_ONCE)):
        _post(to, part)


def _post(to: Collector, spans: Sequence[dict[str, Json]]) -> None:
    resource = [{"key": "service.name", "value": {"stringValue": to.service}}]
    scopes = [{"scope": {"name": "sluiceway"}, "spans": list(spans)}]
    body = {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": scopes}]}
    request = urllib.request.Request(  # noqa: S310 - http or https, and whoever runs the installation chose it
        to.url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **dict(to.headers)},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
        answer.read(1)


def _take_turn() -> bool:
    if not Turn.objects.filter(name=NAME).exists():
        # Due before now: SQLite counts thousandths of a second, and this very moment would be one in which it is not.
        Turn.objects.get_or_create(name=NAME, defaults={"due": timezone.now() - timedelta(seconds=1)})
    due = Turn.objects.filter(name=NAME, due__lte=Now())
    return due.exists() and due.update(due=Now() + TURN) == 1


def _mark() -> int:
    """The last event whose run was sent. Whoever switches traces on gets those of runs that end from then on."""
    mark = Figure.objects.filter(pk=f"{NAME}_mark").first()
    if mark is None:
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        mark = Figure.objects.create(name=f"{NAME}_mark", value=newest)
    return int(mark.value)
