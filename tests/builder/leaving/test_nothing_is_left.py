"""After a deletion nothing of the material can be read, however contents were shared; a crash changes nothing of that."""

import hashlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.bootstrap import places
from builder.keeping.models import Erasure, Leaving
from builder.leaving import erasure as frame
from builder.leaving.erase import erase_asset, erase_run
from builder.leaving.sweep import turn
from builder.runs.models import Run
from builder.safety.verify_audit import verify_audit
from runtime.assets.disk import DiskStore
from tests.fixtures.kept import begin_run, canary, finish_run, lies_in_store, upload

SEEDS = itertools.count(1_000)
PLACES = 2
CONTENTS = 3
# Which content is uploaded to which workspace, and whether a run there is given it.
SHARED = st.lists(
    st.tuples(st.integers(0, PLACES - 1), st.integers(0, CONTENTS - 1), st.booleans()), min_size=1, max_size=6
)
# What is deleted: everything of a content in a workspace, runs before files or files alone.
DELETED = st.lists(
    st.tuples(st.integers(0, PLACES - 1), st.integers(0, CONTENTS - 1), st.booleans()), min_size=1, max_size=5
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(shared=SHARED, deleted=DELETED)
def test_no_read_path_and_no_file_has_what_was_deleted(
    ada: User, shared: list[tuple[int, int, bool]], deleted: list[tuple[int, int, bool]]
) -> None:
    User.objects.filter(pk=ada.pk).update(is_superuser=True, is_staff=True)
    contents = [canary(next(SEEDS)) for _ in range(CONTENTS)]
    places = [create_workspace(f"{number}", ada) for number in range(PLACES)]
    for place, content, with_run in shared:
        asset = upload(places[place], ada, contents[content])
        if with_run:
            finish_run(begin_run(places[place], ada, asset), asset)
    assert Asset.objects.filter(sha256__in=map(sha_of, contents)).exists()
    for place, content, runs_first in deleted:
        gone = delete(places[place], contents[content], ada, runs_first)
        assert_unreadable(ada, places[place], contents[content], gone)
        others = Asset.objects.filter(sha256=sha_of(contents[content]))
        assert lies_in_store(contents[content]) == others.exists()
    for content in contents:
        assert lies_in_store(content) == Asset.objects.filter(sha256=sha_of(content)).exists()


def sha_of(content: bytes) -> str:
    """The content as it is stored: an upload keeps of a picture what a decoder needs, which of these is all."""
    return hashlib.sha256(content).hexdigest()


def delete(place: Workspace, content: bytes, by: User, runs_first: bool) -> list[str]:
    """Everything that the workspace knows of the content; the ids that it was known by."""
    rows = Asset.objects.filter(workspace=place, sha256=sha_of(content))
    ids = [str(row.pk) for row in rows]
    if runs_first:
        for run in Run.objects.filter(workspace=place, uses__sha256=sha_of(content)):
            erase_run(run, by)
    for row in rows.all():
        erase_asset(row, by)
    return ids


def assert_unreadable(reader: User, place: Workspace, content: bytes, ids: list[str]) -> None:
    client = Client()
    client.force_login(reader)
    paths = [f"/api/workspaces/{place.pk}/runs", "/console/runs/run/"]
    for run in Run.objects.filter(workspace=place):
        paths += [f"/api/runs/{run.pk}", f"/api/runs/{run.pk}/events", f"/api/runs/{run.pk}/appeals"]
        paths.append(f"/console/runs/run/{run.pk}/change/")
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        said = answer.content.decode()
        assert sha_of(content) not in said and not any(item in said for item in ids), path
    for item in ids:
        assert client.get(f"/api/assets/{item}").status_code == 404
        assert client.get(f"/api/assets/{item}/content").status_code == 404


class Killed(BaseException):
    """The process ended here."""


def kill(*args: object, **options: object) -> None:
    raise Killed


def after_begin(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("builder.leaving.erase.take_asset", kill)


def before_the_audit_entry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(frame, "append_audit", kill)


def after_the_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(frame, "let_go", kill)


def before_the_bytes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DiskStore, "remove", kill)


def after_the_bytes(patch: pytest.MonkeyPatch) -> None:
    remove = DiskStore.remove

    def then_die(store: DiskStore, sha256: str) -> None:
        remove(store, sha256)
        kill()

    patch.setattr(DiskStore, "remove", then_die)


def before_the_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("builder.leaving.erase.finish", kill)


POINTS = (
    after_begin, before_the_audit_entry, after_the_rows, before_the_bytes, after_the_bytes, before_the_end,
)  # fmt: skip


@pytest.mark.parametrize("dies", POINTS)
def test_a_deletion_that_is_killed_is_ended_by_the_sweep(
    dies: Callable[[pytest.MonkeyPatch], None], ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = canary(next(SEEDS))
    asset = upload(home, ada, content)
    run = finish_run(begin_run(home, ada, asset), asset)
    with monkeypatch.context() as patch:
        dies(patch)
        with pytest.raises(Killed):
            erase_asset(asset, ada)
    # Never a row whose bytes are gone.
    assert lies_in_store(content) or not Asset.objects.exists()
    turn(timezone.now())
    assert not Asset.objects.exists() and not lies_in_store(content) and not Leaving.objects.exists()
    run.refresh_from_db()
    assert run.inputs == {}
    erasure = Erasure.objects.get()
    assert erasure.finished and erasure.counts == {"files": 2, "mentions": 1} and len(erasure.entries) == 1
    assert verify_audit().fault is None


# What a process of its own does: delete, and be killed at the named point by a signal that nothing can catch.
DELETES = """
import os, signal, sys
import django
django.setup()
from builder.accounts.models import User
from builder.assets.models import Asset
from builder.leaving.erase import erase_asset
from tests.builder.leaving import test_nothing_is_left as points
points.kill = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
import pytest
getattr(points, sys.argv[1])(pytest.MonkeyPatch())
erase_asset(Asset.objects.get(pk=sys.argv[2]), User.objects.get(pk=sys.argv[3]))
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_is_killed_while_it_deletes_leaves_what_the_sweep_ends(
    point: Callable[[pytest.MonkeyPatch], None], ada: User, home: Workspace
) -> None:
    content = canary(next(SEEDS))
    asset = upload(home, ada, content)
    run = finish_run(begin_run(home, ada, asset), asset)
    name = str(connection.settings_dict["NAME"])
    environment = os.environ | {
        "SLUICEWAY_TEST_DATABASE": name,
        "SLUICEWAY_HOME": str(django_settings.HOME),
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "PYTHONPATH": str(places.ROOT),
    }
    command = [sys.executable, "-c", DELETES, point.__name__, str(asset.pk), str(ada.pk)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert lies_in_store(content) or not Asset.objects.exists(), "never a row whose bytes are gone"
    turn(timezone.now())
    assert not Asset.objects.exists() and not lies_in_store(content) and not Leaving.objects.exists()
    assert not Erasure.objects.filter(finished=None).exists()
    run.refresh_from_db()
    assert run.inputs == {} and verify_audit().fault is None
