"""Metrics: what has happened is counted once, in the form that Prometheus reads, for those who may read it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client, RequestFactory
from django.urls import resolve

from builder.accounts.models import Workspace
from builder.figures.models import Figure
from builder.operations import requests, tally
from builder.operations.exposition import Family, Histogram, bucket, text
from builder.operations.metrics import may_read
from builder.runs.models import Run, Worker
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import SegmentState
from tests.builder.runs.claims import claim, everything, expire
from tests.fixtures.runs import chain, stub_policy

# The form of a line: a name, labels in braces, a number.
LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\]|\\.)*"(,[a-z]+="(?:[^"\\]|\\.)*")*\})? [-+0-9.eInf]+')


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are counted as soon as they are there."""
    monkeypatch.setattr(tally, "LAG", timedelta(0))


def read(**headers: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.content
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    assert lines and all(LINE.fullmatch(line) for line in lines), lines
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_family_is_written_as_prometheus_reads_it() -> None:
    family = Family("x_total", "counter", "Things.", ("a",), {('q"\\\n',): 2.0, ("b",): 0.5})
    histogram = Histogram("y", "Times.", ("k",), (0.1, 1.0), {("m",): [1, 2, 3]}, {("m",): 7.25})
    assert text([family, histogram]) == (
        '# HELP x_total Things.\n# TYPE x_total counter\nx_total{a="b"} 0.5\nx_total{a="q\\"\\\\\\n"} 2\n'
        '# HELP y Times.\n# TYPE y histogram\ny_bucket{k="m",le="0.1"} 1\ny_bucket{k="m",le="1"} 3\n'
        'y_bucket{k="m",le="+Inf"} 6\ny_sum{k="m"} 7.25\ny_count{k="m"} 6\n'
    )
    assert [bucket((0.1, 1.0), seconds) for seconds in (0.1, 0.5, 9)] == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_runs_and_steps_are_counted_once_and_stay_counted_when_they_are_deleted(
    store: DatabaseRunStore, submit: Callable[[dict[str, Any]], Run], at_once: None
) -> None:
    first = submit(chain(("a", "echo", {})))
    assert read()['sluiceway_runs{state="queued"}'] == 1  # and counting begins here
    claimed = claim(store)
    assert read()['sluiceway_runs{state="running"}'] == 1
    store.finish(claimed, SegmentState.DONE, everything(claimed))
    for _ in range(2):
        found = read()
        assert found['sluiceway_runs_ended_total{state="succeeded"}'] == 1
        assert found['sluiceway_steps_ended_total{type="stub.echo",state="done"}'] == 1
        assert found['sluiceway_step_seconds_bucket{type="stub.echo",le="0.05"}'] == 0
        assert found['sluiceway_step_seconds_bucket{type="stub.echo",le="0.1"}'] == 1
        assert found['sluiceway_step_seconds_sum{type="stub.echo"}'] == pytest.approx(0.1)
        assert found['sluiceway_runs{state="running"}'] == 0
    first.delete()
    assert read()['sluiceway_runs_ended_total{state="succeeded"}'] == 1


@pytest.mark.django_db(transaction=True)
def test_findings_cached_steps_and_lost_leases_are_counted(
    agent: Any, workspace: Workspace, policy: Callable[..., Any], at_once: None
) -> None:
    policy(stub_policy())
    read()
    for said in ("a forbidden word", "fine", "fine"):
        submit_run(Order(workspace, {"text": said}, graph=chain(("a", "echo", {}))))
        agent.drain()
    found = read()
    assert found['sluiceway_gate_findings_total{action="block"}'] >= 1, found
    assert found['sluiceway_steps_ended_total{type="stub.echo",state="cached"}'] == 1, found
    lost = submit_run(Order(workspace, {"text": "other"}, graph=chain(("a", "echo", {})))).run
    claim(agent.store)
    expire(lost)
    agent.store.sweep()
    assert read()["sluiceway_leases_lost_total"] == 1


@pytest.mark.django_db(transaction=True)
def test_the_queue_and_the_workers_are_told_as_they_are_now(run: Run) -> None:
    Run.objects.update(created=Now() - timedelta(minutes=5))
    Worker.objects.create(id="w", device="cpu", busy=True, seen=Now())
    Worker.objects.create(id="gone", device="cpu", busy=True, seen=Now() - timedelta(minutes=5))
    found = read()
    assert found['sluiceway_queue_segments{resource="cpu"}'] == 1
    assert found['sluiceway_queue_segments{resource="gpu"}'] == 0
    assert 290 < found['sluiceway_queue_oldest_seconds{resource="cpu"}'] < 400
    assert (found['sluiceway_workers{busy="true"}'], found['sluiceway_workers{busy="false"}']) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_nothing_that_a_person_wrote_or_is_called_is_in_a_label(
    agent: Any, workspace: Workspace, policy: Callable[..., Any], at_once: None
) -> None:
    policy(stub_policy())
    read()
    graph = chain(("canarynode", "echo", {"log": ""}))
    run = submit_run(Order(workspace, {"text": "canary forbidden"}, graph=graph)).run
    agent.drain()
    Client().get(f"/api/runs/{run.pk}")
    Client().get("/canary-address")
    Worker.objects.create(id="canary-host:1", device="cpu", seen=Now())
    body = Client().get("/metrics").content.decode()
    assert "canary" not in body and str(run.pk) not in body and str(workspace.pk) not in body
    assert 'route="api/runs/<uuid:run>",status="401"' in body
    assert not Figure.objects.filter(name__contains="canary").exists()


@pytest.mark.any_database("who may read is decided before any row is looked for")
def test_figures_are_for_this_machine_alone_and_not_by_way_of_a_proxy(settings: Any) -> None:
    request = RequestFactory().get
    assert may_read(request("/metrics")) and may_read(request("/metrics", REMOTE_ADDR="::1"))
    for address in ("10.0.0.7", "", "unix", "192.168.1.1"):
        assert not may_read(request("/metrics", REMOTE_ADDR=address))
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert not may_read(request("/metrics", headers={header: "10.0.0.7"}))
    settings.HTTPS = True
    assert not may_read(request("/metrics"))


@pytest.mark.any_database("who may read is decided before any row is looked for")
def test_with_a_token_it_is_whoever_brings_it_and_nobody_else(settings: Any) -> None:
    settings.METRICS_TOKEN = "canary-token"
    request = RequestFactory().get
    assert may_read(
        request("/metrics", REMOTE_ADDR="10.0.0.7", headers={"Authorization": "Bearer canary-token"})
    )
    for given in ("", "Bearer ", "Bearer canary", "canary-token", "Bearer canary-tokeñ"):
        assert not may_read(request("/metrics", headers={"Authorization": given}))
    refused = Client().get("/metrics", headers={"Accept-Language": "zh"})
    assert refused.status_code == 401 and "令牌" in refused.content.decode()
    assert "canary" not in refused.content.decode()


@pytest.mark.any_database("it is about what is told when there is none")
def test_without_a_database_the_figures_of_this_process_are_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db import OperationalError

    def fall() -> None:
        raise OperationalError

    monkeypatch.setattr(tally, "advance", fall)
    found = read()
    assert found["sluiceway_database_up"] == 0
    assert any(name.startswith("sluiceway_http_requests_total") for name in found)


def test_the_routes_are_as_few_as_the_site_has() -> None:
    request = RequestFactory().get("/api/runs/0192f0c1-0000-7000-8000-000000000000")
    for number in range(50):
        request = RequestFactory().get(f"/workflows/{number}")
        request.resolver_match = resolve(request.path)
        assert requests.route_of(request) == "page"
        assert requests.route_of(RequestFactory().get(f"/api/{number}")) == "none"
        assert requests.route_of(RequestFactory().get(f"/static/{number}")) == "static"
    request.path = "/console/runs/run/"
    request.resolver_match = resolve(request.path)
    assert requests.route_of(request) == "console"
