"""Retention: each kind goes when its time is over, nothing before, and nothing that is still needed."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.utils import DatabaseError
from django.utils import timezone

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.common.errors import Refused
from builder.keeping.log_read import log_read
from builder.keeping.models import Erasure, Kept, Leaving, Read, Turn, Way
from builder.keeping.retention import set_retention, terms_of
from builder.leaving.let_go import walk_shelf
from builder.leaving.sweep import turn
from builder.runs.models import ContentUse, Output, Run, Segment, Step
from builder.runs.store import DatabaseRunStore
from builder.workflows.create_workflow import create_workflow
from builder.workflows.delete_workflow import UNDO_WINDOW, delete_workflow
from builder.workflows.models import Workflow
from tests.fixtures.kept import PASS_ON, begin_run, canary, finish_run, lies_in_store, upload

DAY = timedelta(days=1)


def left() -> dict[str, int]:
    return {
        "assets": Asset.objects.count(),
        "runs": Run.objects.count(),
        "values": sum(bool(step.outputs) for step in Step.objects.all()),
        "results": Output.objects.exclude(value=None).count(),
    }


@pytest.mark.parametrize(
    ("kind", "goes"),
    [
        (Kept.INTERMEDIATE, {"values": 0}),
        (Kept.OUTPUTS, {"values": 0, "results": 0}),
        (Kept.RUNS, {"runs": 0, "values": 0, "results": 0, "assets": 1}),
    ],
)
def test_each_kind_goes_by_its_own_days(kind: Kept, goes: dict[str, int], ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(1))
    finish_run(begin_run(home, ada, asset), asset)
    before = left()
    set_retention(home, {kind: 30}, ada)
    assert turn(timezone.now() + 29 * DAY) == 0 and left() == before
    assert turn(timezone.now() + 31 * DAY) == 1
    assert left() == before | goes


def test_what_is_upload_and_output_goes_when_the_time_of_both_is_over(ada: User, home: Workspace) -> None:
    content = canary(2)
    asset = upload(home, ada, content)
    finish_run(begin_run(home, ada, asset), asset)
    set_retention(home, {Kept.UPLOADS: 5}, ada)
    turn(timezone.now() + 10 * DAY)
    assert Asset.objects.count() == 2 and lies_in_store(content)
    set_retention(home, {Kept.OUTPUTS: 20}, ada)
    turn(timezone.now() + 10 * DAY)
    assert Asset.objects.count() == 2
    turn(timezone.now() + 21 * DAY)
    assert not Asset.objects.exists() and not lies_in_store(content)
    assert Output.objects.get().value is None


def test_what_a_run_still_needs_outlives_its_time(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(3))
    run = begin_run(home, ada, asset)
    set_retention(home, dict.fromkeys(Kept, 1), ada)
    assert turn(timezone.now() + 100 * DAY) == 0
    finish_run(run, asset)
    turn(timezone.now() + 100 * DAY)
    assert left() == {"assets": 0, "runs": 0, "values": 0, "results": 0}


def test_the_most_of_the_installation_holds_for_who_wants_more_and_for_who_says_nothing(
    ada: User, home: Workspace, office: Workspace
) -> None:
    set_retention(home, {Kept.UPLOADS: 90}, ada)
    set_retention(None, {Kept.UPLOADS: 30}, None)
    assert [terms_of(place)[Kept.UPLOADS].days for place in (home, office)] == [30, 30]
    for days in (31, None):
        with pytest.raises(Refused):
            set_retention(home, {Kept.UPLOADS: days}, ada)
    upload(home, ada, canary(4))
    upload(office, ada, canary(5))
    turn(timezone.now() + 29 * DAY)
    assert Asset.objects.count() == 2
    turn(timezone.now() + 31 * DAY)
    assert not Asset.objects.exists()


def test_a_deleted_workflow_goes_after_its_thirty_days(ada: User, home: Workspace) -> None:
    workflow = create_workflow(home, ada, "Mine", PASS_ON)
    delete_workflow(workflow)
    turn(timezone.now() + UNDO_WINDOW - DAY)
    assert Workflow.objects.exists()
    turn(timezone.now() + UNDO_WINDOW + DAY)
    assert not Workflow.objects.exists()


def test_a_dry_run_says_what_would_go_and_deletes_nothing(ada: User, home: Workspace) -> None:
    upload(home, ada, canary(6))
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert out.getvalue() == "Nothing is overdue.\n"
    set_retention(home, {Kept.UPLOADS: 1}, ada)
    Asset.objects.update(created=timezone.now() - 2 * DAY)
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert out.getvalue() == "Ada's: 1 files\n" and Asset.objects.count() == 1
    call_command("retention", stdout=out)
    assert not Asset.objects.exists() and "1 things deleted" in out.getvalue()


def test_the_sweep_of_runs_takes_a_turn_when_it_is_due_and_one_worker_gets_it(
    ada: User, home: Workspace
) -> None:
    upload(home, ada, canary(7))
    set_retention(home, {Kept.UPLOADS: 1}, ada)
    Asset.objects.update(created=timezone.now() - 2 * DAY)
    Turn.objects.create(name="retention", due=timezone.now() + DAY)
    DatabaseRunStore(60.0).sweep()
    assert Asset.objects.exists()
    Turn.objects.update(due=timezone.now() - DAY)
    DatabaseRunStore(60.0).sweep()
    assert not Asset.objects.exists()
    assert Turn.objects.get(name="retention").due > timezone.now()


def test_a_fault_of_the_sweep_keeps_no_run_waiting(
    ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []

    def fail(now: object) -> int:
        called.append(now)
        raise RuntimeError("no")

    monkeypatch.setattr("builder.leaving.sweep.turn", fail)
    begin_run(home, ada, upload(home, ada, canary(8)))
    assert DatabaseRunStore(60.0).sweep()
    assert called


def test_a_turn_takes_a_bounded_part(ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builder.leaving.sweep.MOST", 2)
    for seed in range(5):
        upload(home, ada, canary(seed))
    set_retention(home, {Kept.UPLOADS: 1}, ada)
    counts = [turn(timezone.now() + 2 * DAY) for _ in range(4)]
    assert counts == [2, 2, 1, 0]
    assert sum(erasure.counts["files"] for erasure in Erasure.objects.all()) == 5


def test_bytes_that_a_running_worker_may_have_written_wait_for_it(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(9))
    run = begin_run(home, ada, asset)
    assert DatabaseRunStore(60.0).claim("w", frozenset({"inline", "cpu", "gpu"})) is not None
    orphan = open_store().write(b"what a child has written", "image/png")
    Leaving.objects.create(sha256=orphan.sha256)
    turn(timezone.now())
    assert open_store().has(orphan.sha256) and Leaving.objects.exists()
    Segment.objects.filter(run=run).update(state="failed", leased_until=None)
    turn(timezone.now())
    assert not open_store().has(orphan.sha256) and not Leaving.objects.exists()
    assert open_store().has(asset.sha256)


def test_what_lies_in_the_store_without_a_name_is_found_and_goes(ada: User, home: Workspace) -> None:
    named = upload(home, ada, canary(10))
    orphan = open_store().write(b"left by a child that died", "image/png")
    draft = open_store().path(orphan.sha256).parent / ".draft-abc"
    draft.write_bytes(b"half")
    later = timezone.now().timestamp() + 2 * 3600
    assert walk_shelf(int(orphan.sha256[:2], 16), later) == 2
    walk_shelf(int(named.sha256[:2], 16), later)
    turn(timezone.now())
    assert not open_store().has(orphan.sha256) and not draft.exists() and open_store().has(named.sha256)


def test_lines_of_the_data_use_log_never_change_and_go_in_their_time(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(11))
    log_read(ada, Way.SHOWN, home.pk, asset=asset.pk)
    line = Read.objects.get()
    with pytest.raises(TypeError):
        line.save()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE keeping_read SET way = 'desk'")
    set_retention(home, {Kept.READS: 10}, ada)
    turn(timezone.now() + 9 * DAY)
    assert Read.objects.exists()
    turn(timezone.now() + 11 * DAY)
    assert not Read.objects.exists()


def test_uses_follow_what_a_run_still_names(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(12))
    finish_run(begin_run(home, ada, asset), asset)
    assert list(ContentUse.objects.values_list("sha256", flat=True)) == [asset.sha256]
