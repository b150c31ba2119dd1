"""What a template says to everybody is judged before it is shared: by a real worker, under the installation's policy."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from rest_framework.response import Response

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.gallery import share_template
from builder.gallery.models import Template
from builder.safety import ask_worker, judge_words, meter
from builder.safety.ask_worker import Few
from builder.safety.models import PolicyVersion, Scope
from runtime.dispatch.trial import CHANNEL
from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy, Rule
from runtime.values import Json
from runtime.words import Words
from tests.api.conftest import Member
from tests.fixtures.runs import (
    Workers,
    chain,
    policy,
    stub_packs,
    stub_policy,
    told,
    valkey,
    valkey_folder,
    wait_for,
    workers,
)

__all__ = ["policy", "stub_packs", "told", "valkey", "valkey_folder", "workers"]

Put = Callable[[Policy], Policy]
BAD = "a forbidden CANARY-4417"


@pytest.fixture
def worker(workers: Workers, valkey: str) -> Workers:
    """A worker that hears."""
    workers.start()
    with redis.Redis.from_url(valkey) as client:
        wait_for(lambda: client.pubsub_numsub(CHANNEL)[0][1] > 0)
    return workers


def shared(member: Member, graph: Json = None, **body: Json) -> Response:
    workflow = member.workflow(graph=graph or chain(("u", "upper", {})))
    address = f"/api/workflows/{workflow.pk}/versions"
    assert member.client.post(address, {}).status_code == 201
    return member.client.post(f"{address}/1/share", {"title": "Fine", **body}, format="json")


def retitled(node: str, **change: Any) -> Json:
    graph = chain(("u", "upper", {}), ("f", "fail", {"how": "user"}))
    return graph | {"nodes": [item | change if item["id"] == node else item for item in graph["nodes"]]}


def test_harmless_words_are_shared_and_no_id_of_an_author_is(
    policy: Put, ada: Member, stranger: Member, worker: Workers
) -> None:
    policy(stub_policy())
    graph = chain(("a-forbidden-CANARY-4417", "upper", {}))
    answer = shared(ada, graph, description="Shouts.", tags=["loud"])
    assert answer.status_code == 201, answer.content
    seen = stranger.client.get(f"/api/templates/{answer.json()['id']}").json()
    assert [node["id"] for node in seen["graph"]["nodes"]] == ["input-1", "upper-2", "output-3"]
    assert [edge["source"]["node"] for edge in seen["graph"]["edges"]] == ["input-1", "upper-2"]
    assert "CANARY" not in str(seen)
    copy = stranger.client.post(
        f"/api/templates/{seen['id']}/use", {"workspace": str(stranger.workspace.pk)}, format="json"
    )
    assert copy.status_code == 201


PLACES: dict[str, tuple[Json, dict[str, Json], str]] = {
    "title": (None, {"title": BAD}, "the title"),
    "Chinese title": (None, {"title": {"en": "Fine", "zh": BAD}}, "the title"),
    "description": (None, {"description": {"en": BAD, "zh": "好"}}, "the description"),
    "tag": (None, {"tags": ["fine", BAD]}, "the tags"),
    "title of a node": (retitled("u", title=BAD), {}, "node 2 of the drawing (upper)"),
    "setting of a node": (retitled("f", params={"how": BAD}), {}, "node 3 of the drawing (fail)"),
    "what stands in for a failure": (
        retitled("f", on_error={"do": "default", "values": {"text": BAD}}) | {"format": 2}, {}, "node 3 of the drawing (fail)",
    ),
    "two places together": (None, {"title": "a forbid\u00adden", "description": BAD}, "the"),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_what_the_policy_blocks_is_shared_from_nowhere_and_quoted_nowhere(
    place: str, policy: Put, ada: Member, stranger: Member, worker: Workers
) -> None:
    policy(stub_policy())
    graph, body, where = PLACES[place]
    answer = shared(ada, graph, **body)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "words_refused"), said
    assert where in said["message"] and "“stub”" in said["message"] and "stub things" in said["message"]
    assert "CANARY" not in answer.content.decode() and "CANARY" not in worker.logs()
    assert not Template.objects.exists()
    assert "CANARY" not in stranger.client.get("/api/templates").content.decode()


@pytest.mark.parametrize("action", [Action.REDACT, Action.HOLD, Action.BLOCK])
def test_what_would_be_redacted_or_held_is_refused_too_and_it_is_said_what_to_do(
    action: Action, policy: Put, ada: Member, worker: Workers
) -> None:
    policy(stub_policy(FilterUse("stub.secrets", action)))
    answer = shared(ada, description={"en": "It is key-12345", "zh": "好"})
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "words_refused")
    assert said["hint"].startswith("Take that out" if action is Action.REDACT else "Say it in other words")
    assert "key-12345" not in answer.content.decode()


def test_the_installations_policy_holds_and_no_milder_one(policy: Put, ada: Member, worker: Workers) -> None:
    policy(stub_policy())
    mild = stub_policy(FilterUse("stub.secrets", Action.REDACT), version=2)
    PolicyVersion(
        version=2, data=mild.to_json(), digest=mild.digest, scope=Scope.WORKSPACE.value, owner=str(ada.workspace.pk)
    ).save()  # fmt: skip
    assert shared(ada, title=BAD).json()["code"] == "words_refused"


@pytest.mark.parametrize("name", ["raises", "exits", "nan", "nothing"])
def test_a_filter_that_is_not_sound_lets_nothing_be_shared(
    name: str, policy: Put, ada: Member, worker: Workers
) -> None:
    policy(stub_policy(FilterUse(f"stub.{name}", Action.BLOCK)))
    answer = shared(ada)
    assert (answer.status_code, answer.json()["code"]) == (422, "gate_unavailable")
    assert not Template.objects.exists()


def test_without_a_worker_nothing_is_shared_and_a_sentence_says_so(
    policy: Put, ada: Member, told: None, stub_packs: None
) -> None:
    policy(stub_policy())
    answer = shared(ada)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_worker")
    assert "nothing was checked" in answer.json()["message"]
    assert not Template.objects.exists()


LIES: dict[str, dict[str, Json]] = {
    "no clearance": {"type": "text", "data": "Fine", "sources": [], "clearances": []},
    "other words": {"type": "text", "data": "other", "sources": [], "clearances": []},
    "no value": {},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_worker_that_clears_nothing_makes_nobody_share_anything(
    lie: str, policy: Put, ada: Member, told: None, stub_packs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(stub_policy())
    answer = {"verdict": "allow", "filters": [], "value": LIES[lie]}
    monkeypatch.setattr(ask_worker, "ask", lambda url, trial: answer)
    assert shared(ada).json()["code"] == "gate_unavailable"
    assert not Template.objects.exists()


def test_where_the_policy_is_silent_about_an_authors_text_nothing_is_shared(policy: Put, told: None) -> None:
    words = Words("stub", "测试")
    policy(Policy(1, (Rule("r", words, words, Sink.PERSON, (Kind.TEXT,), (Source.USER,), ()),)))
    with pytest.raises(Refused) as refused:
        judge_words.judge_words([judge_words.Part(words, ("fine",))], User(username="ada"))
    assert refused.value.code == "policy_gap"


def test_more_than_a_few_at_once_are_refused(
    policy: Put, ada: Member, told: None, stub_packs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(stub_policy())
    few = Few(1)
    monkeypatch.setattr(judge_words, "_few", few)
    with few.one():
        assert shared(ada).json()["code"] == "workers_busy"


def test_words_that_are_too_many_for_one_look_are_judged_in_several(
    policy: Put, ada: Member, worker: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(stub_policy())
    monkeypatch.setattr(judge_words, "TOGETHER", 20)
    assert shared(ada, description="Long enough to stand alone.").status_code == 201
    assert shared(ada, description="Long enough to stand alone.", tags=[BAD]).status_code == 422


def test_refusals_are_trials_and_are_as_few_a_minute(
    policy: Put, ada: Member, worker: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who shares to find out what a filter misses is told no more often than who tries."""
    monkeypatch.setattr(meter, "PER_MINUTE", 3)
    policy(stub_policy())
    codes = [shared(ada, title=BAD).json()["code"] for _ in range(5)]
    assert codes == ["words_refused"] * 3 + ["too_many_trials"] * 2
    assert shared(ada).json()["code"] == "too_many_trials", "nor whether it would have passed"


def test_what_passes_is_no_trial(
    policy: Put, ada: Member, worker: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "PER_MINUTE", 1)
    policy(stub_policy())
    assert [shared(ada).status_code for _ in range(3)] == [201] * 3


def test_nobody_fills_the_gallery_alone(
    policy: Put, ada: Member, worker: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_template, "PER_DAY", 2)
    policy(stub_policy())
    answers = [shared(ada) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1]["Retry-After"] == "86400" and "Retry-After" not in answers[0]
