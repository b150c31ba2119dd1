"""Traces: a run arrives at a collector as one trace with a span for each step, and nothing that anybody wrote."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import pytest

from builder.accounts.models import Workspace
from builder.keeping.models import Turn
from builder.operations import traces
from builder.operations.traces import Collector, collector, send_new
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from tests.fixtures.runs import chain, stub_policy, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver(HTTPServer):
    """A collector that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[dict[str, Any]]:
        return [
            span
            for body in self.taken
            for resource in body["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]


class Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            self.server.taken.append({"path": self.path, **body})
            self.server.headers.append(dict(self.headers))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "LAG", timedelta(0))
    # Over before it begins: SQLite counts thousandths of a second, and tests are faster.
    monkeypatch.setattr(traces, "PAUSE", timedelta(seconds=-1))
    monkeypatch.setattr(traces, "AFTER_A_FAILURE", timedelta(seconds=-1))


@pytest.fixture
def finish(agent: Any, workspace: Workspace, policy: Callable[..., Any]) -> Callable[..., Run]:
    policy(stub_policy())

    def work(*middle: tuple[str, str, dict[str, Any]]) -> Run:
        run = submit_run(Order(workspace, {"text": "canary words"}, graph=chain(*middle))).run
        agent.drain()
        return Run.objects.get(pk=run.pk)

    return work


def told(span: dict[str, Any]) -> dict[str, Any]:
    return {
        item["key"].removeprefix("sluiceway."): next(iter(item["value"].values()))
        for item in span["attributes"]
    }


def test_a_run_is_a_trace_and_a_step_a_span(
    finish: Callable[..., Run], receiver: Receiver, at_once: None
) -> None:
    to = Collector(f"{receiver.address}/v1/traces", "studio", (("X-Key", "k"),))
    finish(("before", "upper", {}))
    assert send_new(to) == 0  # what ended before anybody asked for traces is not sent
    run = finish(("canarynode", "echo", {}), ("b", "upper", {}))
    assert send_new(to) == 1 and send_new(to) == 0
    spans = receiver.spans()
    assert {span["traceId"] for span in spans} == {run.pk.hex} and UUID(spans[0]["traceId"]) == run.pk
    root, *steps = spans
    assert root["name"] == "run" and "parentSpanId" not in root and told(root)["state"] == "succeeded"
    assert {span["parentSpanId"] for span in steps} == {root["spanId"]}
    assert {"stub.echo", "stub.upper", "stub.output"} <= {span["name"] for span in steps}
    echo = next(span for span in steps if span["name"] == "stub.echo")
    assert told(echo)["state"] == "done" and float(told(echo)["cost.tokens"]) == len("canary words")
    for span in spans:
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        assert len(span["spanId"]) == 16 and span["status"]["code"] == 1
    assert receiver.taken[0]["path"] == "/v1/traces" and receiver.headers[0]["X-Key"] == "k"
    assert "canary" not in json.dumps(receiver.taken)


def test_a_failed_step_is_an_error_with_its_code_and_without_its_words(
    finish: Callable[..., Run], receiver: Receiver, at_once: None
) -> None:
    to = Collector(receiver.address, "s")
    send_new(to)
    finish(("a", "fail", {"how": "bug"}))
    send_new(to)
    failed = {span["name"]: told(span)["error"] for span in receiver.spans() if span["status"]["code"] == 2}
    assert failed == {"run": "node_error", "stub.fail": "node_error"}
    assert "canary" not in json.dumps(receiver.taken)


def test_a_collector_that_is_away_loses_nothing_and_costs_nobody(
    finish: Callable[..., Run], receiver: Receiver, at_once: None
) -> None:
    to = Collector(receiver.address, "s")
    send_new(to)
    run = finish(("a", "echo", {}))
    receiver.status = 503
    with pytest.raises(OSError):
        send_new(to)
    receiver.status = 200
    assert send_new(to) == 1
    assert {span["traceId"] for span in receiver.spans()} == {run.pk.hex}


def test_one_worker_at_a_time_sends(finish: Callable[..., Run], receiver: Receiver, at_once: None) -> None:
    to = Collector(receiver.address, "s")
    send_new(to)
    finish(("a", "echo", {}))
    assert traces._take_turn() and send_new(to) == 0 and not receiver.taken
    Turn.objects.all().delete()
    assert send_new(to) == 1


def test_the_sweep_sends_beside_itself_and_only_where_somebody_asked(
    finish: Callable[..., Run], receiver: Receiver, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces.sweep()
    assert not Turn.objects.filter(name="traces").exists()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.address)
    send_new(Collector(receiver.address, "s"))
    finish(("a", "echo", {}))

    def arrived() -> bool:
        traces.sweep()
        return bool(receiver.taken)

    wait_for(arrived)
    with traces._busy:  # the thread has ended
        pass


@pytest.mark.any_database("no row is read")
@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c/x"}, "https://c/x"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "file:///etc/passwd"}, None),
    ],
)
def test_opentelemetry_s_own_variables_say_where(variables: dict[str, str], url: str | None) -> None:
    found = collector(variables)
    assert (found.url if found else None) == url


@pytest.mark.any_database("no row is read")
def test_ours_switch_it_on_and_off_and_a_collector_s_key_is_in_no_repr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLUICEWAY_TRACES", "1")
    found = collector({"OTEL_EXPORTER_OTLP_HEADERS": "api-key=canary%20key,broken"})
    assert found is not None and found.url == "http://localhost:4318/v1/traces"
    assert found.headers == (("api-key", "canary key"),) and "canary" not in repr(found)
    monkeypatch.setenv("SLUICEWAY_TRACES", "0")
    assert collector({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}) is None
