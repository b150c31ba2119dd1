"""Health and readiness: the process answers, and the parts that it needs do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from builder.operations import readiness
from builder.operations.readiness import Readiness, Remembered
from builder.runs.models import Worker


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_remembered", readiness.look)


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker.objects.create(id="machine-7:4711", device="cpu", seen=Now())


@pytest.fixture
def without_a_migration(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_migrations SET app = 'gone' WHERE app = 'runs' AND name = '0001_initial'"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'runs' WHERE app = 'gone'")


def ask(path: str = "/readyz", **headers: str) -> tuple[int, Any]:
    answer = Client().get(path, headers=headers)
    return answer.status_code, answer.json()


def test_an_installation_that_is_well_is_ready(told: None, worker: Worker) -> None:
    assert ask() == (200, {"status": "ready", "troubles": {}})


def test_without_a_worker_people_are_still_served_and_the_answer_says_what_is_missing(
    told: None, worker: Worker
) -> None:
    Worker.objects.update(seen=Now() - timedelta(minutes=5))
    status, body = ask()
    assert (status, body["status"]) == (200, "degraded")
    assert body["troubles"] == {"workers": "No worker has reported lately."}
    assert ask(**{"Accept-Language": "zh-CN"})[1]["troubles"] == {"workers": "最近没有工作进程报告。"}


def test_without_a_message_service_it_is_not_ready(settings: Any, worker: Worker) -> None:
    settings.SLUICEWAY_REDIS_URL = "redis://127.0.0.1:1/0"
    status, body = ask()
    assert (status, body["status"]) == (503, "unready")
    assert list(body["troubles"]) == ["messages"]


def test_a_database_of_another_version_is_not_ready(
    told: None, worker: Worker, without_a_migration: None
) -> None:
    status, body = ask()
    assert status == 503
    assert "1 migrations are missing" in body["troubles"]["database"]


@pytest.mark.any_database("what is asked is whether names leak, and no row decides that")
def test_a_stranger_learns_no_name_no_address_and_no_version(settings: Any, worker: Worker) -> None:
    settings.SLUICEWAY_REDIS_URL = "redis://user:canary-secret@127.0.0.1:1/0"
    answer = Client().get("/readyz").content.decode()
    assert "canary" not in answer and "machine-7" not in answer and "127.0.0.1" not in answer
    assert "5.2" not in answer and "0.1.0" not in answer


def test_many_who_ask_at_once_cost_as_much_as_one() -> None:
    asked = []

    def look() -> Readiness:
        asked.append(1)
        return Readiness(())

    remembered = Remembered(look, seconds=60)
    assert [remembered().status for _ in range(50)] == ["ready"] * 50
    assert len(asked) == 1


def test_health_asks_nobody(settings: Any) -> None:
    settings.SLUICEWAY_REDIS_URL = "redis://127.0.0.1:1/0"
    assert ask("/healthz") == (200, {"status": "ok"})
