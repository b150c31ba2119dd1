"""A web server and a worker that share nothing but the database, the message service and a bucket."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.leaving.erase import erase_run
from builder.operations.doctor import examine
from builder.operations.looks.storage import assets
from builder.operations.told import Level
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.values import AssetRef
from runtime.worker.environment import for_child
from tests.fixtures.runs import Workers, drawing, ended, stub_policy
from tests.fixtures.s3 import OWNER, WORKER, Bucket, bucket, variables

__all__ = ["bucket"]

PICTURE = drawing(
    ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "blue"}), ("out", "show_image", {"name": "picture"}),
    edges="in.text>p.text p.image>out.image",
)  # fmt: skip


@pytest.fixture
def in_bucket(bucket: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The web server's own store is the bucket; given are the variables of a worker."""
    owners = variables(bucket.owner)
    for name, value in owners.items():
        monkeypatch.setenv(name, value)
    settings.SLUICEWAY_ASSET_STORE = owners["SLUICEWAY_ASSET_STORE"]
    return variables(bucket.worker)


def test_what_a_worker_elsewhere_makes_is_read_and_deleted_here(
    in_bucket: dict[str, str], workers: Workers, workspace: Workspace, policy: Callable[[Policy], Policy],
    tmp_path: Path, settings: Any,
) -> None:  # fmt: skip
    policy(stub_policy())
    home = tmp_path / "elsewhere"
    home.mkdir()
    workers.start(**in_bucket, SLUICEWAY_HOME=str(home), SLUICEWAY_SECRET_KEY=settings.SECRET_KEY)
    with ended(submit_run(Order(workspace, {"text": "hello"}, graph=PICTURE)).run) as run:
        assert run.state == "succeeded", workers.logs()
    asset = Asset.objects.get()
    ref = AssetRef(asset.sha256, asset.media_type, asset.size)
    assert open_store().read(ref).startswith(b"\x89PNG")
    assert not (home / "assets").exists()
    assert OWNER.secret_key not in workers.logs() and WORKER.secret_key not in workers.logs()
    told = {item.part: item for item in examine()}
    assert told["assets"].level is Level.WELL, told["assets"]
    erase_run(Run.objects.get(pk=run.pk), User.objects.create(username="ada"))
    assert not Asset.objects.exists() and not open_store().has(ref.sha256)


def test_the_doctor_says_that_the_bucket_cannot_be_reached_or_opened(
    in_bucket: dict[str, str], transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_S3_SECRET_KEY", "another")
    assert "refuses" in assets().message.en
    monkeypatch.setenv("SLUICEWAY_S3_SECRET_KEY", "")
    assert assets().level is Level.WRONG and "SLUICEWAY_S3_SECRET_KEY" in assets().message.en


@pytest.mark.parametrize("store", ["runtime.assets.disk:open_store", "tests.chaos.assets:open_store"])
def test_a_child_is_told_the_key_to_the_bucket_only_where_files_are_there(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    for name, value in variables(bucket.worker).items():
        monkeypatch.setenv(name, value)
    assert for_child()["SLUICEWAY_S3_SECRET_KEY"] == WORKER.secret_key
    monkeypatch.setenv("SLUICEWAY_ASSET_STORE", store)
    assert not any(name.startswith("SLUICEWAY_S3_") for name in for_child())
