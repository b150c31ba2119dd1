"""What if over HTTP: a real worker answers, the policy's names come back, and nothing is kept."""

import io
from collections.abc import Callable
from uuid import uuid4

import numpy as np
import pytest
import redis
from django.apps import apps
from rest_framework.response import Response

from builder.accounts.roles import Role
from builder.runs import what_if
from builder.safety import ask_worker
from builder.safety.ask_worker import Few
from builder.safety.meter import PER_MINUTE
from runtime.dispatch.trial import CHANNEL
from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy, Rule
from runtime.safety.redaction import MARK
from runtime.values import Json
from runtime.words import Words
from tests.api.conftest import Member, NewMember
from tests.api.pictures import png
from tests.fixtures.runs import (
    Workers,
    policy,
    stub_packs,
    stub_policy,
    told,
    valkey,
    valkey_folder,
    wait_for,
    workers,
)
from tests.sound.sounds import tone, wav

__all__ = ["policy", "stub_packs", "told", "valkey", "valkey_folder", "workers"]

Put = Callable[[Policy], Policy]


def tried(member: Member, **body: Json) -> Response:
    return member.client.post(f"/api/workspaces/{member.workspace.pk}/what-if", body, format="json")


@pytest.fixture
def worker(workers: Workers, valkey: str) -> Workers:
    """A worker that hears."""
    workers.start()
    with redis.Redis.from_url(valkey) as client:
        wait_for(lambda: client.pubsub_numsub(CHANNEL)[0][1] > 0)
    return workers


def upload(member: Member, colour: str = "", content: bytes = b"") -> str:
    file = {"file": io.BytesIO(content) if content else png(colour=colour)}
    made = member.client.post(f"/api/workspaces/{member.workspace.pk}/assets", file, format="multipart")
    return str(made.json()["id"])


def rows() -> dict[str, str]:
    """Everything that the database holds, by table."""
    return {model.__name__: str(list(model.objects.values())) for model in apps.get_models()}


def test_a_real_worker_says_what_would_happen_and_nothing_is_kept(
    policy: Put, ada: Member, worker: Workers
) -> None:
    policy(stub_policy())
    before = rows()
    answer = tried(ada, text="CANARY-8812 is at key-12345")
    said = answer.json()
    assert (said["verdict"], said["text"]) == ("redact", f"CANARY-8812 is at {MARK}")
    secrets, words = said["filters"]
    assert secrets["title"] == {"en": "secrets", "zh": "secrets"}
    (match,) = secrets["matches"]
    assert match == {
        "category": "stub",
        "title": {"en": "stub things", "zh": "测试类别"},
        "score": 1.0,
        "met": True,
    }
    assert (words["id"], words["action"], words["matches"]) == ("stub.words", "block", [])
    assert [rule["id"] for rule in said["rules"]] == ["person-text"]
    assert said["policy"] == 1
    assert answer["Cache-Control"] == "no-store"

    blocked = tried(ada, text="a forbidden CANARY-8812").json()
    assert (blocked["verdict"], blocked["text"]) == ("block", None)
    prompt = tried(ada, text="CANARY-8812 at key-12345", sink="model").json()
    assert (prompt["verdict"], prompt["text"]) == ("allow", "CANARY-8812 at key-12345")

    after = rows()
    assert "CANARY-8812" not in str(after)
    # The worker reports that it is there, and whose turn it is to tidy up; nothing else has been written.
    assert {name for name in after if after[name] != before[name]} <= {"Worker", "Turn"}
    assert "CANARY-8812" not in worker.logs()


def test_a_picture_is_tried_too_and_a_foreign_one_does_not_exist(
    policy: Put, ada: Member, stranger: Member, worker: Workers
) -> None:
    policy(stub_policy())
    assert tried(ada, asset=upload(ada, "teal")).json()["verdict"] == "allow"
    red = tried(ada, asset=upload(ada, "red")).json()
    assert (red["verdict"], red["text"]) == ("block", None)
    assert [match["score"] for match in red["filters"][0]["matches"]] == [0.9]
    for foreign in (upload(stranger, "teal"), str(uuid4())):
        assert tried(ada, asset=foreign).json()["code"] == "asset_unknown"


def test_a_sound_is_tried_as_it_would_go_on_and_one_that_is_too_long_is_never_stored(
    policy: Put, ada: Member, stranger: Member, worker: Workers
) -> None:
    policy(stub_policy())
    levels = np.frombuffer(b"FORBIDDEN.", "<i2") / 32_768
    good, bad = upload(ada, content=wav(tone(), tone())), upload(ada, content=wav(levels, levels))
    assert tried(ada, asset=good).json()["verdict"] == "allow"
    blocked = tried(ada, asset=bad).json()
    assert (blocked["verdict"], blocked["text"]) == ("block", None)
    assert tried(ada, asset=upload(stranger, content=wav(tone()))).json()["code"] == "asset_unknown"
    long = {"file": io.BytesIO(wav(tone(601, 8_000), rate=8_000, bits=8))}
    refused = ada.client.post(f"/api/workspaces/{ada.workspace.pk}/assets", long, format="multipart")
    assert refused.json()["code"] == "too_long"


@pytest.mark.parametrize("name", ["raises", "exits", "nan", "nothing"])
def test_a_filter_that_is_not_sound_lets_nothing_be_seen(
    name: str, policy: Put, ada: Member, worker: Workers
) -> None:
    policy(stub_policy(FilterUse(f"stub.{name}", Action.REDACT)))
    answer = tried(ada, text="CANARY-8812")
    assert (answer.status_code, answer.json()["code"]) == (422, "gate_unavailable")
    assert "CANARY" not in answer.content.decode()


def test_a_worker_that_clears_nothing_makes_nobody_see_anything(
    policy: Put, ada: Member, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(stub_policy())
    forged = {"type": "text", "data": "a forbidden word", "sources": [], "clearances": []}
    monkeypatch.setattr(
        ask_worker, "ask", lambda url, trial: {"verdict": "allow", "filters": [], "value": forged}
    )
    assert tried(ada, text="x").json()["code"] == "gate_unavailable"


def test_twenty_a_minute_and_it_is_said_how_many_are_left(
    policy: Put, ada: Member, member: NewMember, worker: Workers
) -> None:
    policy(stub_policy())
    left = [tried(ada, text="x").json()["limit"]["left"] for _ in range(PER_MINUTE)]
    assert left == list(range(19, -1, -1))
    refused = tried(ada, text="x")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_trials")
    assert refused["Retry-After"] == "60"
    bob = member("bob", workspace=ada.workspace)
    assert tried(bob, text="x").json()["limit"] == {"most": 20, "seconds": 60, "left": 19}


def test_without_a_worker_a_sentence_says_so(policy: Put, ada: Member, told: None) -> None:
    policy(stub_policy())
    answer = tried(ada, text="x")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_worker")
    assert "checked" in answer.json()["message"]


def test_what_the_policy_lets_pass_unfiltered_needs_no_worker(policy: Put, ada: Member, told: None) -> None:
    policy(stub_policy())
    said = tried(ada, text="mine", sink="model", sources=["author"]).json()
    assert (said["verdict"], said["filters"], said["text"]) == ("allow", [], "mine")


def test_the_workflow_is_one_of_this_workspace(
    policy: Put, ada: Member, stranger: Member, told: None
) -> None:
    policy(stub_policy())
    own, foreign = ada.workflow(), stranger.workflow()
    harmless = {"text": "mine", "sink": "model", "sources": ["author"]}
    assert tried(ada, **harmless, workflow=str(own.pk)).status_code == 200
    assert tried(ada, **harmless, workflow=str(foreign.pk)).status_code == 404


def test_where_the_policy_is_silent_nothing_passes(policy: Put, ada: Member, told: None) -> None:
    words = Words("stub", "测试")
    rule = Rule("r", words, words, Sink.PERSON, (Kind.TEXT,), (Source.AUTHOR,), ())
    policy(Policy(1, (rule,)))
    assert tried(ada, text="x").json()["code"] == "policy_gap"


def test_more_than_a_few_at_once_are_refused(
    policy: Put, ada: Member, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(stub_policy())
    few = Few(1)
    monkeypatch.setattr(what_if, "_few", few)
    with few.one():
        assert tried(ada, text="x").json()["code"] == "workers_busy"


def test_who_may_only_look_may_not_try(ada: Member, member: NewMember) -> None:
    viewer = member("vera", workspace=ada.workspace, role=Role.VIEWER)
    assert (tried(viewer, text="x").status_code, tried(viewer, text="x").json()["code"]) == (403, "read_only")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": "x", "asset": str(uuid4())}, {"text": 5}, {"text": "x" * 20_001}, {"text": "a\x00b"},
        {"asset": "no id"}, {"text": "x", "sink": "outside"}, {"text": "x", "sources": []},
        {"text": "x", "sources": ["nobody"]}, {"text": "x", "plan": {}},
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_refused_with_a_sentence(body: Json, ada: Member, told: None) -> None:
    answer = tried(ada, **body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_the_filters_are_listed_with_what_they_miss(ada: Member) -> None:
    listed = ada.client.get("/api/filters").json()["results"]
    words = next(item for item in listed if item["id"] == "safety.words")
    assert {"violent_crimes", "hate"} <= {category["id"] for category in words["categories"]}
    assert all(item["misses"]["en"] and item["misses"]["zh"] for item in listed)
