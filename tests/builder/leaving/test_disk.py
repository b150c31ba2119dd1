"""After a deletion nothing of the material lies in any file: the database's, its log's, the message service's, the store's."""

import io
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from builder.accounts.models import User, Workspace
from builder.bootstrap import places
from builder.keeping.models import Erasure, Turn
from builder.leaving import scrub
from builder.leaving.erase import erase_run
from builder.leaving.sweep import turn
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Review, Run
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Action, FilterUse, Policy
from tests.api.conftest import Member, join
from tests.fixtures.runs import (
    agent,
    beside,
    chain,
    drawing,
    kept_child,
    stub_policy,
    told,
    valkey,
    valkey_folder,
)

__all__ = ["agent", "kept_child", "told", "valkey", "valkey_folder"]

CANARY = "canary-5514"
ON_SQLITE = pytest.mark.any_database("SQLite's own files, which Postgres does not have")


def files_with(mark: str, *folders: Path) -> list[str]:
    """The files below the home, and below these folders, in which the mark lies."""
    found = []
    for folder in (Path(django_settings.HOME), *folders):
        for path in folder.rglob("*"):
            if path.is_file() and mark.encode() in path.read_bytes():
                found.append(path.name)
    return found


class Visitor:
    """Somebody who runs things, reads them and deletes them, through the public API alone."""

    def __init__(self, member: Member, agent: Any) -> None:
        self.member, self.agent = member, agent

    def post(self, path: str, body: Any, form: str = "json") -> Any:
        answer = self.member.client.post(f"/api/{path}", body, format=form)
        assert answer.status_code < 300, answer.content
        return answer.json()

    def draw(self, graph: Any) -> str:
        home = self.member.workspace.pk
        return str(self.post(f"workspaces/{home}/workflows", {"name": "hers", "graph": graph})["id"])

    def upload(self, content: bytes) -> str:
        file = io.BytesIO(content)
        file.name, file.content_type = "notes.txt", "text/plain"  # type: ignore[attr-defined]  # as a browser says it
        return str(
            self.post(f"workspaces/{self.member.workspace.pk}/assets", {"file": file}, "multipart")["id"]
        )

    def run(self, workflow: str, **inputs: str) -> str:
        run = self.post(f"workflows/{workflow}/runs", {"inputs": inputs})["id"]
        self.agent.drain()
        return str(run)

    def delete(self, path: str) -> None:
        answer = self.member.client.delete(f"/api/{path}")
        assert answer.status_code == 200 and answer.json()["finished"], answer.content


def test_what_was_typed_streamed_blocked_held_and_uploaded_lies_nowhere_when_it_is_deleted(
    agent: Any, valkey: str, valkey_folder: Path, policy: Callable[[Policy], Policy]
) -> None:
    policy(stub_policy())
    eve = Visitor(join("eve"), agent)
    plain, streaming = chain(("a", "echo", {})), chain(("s", "stream", {"piece": 20, "seconds": 0.02}))
    paper = drawing(("out", "output", {"name": "answer"}), edges="d.text>out.text")
    paper["nodes"].append({"id": "d", "type": "input.document", "version": 1, "params": {"name": "report"}})
    drawn = [eve.draw(graph) for graph in (plain, streaming, paper)]
    file = eve.upload(f"The {CANARY} of a document.\n".encode() * 300)
    runs = [eve.run(drawn[0], text=f"typed {CANARY} " * size) for size in (1, 40, 900)]
    seen: set[bytes] = set()

    def stream() -> None:
        runs.append(eve.run(drawn[1], text=f"{CANARY} goes by. " * 60 + "forbidden"))

    with redis.Redis.from_url(valkey) as client, beside(stream) as thread:
        while thread.is_alive():
            for key in client.scan_iter("sluiceway:live:*"):
                seen.update(client.hgetall(key).values())
    assert any(CANARY.encode() in value for value in seen), "nothing was streamed, so nothing is shown"
    runs.append(eve.run(drawn[2], report=file))
    policy(stub_policy(FilterUse("stub.words", Action.HOLD), version=2))
    runs.append(eve.run(drawn[0], text=f"a forbidden {CANARY}"))
    states = [Run.objects.get(pk=run).state for run in runs]
    assert states == ["succeeded"] * 3 + ["blocked", "succeeded", "waiting"]
    assert Review.objects.filter(held__isnull=False).count() == 2
    if connection.vendor == "sqlite":
        assert files_with(CANARY), "the search would find nothing anywhere"
    eve.post(f"runs/{runs[-1]}/cancel", {})
    for run in runs[:2] + runs[3:]:
        eve.delete(f"runs/{run}")
    eve.delete(f"assets/{file}")
    for workflow in drawn:
        assert eve.post(f"workflows/{workflow}/erase", {"with_runs": True})["finished"]
    assert not Run.objects.exists()
    assert files_with(CANARY, valkey_folder) == []


def test_the_message_service_keeps_nothing_on_disk(valkey: str, valkey_folder: Path) -> None:
    with redis.Redis.from_url(valkey) as client:
        assert client.config_get("appendonly") == {"appendonly": "no"}
        assert client.config_get("save") == {"save": ""}
        client.hset("sluiceway:live:control", "text", CANARY)
        client.delete("sluiceway:live:control")
    assert list((valkey_folder / "valkey").rglob("*")) == []


@ON_SQLITE
def test_every_connection_overwrites_what_it_deletes(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


@contextmanager
def reading() -> Iterator[None]:
    """Somebody who reads the database as it is now, and takes their time."""
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    try:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM runs_run").fetchone()
        yield
    finally:
        other.close()


def a_run(home: Workspace, user: User, text: str = f"typed {CANARY}") -> Run:
    run = submit_run(Order(home, {"text": text}, user=user, graph=chain(("a", "echo", {})))).run
    cancel_run(run)
    return run


@ON_SQLITE
def test_a_deletion_is_not_over_while_somebody_reads_the_log_and_the_sweep_ends_it(
    ada: User, home: Workspace
) -> None:
    run = a_run(home, ada)
    with reading():
        erasure = erase_run(run, ada)
        assert not Run.objects.exists() and erasure.finished is None and files_with(CANARY)
        turn(timezone.now())
        assert not Erasure.objects.get().finished
    turn(timezone.now())
    assert Erasure.objects.get().finished and files_with(CANARY) == []


@ON_SQLITE
def test_the_file_is_written_anew_after_deletions_and_not_more_than_once_in_a_while(
    ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    assert not scrub.rewrite(now), "nothing was deleted"
    erase_run(a_run(home, ada), ada)
    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(scrub, "LARGEST", 1)
        assert not scrub.rewrite(now)
    assert scrub.rewrite(now) and not scrub.rewrite(now)
    assert not scrub.rewrite(now + scrub.PERIOD), "nothing was deleted since"
    erase_run(a_run(home, ada), ada)
    assert not scrub.rewrite(timezone.now())
    assert scrub.rewrite(timezone.now() + scrub.PERIOD)
    assert Turn.objects.filter(name=scrub.NAME).count() == 1


def kill(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_the_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("builder.leaving.erase.take_run", kill)


def before_the_log_is_cut(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("builder.leaving.erasure.cut_log", kill)


def after_the_log_is_cut(patch: pytest.MonkeyPatch) -> None:
    def then_die() -> None:
        scrub.cut_log()
        kill()

    patch.setattr("builder.leaving.erasure.cut_log", then_die)


POINTS = (before_the_rows, before_the_log_is_cut, after_the_log_is_cut)

DELETES = """
import sys
import django
django.setup()
import pytest
from builder.accounts.models import User
from builder.leaving.erase import erase_run
from builder.runs.models import Run
from tests.builder.leaving import test_disk as points
getattr(points, sys.argv[1])(pytest.MonkeyPatch())
erase_run(Run.objects.get(pk=sys.argv[2]), User.objects.get(pk=sys.argv[3]))
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_is_killed_while_it_deletes_leaves_no_trace_after_the_sweep(
    point: Callable[[pytest.MonkeyPatch], None], ada: User, home: Workspace
) -> None:
    run = a_run(home, ada, f"killed {CANARY} " * 700)
    environment = os.environ | {
        "SLUICEWAY_TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "SLUICEWAY_HOME": str(django_settings.HOME),
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "PYTHONPATH": str(places.ROOT),
    }
    command = [sys.executable, "-c", DELETES, point.__name__, str(run.pk), str(ada.pk)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert Erasure.objects.filter(finished=None).count() == 1, "what is not over is written down"
    turn(timezone.now())
    assert Erasure.objects.filter(finished=None).count() == 0 and not Run.objects.exists()
    assert files_with(CANARY) == []
