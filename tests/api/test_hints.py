"""Who looks at a drawing has workers told what it needs: names of what is installed, and nothing of what was written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from redis.client import PubSub

from runtime.dispatch.needs import CHANNEL, ModelUse, Needs, read_hint
from runtime.safety.policy import Policy
from runtime.values import Json
from tests.api.conftest import Member
from tests.fixtures.runs import chain, policy, stub_packs, stub_policy, told, valkey, valkey_folder, wait_for
from tests.models.stubs import put_model

__all__ = ["policy", "stub_packs", "told", "valkey", "valkey_folder"]

pytestmark = pytest.mark.any_database("no row is asked for but the policy in force")


@pytest.fixture
def ear(
    valkey: str,
    told: None,
    stub_packs: None,
    policy: Callable[[Policy], Policy],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[PubSub]:
    policy(stub_policy())
    put_model(tmp_path, "one")
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path))
    with redis.Redis.from_url(valkey) as client, client.pubsub(ignore_subscribe_messages=True) as listening:
        listening.subscribe(CHANNEL)
        listening.get_message(timeout=1)
        yield listening


def look_at(member: Member, graph: Json) -> Json:
    answer = member.client.post(
        f"/api/workspaces/{member.workspace.pk}/compile", {"graph": graph}, format="json"
    )
    assert answer.status_code == 200
    return answer.json()


def test_a_drawing_that_compiles_is_told_to_workers_by_names_alone(ear: PubSub, ada: Member) -> None:
    graph = chain(("q", "quote", {"model": "one"}), ("s", "quote", {"model": "CANARY-4417"}))
    assert look_at(ada, graph)["plan"]
    message = wait_for(lambda: ear.get_message(timeout=1))
    assert b"CANARY" not in message["data"]
    assert read_hint(message["data"]) == Needs(
        ("stub.secrets", "stub.words"), (ModelUse("stub.quote", 1, (("model", "one"),)),)
    )


def test_a_drawing_that_does_not_compile_is_told_to_nobody(ear: PubSub, ada: Member) -> None:
    assert look_at(ada, chain(("q", "unheard_of", {})))["plan"] is None
    look_at(ada, chain(("e", "echo", {})))
    message = wait_for(lambda: ear.get_message(timeout=1))
    assert read_hint(message["data"]) == Needs(("stub.secrets", "stub.words"))


def test_the_answer_is_the_same_without_a_message_service(
    ear: PubSub, ada: Member, settings: Json, tmp_path: Path
) -> None:
    settings.SLUICEWAY_REDIS_URL = f"unix://{tmp_path}/none.sock"
    assert look_at(ada, chain(("q", "quote", {"model": "one"})))["plan"]
