"""Backup and restore: taken under load, restored elsewhere, nothing lost; and nothing restored that was changed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from builder.accounts.models import Workspace
from builder.assets.models import Asset, Origin
from builder.assets.store import open_store
from builder.bootstrap import places
from builder.operations.backup import take
from builder.operations.backup.manifest import NAME, asset_path
from builder.operations.backup.restore import restore_backup
from builder.operations.backup.sealed import seal, unseal
from builder.operations.backup.take import take_backup
from builder.runs.models import Run, Segment
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from builder.safety.append_audit import append_audit
from runtime.errors import UserError
from runtime.safety.policy import Policy
from tests.builder.runs.claims import claim
from tests.fixtures.runs import STUB_PACKS, Workers, beside, chain, drawing, stub_policy, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

PASSPHRASE = "canary passphrase"
PICTURE = drawing(
    ("in", "input", {"name": "text"}), ("n", "nap", {"seconds": 0.2}), ("p", "picture", {"colour": "blue"}),
    ("out", "show_image", {"name": "picture"}), edges="in.text>n.text n.text>p.text p.image>out.image",
)  # fmt: skip
# What the restored installation says of itself.
INSPECT = """
import json, django; django.setup()
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.operations.looks.storage import named_contents
from builder.runs.models import Event, Run, Segment, Worker
from runtime.errors import OperationalError
from runtime.values import AssetRef
def whole(name):
    try: return bool(open_store().read(AssetRef(name, "", 0)))
    except OperationalError: return False
def gaps(run):
    found = list(Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    return found != list(range(1, run.last_event + 1))
print(json.dumps({
    "states": {str(run.pk): run.state for run in Run.objects.all()},
    "gaps": [str(run.pk) for run in Run.objects.all() if gaps(run)],
    "outputs": {str(run.pk): run.outputs.count() for run in Run.objects.all()},
    "torn": [name for name in named_contents() if not whole(name)],
    "losses": sum(Segment.objects.values_list("losses", flat=True)),
    "leased": Segment.objects.filter(state="leased").count(),
    "workers": Worker.objects.count(),
}))
"""


@dataclass
class Elsewhere:
    """Another home, and another database of the same kind."""

    home: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run("manage.py", *arguments)

    def inspect(self) -> dict[str, Any]:
        done = self._run("-c", INSPECT)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def is_empty(self) -> bool:
        left = [path.name for path in self.home.rglob("*") if path.is_file()]
        return set(left) <= {"secret_key", "up.lock"}

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments], cwd=places.ROOT, env=self.environment, capture_output=True, text=True, timeout=200
        )  # fmt: skip


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    home = tmp_path / "elsewhere"
    environment = os.environ | STUB_PACKS | {
        "SLUICEWAY_HOME": str(home),
        # No message service: what goes on, goes on by the sweep.
        "SLUICEWAY_REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "builder.settings",
        "SLUICEWAY_BACKUP_PASSPHRASE": PASSPHRASE,
        "LANG": "C",
    }  # fmt: skip
    url = os.environ.get("SLUICEWAY_DATABASE_URL")
    if url:
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE elsewhere")
        environment["SLUICEWAY_DATABASE_URL"] = urlsplit(url)._replace(path="/elsewhere").geturl()
    yield Elsewhere(home, environment)
    if url:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE elsewhere WITH (FORCE)")


@pytest.fixture
def logged(workspace: Workspace, policy: Callable[[Policy], Policy]) -> Workspace:
    """A policy in force that the audit log knows of."""
    made = policy(stub_policy())
    append_audit(
        "policy.shipped",
        by=None,
        subject="installation",
        data={"version": made.version, "digest": made.digest},
    )
    return workspace


def keep(workspace: Workspace, content: bytes) -> str:
    ref = open_store().write(content, "text/plain")
    Asset.objects.create(
        workspace=workspace, sha256=ref.sha256, media_type=ref.media_type, size=ref.size, origin=Origin.OUTPUT
    )
    return ref.sha256


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        work()
    return caught.value.code


def test_a_backup_under_load_has_every_finished_run_whole_and_takes_unfinished_ones_up_again(
    workers: Workers, logged: Workspace, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    workers.start()
    enough = threading.Event()

    def go_on_submitting() -> None:
        number = 0
        while not enough.wait(0.1) and number < 60:
            number += 1
            graph = PICTURE if number % 3 == 0 else chain(("a", "echo", {}), ("b", "upper", {}))
            submit_run(Order(logged, {"text": f"hello {number}"}, graph=graph))

    with beside(go_on_submitting):
        wait_for(lambda: Run.objects.filter(state="succeeded").count() >= 8, 120)
        for seconds in (3, 0):  # one that a worker has in hand, and one behind it
            graph = chain(("n", "nap", {"seconds": seconds}), ("b", "upper", {}))
            submit_run(Order(logged, {"text": "slow"}, graph=graph))
        finished = {str(pk) for pk in Run.objects.filter(state="succeeded").values_list("pk", flat=True)}
        made = take_backup(tmp_path / "backup", PASSPHRASE)
        enough.set()
    workers.stop()
    assert made.unfinished > 0 and made.assets > 0 and not made.missing

    done = elsewhere.manage("restore", str(tmp_path / "backup"))
    assert done.returncode == 0, done.stderr
    found = elsewhere.inspect()
    assert len(found["states"]) == made.runs
    assert {run for run, state in found["states"].items() if state == "succeeded"} >= finished
    assert not found["torn"] and not found["gaps"]
    assert (found["leased"], found["losses"], found["workers"]) == (0, 0, 0)

    crew = Workers(elsewhere.environment | {"PYTHONPATH": str(places.ROOT)}, tmp_path)
    crew.start()
    open_states = {"queued", "running"}  # looked at now and then: each look is a process
    try:
        wait_for(lambda: time.sleep(2) or not open_states & set(elsewhere.inspect()["states"].values()), 180)
    finally:
        crew.stop()
    found = elsewhere.inspect()
    assert set(found["states"].values()) == {"succeeded"}, (found, crew.logs())
    assert set(found["outputs"].values()) == {1} and not found["torn"] and not found["gaps"]


def test_what_a_worker_had_in_hand_is_handed_back_and_counts_as_lost_by_nobody(
    store: DatabaseRunStore, logged: Workspace, stub_packs: None, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    submit_run(Order(logged, {"text": "hello"}, graph=chain(("a", "echo", {}))))
    claim(store)
    take_backup(tmp_path / "b.tar", PASSPHRASE)
    assert elsewhere.manage("restore", str(tmp_path / "b.tar")).returncode == 0
    found = elsewhere.inspect()
    assert (found["leased"], found["losses"]) == (0, 0)
    assert Segment.objects.get().state == "leased", "the installation that goes on is not touched"


def test_the_keys_are_in_no_backup_in_clear_and_nobody_is_signed_in_by_one(
    logged: Workspace, elsewhere: Elsewhere, tmp_path: Path, settings: Any
) -> None:
    key = (settings.HOME / "secrets" / "secret_key").read_text()
    Session.objects.create(session_key="canarysession", session_data="x", expire_date=timezone.now())
    keep(logged, b"hello")
    take_backup(tmp_path / "with", PASSPHRASE)
    take_backup(tmp_path / "without")
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        assert key.encode() not in content and b"canarysession" not in content, path
        assert path.stat().st_mode & 0o077 == 0, path
    assert not (tmp_path / "without" / "secrets.json").exists()
    assert Session.objects.count() == 1
    assert elsewhere.manage("restore", str(tmp_path / "with")).returncode == 0
    assert (elsewhere.home / "secrets" / "secret_key").read_text() == key


def test_a_backup_goes_into_an_empty_home_alone(
    logged: Workspace, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    take_backup(tmp_path / "backup")
    assert elsewhere.manage("restore", str(tmp_path / "backup")).returncode == 0
    again = elsewhere.manage("restore", str(tmp_path / "backup"))
    assert again.returncode == 1 and "There is something already" in again.stderr
    assert code_of(lambda: take_backup(tmp_path / "backup")) == "backup_exists"


@pytest.mark.parametrize("what", ["asset", "log"])
def test_what_was_changed_is_not_restored_and_leaves_nothing_behind(
    logged: Workspace, elsewhere: Elsewhere, tmp_path: Path, what: str
) -> None:
    name = keep(logged, b"hello")
    folder = tmp_path / "backup"
    take_backup(folder)
    if what == "asset":
        said = "is not what was written into the backup"
        (folder / asset_path(name)).write_bytes(b"hellO")
    else:
        said = "The audit log in the backup is broken"
        body = json.loads((folder / NAME).read_bytes())
        (folder / NAME).write_text(json.dumps(body | {"head": "0" * 63 + "1"}))
    done = elsewhere.manage("restore", str(folder))
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert elsewhere.is_empty()
    if what == "asset":
        (folder / asset_path(name)).write_bytes(b"hello")
        assert elsewhere.manage("restore", str(folder)).returncode == 0, "the database is as empty as it was"


@pytest.mark.parametrize("what", ["database", "manifest", "passphrase"])
def test_what_was_changed_is_found_before_anything_is_written(
    logged: Workspace, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "backup"
    take_backup(folder, PASSPHRASE)
    code, passphrase = "passphrase_wrong", PASSPHRASE
    if what == "database":
        code = "backup_altered"
        path = next(folder.glob("database.*"))
        path.write_bytes(path.read_bytes()[:-1] + b"\1")
    elif what == "manifest":  # made to fit by somebody who does not know the passphrase
        (folder / NAME).write_bytes((folder / NAME).read_bytes().replace(b'"runs": 0', b'"runs": 7'))
    else:
        passphrase = "another passphrase"
    assert code_of(lambda: restore_backup(folder, lambda: passphrase)) == code
    if what != "database":
        # Without them the keys stay out, and then it is our home that has something in it already.
        assert code_of(lambda: restore_backup(folder, lambda: None)) == "home_not_empty"


def test_a_file_that_is_none_of_ours_is_not_taken_for_a_backup(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.add(tmp_path / "text", arcname="../../escaped")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / NAME).write_text('{"format": 1, "files": {"../secrets/x": "0"}}')
    for name in ("text", "evil.tar", "folder", "nowhere"):
        path = tmp_path / name
        assert code_of(lambda path=path: restore_backup(path, lambda: None)) == "no_backup"  # type: ignore[misc] # bound now
    assert not list(tmp_path.parent.glob("**/escaped"))


def test_assets_that_are_missing_stop_a_backup_unless_that_is_accepted(
    logged: Workspace, tmp_path: Path
) -> None:
    name = keep(logged, b"soon gone")
    open_store().path(name).unlink()
    assert code_of(lambda: take_backup(tmp_path / "backup")) == "backup_incomplete"
    assert not list(tmp_path.iterdir()), "nothing half is left"
    assert take_backup(tmp_path / "backup", accept_missing=True).missing == [name]


def test_what_is_deleted_while_a_backup_is_taken_is_not_in_it(
    logged: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, deleted = keep(logged, b"stays"), keep(logged, b"canary that goes")
    real = take.take_snapshot
    tries = []

    def then_delete(folder: Path) -> Any:
        found = real(folder)
        tries.append(found)
        if len(tries) == 1:  # between the snapshot and the copies
            Asset.objects.filter(sha256=deleted).delete()
            open_store().remove(deleted)
        return found

    monkeypatch.setattr(take, "take_snapshot", then_delete)
    made = take_backup(tmp_path / "backup")
    assert (made.assets, made.missing, len(tries)) == (1, [], 2)
    assert (tmp_path / "backup" / asset_path(kept)).is_file()
    assert not (tmp_path / "backup" / asset_path(deleted)).exists()


@pytest.mark.any_database("SQLite's own file is looked into")
def test_bytes_of_deleted_rows_are_not_in_the_copy_of_the_database(logged: Workspace, tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite's file holds them")
    take_backup(tmp_path / "backup")
    with sqlite3.connect(tmp_path / "backup" / "database.sqlite3") as copy:
        assert copy.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_secrets_open_with_their_passphrase_and_their_manifest_alone() -> None:
    sealed = seal({"secret_key": "canary"}, PASSPHRASE, b"manifest")
    assert b"canary" not in sealed
    assert unseal(sealed, PASSPHRASE, b"manifest") == {"secret_key": "canary"}
    for given in (
        (sealed, "canary passphrasE", b"manifest"),
        (sealed, PASSPHRASE, b"other"),
        (b"{}", PASSPHRASE, b"m"),
    ):
        assert code_of(lambda given=given: unseal(*given)) == "passphrase_wrong"  # type: ignore[misc] # bound now
    assert code_of(lambda: seal({}, "short", b"")) == "passphrase_short"


def test_lists_and_providers_come_along(
    logged: Workspace, elsewhere: Elsewhere, tmp_path: Path, settings: Any
) -> None:
    for part in ("lists", "providers"):
        (settings.HOME / part).mkdir(exist_ok=True)
        (settings.HOME / part / "one.json").write_text(f'{{"{part}": 1}}')
    try:
        take_backup(tmp_path / "backup.tar")
        assert elsewhere.manage("restore", str(tmp_path / "backup.tar")).returncode == 0
        for part in ("lists", "providers"):
            assert (elsewhere.home / part / "one.json").read_text() == f'{{"{part}": 1}}'
    finally:
        for part in ("lists", "providers"):
            shutil.rmtree(settings.HOME / part)
