"""A worker on another machine: it reaches Postgres, the message service and the bucket, and its cable is cut."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from builder.accounts.models import Workspace
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.bootstrap import places
from builder.runs.models import Output, Run, Segment
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.values import AssetRef
from tests.fixtures.machines import HERE, Cable, cable, why_not
from tests.fixtures.runs import Workers, chain, drawing, ended, stub_policy, wait_for
from tests.fixtures.s3 import Bucket, bucket, variables

__all__ = ["bucket"]

ROLE = "sluiceway_worker_elsewhere"
LEASE = "2"
PICTURE = drawing(
    ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "blue"}), ("out", "show_image", {"name": "picture"}),
    edges="in.text>p.text p.image>out.image",
)  # fmt: skip

WHY_NOT = why_not() if os.environ.get("SLUICEWAY_DATABASE_URL") else "SQLite is on one machine"
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "it can be tried")


@pytest.fixture
def laid() -> Iterator[Cable]:
    with cable() as made:
        yield made


@pytest.fixture
def role(transactional_db: None) -> Iterator[str]:
    call_command("worker_role", role=ROLE, verbosity=0)
    yield ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def elsewhere(
    laid: Cable, role: str, bucket: Bucket, valkey_folder: Path, workers: Workers, settings: Any,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> dict[str, str]:  # fmt: skip
    """What a worker over there is told: three addresses at the other end of its cable, and three keys."""
    for name, value in variables(bucket.owner).items():
        monkeypatch.setenv(name, value)
    settings.SLUICEWAY_ASSET_STORE = "runtime.assets.s3:open_store"
    known = connection.settings_dict
    postgres = laid.relay(socket.AF_UNIX, f"{known['HOST']}/.s.PGSQL.{known['PORT'] or 5432}")
    valkey = laid.relay(socket.AF_UNIX, str(places.socket_path(valkey_folder)))
    s3 = laid.relay(socket.AF_INET, ("127.0.0.1", urlsplit(bucket.url).port))
    workers.environment["SLUICEWAY_SECRET_KEY"] = settings.SECRET_KEY
    workers.environment["SLUICEWAY_LEASE_SECONDS"] = LEASE
    home = tmp_path / "elsewhere"
    home.mkdir()
    return variables(bucket.worker) | {
        "SLUICEWAY_S3_URL": f"http://{HERE}:{s3}",
        "SLUICEWAY_HOME": str(home),
        "SLUICEWAY_REDIS_URL": f"redis://{HERE}:{valkey}/0",
        "SLUICEWAY_DATABASE_URL": f"postgres://{role}@{HERE}:{postgres}/x?tcp_user_timeout=1000&connect_timeout=2",
        "SLUICEWAY_IS_WORKER": "1",
        "SLUICEWAY_LIMITED": "1",
        "SLUICEWAY_SECRET_STORE": "runtime.dispatch.secrets:open_files",
    }


def start(laid: Cable, workers: Workers, told: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A worker over there."""
    with (workers.folder / "worker-elsewhere.log").open("wb") as log:
        process = subprocess.Popen(
            [*laid.prefix, sys.executable, "-m", "runtime.worker"],
            cwd=places.ROOT, env=workers.environment | told, stdout=log, stderr=log, process_group=0,
        )  # fmt: skip
    workers.started.append(process)
    return process


def reaches(laid: Cable, address: str, port: int) -> bool:
    code = f"import socket; socket.create_connection(({address!r}, {port}), timeout=2)"
    done = subprocess.run([*laid.prefix, sys.executable, "-c", code], capture_output=True)
    return done.returncode == 0


def numbers(run: Run) -> list[int]:
    return list(run.events.order_by("seq").values_list("seq", flat=True))


def test_runs_go_through_and_a_cut_cable_loses_nothing_and_doubles_nothing(
    laid: Cable, elsewhere: dict[str, str], bucket: Bucket, workers: Workers, workspace: Workspace,
    policy: Callable[[Policy], Policy], tmp_path: Path,
) -> None:  # fmt: skip
    policy(stub_policy())

    def submit(graph: dict[str, Any]) -> Run:
        return submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run

    assert reaches(laid, HERE, int(urlsplit(elsewhere["SLUICEWAY_S3_URL"]).port or 0))
    assert not reaches(laid, "127.0.0.1", int(urlsplit(bucket.url).port or 0)), "our loopback is not theirs"
    far = start(laid, workers, elsewhere)
    with ended(submit(PICTURE)) as run:
        assert run.state == "succeeded", workers.logs()
    asset = Asset.objects.get()
    assert open_store().read(AssetRef(asset.sha256, asset.media_type, asset.size)).startswith(b"\x89PNG")

    # Cut in the middle of a step, for longer than a lease; somebody near takes over.
    log = tmp_path / "log"
    long = submit(chain(("a", "echo", {"log": str(log)}), ("n", "nap", {"seconds": 4.0}), ("b", "echo", {})))
    wait_for(lambda: log.exists() and Segment.objects.filter(run=long, state="leased").exists())
    wait_for(lambda: long.steps.filter(name="n", state="running").exists())
    laid.cut()
    assert not reaches(laid, HERE, int(urlsplit(elsewhere["SLUICEWAY_S3_URL"]).port or 0))
    near = workers.start(**variables(bucket.owner))
    with ended(long) as run:
        assert run.state == "succeeded", workers.logs()
    laid.heal()
    near.terminate()
    near.wait(30)

    # The one over there finds its way back by itself, and what it had in hand is nobody's.
    with ended(submit(chain(("c", "echo", {})))) as again:
        assert again.state == "succeeded", workers.logs()
    assert Segment.objects.get(run=again).worker == "" and far.poll() is None
    time.sleep(3)  # for whatever it might still want to say of the run that it had lost
    run = Run.objects.get(pk=long.pk)
    assert (run.state, numbers(run)) == ("succeeded", list(range(1, run.last_event + 1)))
    segment = Segment.objects.get(run=run)
    assert (segment.losses, segment.fence) == (1, 2)
    told = Counter(
        (kind, data.get("step"))
        for kind, data in run.events.values_list("kind", "data")
        if kind != "step.running"
    )
    assert set(told.values()) == {1}
    assert Output.objects.filter(run=run).count() == 1
    assert log.read_text().split() == ["a"], "what had ended before the cut is not run again"
