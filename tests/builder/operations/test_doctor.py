"""The doctor: what is broken on purpose is named, with what to do; what is well is called well."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset, Origin
from builder.assets.store import open_store
from builder.catalog.installed_models import models_folder
from builder.keeping.models import Turn
from builder.operations import doctor
from builder.operations.doctor import language_from
from builder.operations.looks import arithmetic, models, storage, workers
from builder.operations.looks.database import clock
from builder.operations.told import Level, Told
from builder.runs.models import Run, Segment, Worker
from builder.runs.store import DatabaseRunStore
from builder.safety.models import AuditEntry
from builder.safety.triggers import drop_triggers, put_triggers
from builder.workflows.models import Workflow, WorkflowVersion
from runtime.words import Words
from tests.builder.runs.claims import claim, expire
from tests.fixtures.runs import drawing


@pytest.fixture
def worker(db: None) -> Worker:
    Turn.objects.create(name="retention", due=Now())
    return Worker.objects.create(id="w:1", device="cpu", resources=["cpu", "inline"], seen=Now())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOMENT", 0.0)


@pytest.fixture
def whole_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands for models in tests is none; here nothing is."""
    monkeypatch.setattr(models, "list_records", list)


def said(*found: Told) -> dict[str, list[str]]:
    """The English sentences by level."""
    levels: dict[str, list[str]] = {}
    for item in found:
        levels.setdefault(item.level.value, []).append(item.message.en)
    return levels


def examine(**options: Any) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.django_db
def test_an_installation_that_is_well_is_called_well_in_either_language(
    told: None, worker: Worker, whole_models: None
) -> None:
    code, english = examine(language="en")
    assert code == 0, english
    assert (
        english.rstrip().endswith("Nothing is wrong.") and "1 workers are alive, 0 of them busy." in english
    )
    assert "一切正常。" in examine(language="zh-hans")[1]


@pytest.mark.django_db
def test_what_is_wrong_is_told_first_with_what_to_do_and_by_the_exit_code(
    settings: Any, worker: Worker, whole_models: None
) -> None:
    settings.SLUICEWAY_REDIS_URL = "redis://:canary@127.0.0.1:1/0"
    code, text = examine(language="en")
    assert code == 1 and text.startswith("✗ The message service does not answer.\n     Look at")
    assert "canary" not in text
    code, text = examine(json=True, language="en")
    body = json.loads(text)
    assert (code, body["wrong"]) == (1, 1)
    assert {"part", "level", "message", "hint"} == body["told"][0].keys()


@pytest.mark.parametrize(
    ("variables", "language"),
    [({"LANG": "zh_CN.UTF-8"}, "zh-hans"), ({"LC_ALL": "en_GB", "LANG": "zh_CN"}, "en"), ({}, "en")],
)
def test_it_speaks_as_the_terminal_does(variables: dict[str, str], language: str) -> None:
    assert language_from(variables) == language


@pytest.mark.django_db
def test_a_queue_that_nobody_serves_is_wrong_and_one_that_is_served_is_not(run: Run, worker: Worker) -> None:
    assert list(said(*workers.queue())) == ["well"]
    Worker.objects.update(resources=["gpu"])
    assert said(*workers.queue())["wrong"] == ["No worker that is alive serves the class cpu."]
    Run.objects.update(created=Now() - timedelta(hours=3))
    assert said(*workers.queue())["notice"] == ["1 segments of class cpu wait, the oldest for 3 hours."]


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_stuck_are_named(
    run: Run, worker: Worker, store: DatabaseRunStore, quick: None
) -> None:
    assert said(*workers.stuck())["wrong"] == [
        "The worker w:1 is idle, although a segment of class cpu waits."
    ]
    Worker.objects.update(busy=True)
    assert not workers.stuck()
    Worker.objects.update(seen=Now() - timedelta(minutes=5))
    assert said(*workers.stuck())["notice"] == ["The worker w:1 was busy and has not reported for 5 minutes."]
    claim(store)
    Segment.objects.update(leased_until=Now() - timedelta(minutes=1))
    assert (
        "1 segments have a lease that is over, and nobody takes them back." in said(*workers.stuck())["wrong"]
    )
    expire(run)


@pytest.mark.django_db
def test_a_sweep_that_nobody_takes_although_workers_are_alive_is_wrong(worker: Worker) -> None:
    assert workers.sweep().level is Level.WELL
    Turn.objects.update(due=Now() - timedelta(hours=3))
    found = workers.sweep()
    assert found.level is Level.WRONG and "has been due for 3 hours" in found.message.en
    Turn.objects.all().delete()
    assert "have never swept" in workers.sweep().message.en
    Worker.objects.all().delete()
    assert workers.sweep().level is Level.WELL, "that nobody is alive is said elsewhere"


@pytest.mark.django_db
def test_a_database_whose_clock_is_elsewhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock().level is Level.WELL
    from builder.operations.looks import database

    real = database._database_time
    monkeypatch.setattr(database, "_database_time", lambda: real() - timedelta(minutes=2))
    assert "differ by 120 seconds" in clock().message.en


@pytest.mark.django_db
def test_assets_that_are_gone_or_changed_are_found(
    workspace: Workspace, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    store = open_store()
    refs = [store.write(text, "text/plain") for text in (b"one", b"two", b"three")]
    for ref in refs:
        Asset.objects.create(
            workspace=workspace,
            sha256=ref.sha256,
            media_type=ref.media_type,
            size=ref.size,
            origin=Origin.OUTPUT,
        )
    assert said(storage.assets()) == {"well": ["3 of 3 assets were read again, and are what they were."]}
    store.path(refs[0].sha256).unlink()
    store.path(refs[1].sha256).write_bytes(b"tow")
    found = storage.assets()
    assert found.message.en == "Of 3 assets that were read again, 1 are missing and 1 have changed."
    assert found.hint is not None and refs[0].sha256 in found.hint.en


@pytest.mark.django_db
def test_secrets_that_others_may_read_are_named(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    (tmp_path / "secrets").mkdir(mode=0o700)
    key = tmp_path / "secrets" / "secret_key"
    key.write_text("canary")
    key.chmod(0o600)
    assert storage.secrets().level is Level.WELL
    key.chmod(0o640)
    assert storage.secrets().message.en == "Other users of this machine may read secret_key."


@pytest.mark.django_db
def test_a_full_disk_is_wrong_before_runs_fail_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage.space().level is not Level.WRONG
    monkeypatch.setenv("SLUICEWAY_SPACE_NEEDED_MB", str(10**9))
    assert storage.space().level is Level.WRONG


@pytest.mark.django_db
def test_models_that_published_workflows_need_and_that_are_not_here_are_named(
    workspace: Workspace, policy: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "list_records", lambda: [{"name": "old-model", "state": "broken"}])
    graph = {
        "format": 1,
        "nodes": [
            {"id": "in", "type": "input.text", "version": 1, "params": {"name": "q"}},
            {"id": "a", "type": "text.generate", "version": 1, "params": {"model": "canary-model"}},
            {"id": "out", "type": "output.text", "version": 1, "params": {"name": "answer"}},
        ],
        "edges": [
            {"id": "1", "source": {"node": "in", "port": "text"}, "target": {"node": "a", "port": "prompt"}},
            {"id": "2", "source": {"node": "a", "port": "text"}, "target": {"node": "out", "port": "text"}},
        ],
    }
    for name, drawn in (("Chat", graph), ("Torn", drawing(("x", "nothing", {})))):
        workflow = Workflow.objects.create(workspace=workspace, name=name, published=1)
        WorkflowVersion(workflow=workflow, number=1, graph=drawn, policy_version=1).save()
    assert (models_folder() / "smollm2").is_dir() is False
    levels = said(*models.models())
    assert "1 published workflows need the model canary-model, which is not here." in levels["wrong"]
    assert levels["notice"] == [
        "The model old-model is broken.",
        "1 published workflows do not compile any more.",
    ]


@pytest.mark.django_db
def test_an_audit_log_that_was_changed_is_broken(db: None) -> None:
    from builder.safety.append_audit import append_audit

    append_audit("list.added", by=User.objects.create(username="ada"), subject="x")
    assert doctor.audit().level is Level.WELL
    drop_triggers(connection)
    try:
        AuditEntry.objects.update(body='{"act": "nothing", "data": {}}')
        assert "is not what was written" in doctor.audit().message.en
    finally:
        put_triggers(connection)


@pytest.mark.django_db
def test_a_look_that_falls_over_says_so_and_the_others_go_on(
    told: None, worker: Worker, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def fall() -> Told:
        raise OSError("canary")

    monkeypatch.setitem(doctor.IN_THE_DATABASE, "gpu", fall)
    settings.SLUICEWAY_ASSET_STORE = "no.such:thing"
    found = doctor.examine()
    assert "gpu could not be looked at: OSError." in said(*found)["wrong"]
    assert "assets could not be looked at: No module named 'no'." in said(*found)["wrong"]
    assert found[-1].part == "audit"


@pytest.mark.parametrize(
    ("seen", "here", "torch", "sentence"),
    [
        (["cpu", "cuda"], True, "2.13.0", "1 workers compute on a GPU."),
        (["cpu"], False, "2.13.0+cpu", "Workers compute on processors: there is no GPU here."),
        (["cpu"], True, "2.13.0+cpu", "This machine has a GPU, and no worker that is alive uses one."),
    ],
)
def test_a_gpu_that_nobody_uses_is_told(seen: list[str], here: bool, torch: str, sentence: str) -> None:
    (found,) = workers.gpus(seen, here, torch)
    assert found.message.en == sentence
    if here and "cuda" not in seen:
        assert found.hint is not None and "without CUDA" in found.hint.en


def test_a_precision_is_named_where_it_can_be_and_else_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(*arithmetic.arithmetic({"SLUICEWAY_PRECISION": "int8"})) == {
        "well": ["Picture models work in int8."]
    }
    (unknown,) = arithmetic.arithmetic({"SLUICEWAY_PRECISION": "int3"})
    assert unknown.level is Level.WRONG and "int3" in unknown.message.zh
    assert unknown.hint is not None and "int8, int4" in unknown.hint.en
    monkeypatch.setattr("runtime.arithmetic.LIBRARY", "a_library_that_is_not_here")
    (lacking,) = arithmetic.arithmetic({"SLUICEWAY_PRECISION": "int4"})
    assert lacking.level is Level.WRONG and "no picture is painted" in lacking.message.en
    assert lacking.hint is not None and "pip install" in lacking.hint.en


def test_whether_models_are_compiled_is_told_where_somebody_asks(tmp_path: Path) -> None:
    asked = {"SLUICEWAY_COMPILE": "1", "PATH": str(tmp_path)}
    without = arithmetic.arithmetic(asked)[1]
    assert without.level is Level.NOTICE and without.hint is not None and "g++" in without.hint.en
    (tmp_path / "g++").write_text("#!/bin/sh\n")
    (tmp_path / "g++").chmod(0o755)
    assert said(*arithmetic.arithmetic(asked)[1:])["well"][0].startswith("Picture models are compiled by ")
    assert len(arithmetic.arithmetic({})) == 1


def test_every_sentence_is_there_in_both_languages() -> None:
    from builder.operations.looks import database, messages

    modules = (arithmetic, database, messages, models, storage, workers, doctor)
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Words)]
    assert len(found) > 40
    assert all(item.en and item.zh and item.en != item.zh for item in found)
