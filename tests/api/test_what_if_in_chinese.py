"""What if, in Chinese: the product's own filters in a real worker, and every word that comes back in that language."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.db import connection
from rest_framework.response import Response

from builder.bootstrap import places
from builder.safety.meter import PER_MINUTE
from runtime.dispatch.trial import CHANNEL
from runtime.values import Json
from tests.api.conftest import Member
from tests.fixtures.runs import Workers, told, valkey, valkey_folder, wait_for

__all__ = ["told", "valkey", "valkey_folder"]


def tried(member: Member, **body: Json) -> Response:
    address = f"/api/workspaces/{member.workspace.pk}/what-if"
    return member.client.post(address, body, format="json", headers={"Accept-Language": "zh-CN"})


@pytest.fixture
def worker(transactional_db: None, told: None, valkey: str, tmp_path: Path) -> Iterator[None]:
    """A worker with the product's packs, that hears."""
    crew = Workers(
        os.environ
        | {
            "SLUICEWAY_REDIS_URL": valkey,
            "SLUICEWAY_TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
            "PYTHONPATH": str(places.ROOT),
            "PYTHONUNBUFFERED": "1",
        },
        tmp_path,
    )
    try:
        crew.start()
        with redis.Redis.from_url(valkey) as client:
            wait_for(lambda: client.pubsub_numsub(CHANNEL)[0][1] > 0)
        yield
    finally:
        crew.stop()


def test_chinese_is_judged_and_answered_in_chinese(ada: Member, worker: None) -> None:
    private = tried(ada, text="我的手机号是13812345678，身份证号是11010519491231002X。").json()
    assert (private["verdict"], private["text"]) == ("redact", "我的手机号是■■■，身份证号是■■■。")
    titles = {match["title"]["zh"] for row in private["filters"] for match in row["matches"] if match["met"]}
    assert titles == {"电话号码", "身份证号或社会保障号"}
    threat = tried(ada, text="我要杀了你全家").json()
    assert (threat["verdict"], threat["text"]) == ("block", None)
    calm = tried(ada, text="今天天气很好，我们去公园散步吧。").json()
    assert (calm["verdict"], calm["text"]) == ("allow", "今天天气很好，我们去公园散步吧。")
    assert tried(ada, text="字" * 20_000).json()["verdict"] == "allow", "letters are counted, and not bytes"
    closed = tried(ada, text="好", sink="model", sources=["upload"])  # its model is not installed here
    assert (closed.status_code, closed.json()["message"]) == (422, "安全过滤器“提示攻击”无法完成判断。")
    for answer in (private, threat, calm):
        named = [*answer["rules"], *answer["filters"]]
        assert named and all(re.search("[一-鿿]", item["title"]["zh"]) for item in named)


def test_every_refusal_is_in_chinese(ada: Member, told: None) -> None:
    refused = [
        tried(ada, text="字" * 20_001),
        tried(ada, text="好", sink="outside"),
        tried(ada, text="好", workflow=str(uuid4())),
        tried(ada, asset=str(uuid4())),
        tried(ada, text="好"),  # no worker answers
    ]
    refused += [tried(ada, text="好") for _ in range(PER_MINUTE)][-1:]
    assert [answer.status_code for answer in refused] == [400, 400, 404, 400, 409, 429]
    for answer in refused:
        said = answer.json()
        words = [said["message"], said["hint"], *(issue["message"]["zh"] for issue in said.get("issues", []))]
        assert all(re.search("[一-鿿]", line) and not re.search("[A-Za-z]{3}", line) for line in words), said
