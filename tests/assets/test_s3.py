"""The store in a bucket: who may do what there, what is said when it cannot, and what is never said."""

import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from builder.bootstrap import places
from runtime.assets import s3
from runtime.assets.s3 import S3Store, open_store
from runtime.assets.store import Store
from runtime.errors import OperationalError
from runtime.values import AssetRef
from tests.fixtures.s3 import Bucket, bucket, serving, variables

__all__ = ["bucket"]


def code_of(store: Store, ref: AssetRef) -> str:
    with pytest.raises(OperationalError) as caught:
        store.read(ref)
    return caught.value.code


def test_a_worker_reads_and_writes_with_a_key_that_lists_nothing(bucket: Bucket) -> None:
    workers, owners = S3Store(bucket.worker), S3Store(bucket.owner)
    ref = workers.write(b"of a worker", "image/png")
    assert owners.read(ref) == workers.read(ref) == b"of a worker"
    with pytest.raises(OperationalError) as caught:
        list(workers.shelf(int(ref.sha256[:2], 16)))
    assert caught.value.code == "asset_store_refused"


def test_a_key_for_one_folder_reaches_no_other(bucket: Bucket) -> None:
    ref = S3Store(replace(bucket.owner, prefix="others")).write(b"of others", "image/png")
    assert code_of(S3Store(replace(bucket.worker, prefix="others")), ref) == "asset_store_refused"
    with pytest.raises(OperationalError, match="refuses"):
        S3Store(replace(bucket.worker, prefix="others")).write(b"more", "image/png")


def test_who_has_no_key_or_a_wrong_one_is_refused_and_no_word_of_it_is_told(
    bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ref = S3Store(bucket.owner).write(b"content", "image/png")
    for place in (
        replace(bucket.owner, secret_key="guessed-secret"),
        replace(bucket.owner, access_key="nobody"),
    ):
        with pytest.raises(OperationalError) as caught:
            S3Store(place).read(ref)
        assert caught.value.code == "asset_store_refused"
        assert caught.value.__cause__ is None and caught.value.__suppress_context__
        assert "secret" not in caplog.text + str(caught.value) + repr(place)


def test_a_store_that_is_away_may_be_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "REPEATED", 0)
    with serving(tmp_path / "server") as served:
        store = S3Store(served.owner)
        ref = store.write(b"content", "image/png")
        served.process.kill()
        served.process.wait()
        with pytest.raises(OperationalError) as caught:
            store.read(ref)
        assert caught.value.code == "asset_store_away" and caught.value.retryable
        with pytest.raises(OperationalError, match="does not answer"):
            store.has(ref.sha256)


def test_what_nobody_could_have_given_is_not_read(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    store = S3Store(bucket.owner)
    ref = store.write(b"content", "image/png")
    monkeypatch.setattr(s3, "MOST", 3)
    assert code_of(store, ref) == "asset_damaged"


def test_the_environment_says_where_it_is(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(bucket.owner).items():
        monkeypatch.setenv(name, value)
    ref = open_store().write(b"content", "image/png")
    assert open_store() is open_store() and open_store().has(ref.sha256)
    monkeypatch.delenv("SLUICEWAY_S3_SECRET_KEY")
    with pytest.raises(ValueError, match="SLUICEWAY_S3_SECRET_KEY"):
        open_store()


def test_who_keeps_files_on_a_disk_never_loads_the_client() -> None:
    code = "import sys, runtime.assets.s3, runtime.assets.disk; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=places.ROOT).returncode == 0
