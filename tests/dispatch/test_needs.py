"""What a plan will need, told to workers: names of what is installed, published and kept nowhere."""

import json
from pathlib import Path

import pytest
import redis

from runtime.dispatch.needs import (
    CHANNEL,
    MOST,
    ModelUse,
    Needs,
    Sender,
    first_model,
    hint,
    needs_of,
    read_hint,
    send,
)
from tests.engine.segments import FILTERS, REGISTRY, compiled
from tests.fixtures.runs import chain, stub_policy, wait_for

ONE = Needs(("stub.words",), (ModelUse("stub.quote", 1, (("model", "one"),)),))


def needs(model: str, filters: frozenset[str] = frozenset(FILTERS)) -> Needs:
    plan = compiled(chain(("q", "quote", {"model": model}), ("e", "echo", {})), stub_policy())
    return needs_of(plan, REGISTRY, filters, {"one", "two"})


def test_the_filters_of_its_gates_and_the_models_of_its_settings_are_what_a_plan_needs() -> None:
    assert needs("one") == Needs(
        ("stub.secrets", "stub.words"), (ModelUse("stub.quote", 1, (("model", "one"),)),)
    )


def test_a_segment_needs_the_first_model_that_its_steps_name() -> None:
    plan = compiled(
        chain(("e", "echo", {}), ("q", "quote", {"model": "one"}), ("r", "quote", {"model": "two"})),
        stub_policy(),
    )
    named = [first_model(plan, segment.index, REGISTRY) for segment in plan.segments]
    assert [name for name in named if name] == ["one"] and plan.step("q").segment == plan.step("r").segment


def test_steps_without_a_model_need_none() -> None:
    plan = compiled(chain(("e", "echo", {})), stub_policy())
    assert {first_model(plan, segment.index, REGISTRY) for segment in plan.segments} == {""}


@pytest.mark.parametrize("written", ["three", "provider:model", "a CANARY that a person wrote"])
def test_what_is_not_installed_is_not_told_whatever_stands_in_a_setting(written: str) -> None:
    assert needs(written).nodes == ()
    assert "CANARY" not in json.dumps(needs(written).to_json())
    assert needs("one", frozenset({"stub.words"})).filters == ("stub.words",)


def test_a_hint_comes_back_as_it_was() -> None:
    assert read_hint(json.dumps(ONE.to_json())) == ONE


@pytest.mark.parametrize(
    "body",
    [
        "", "no json", "[]", "{}", "null", "7", '{"filters": 3, "nodes": []}', '{"filters": [3], "nodes": []}',
        '{"filters": [], "nodes": ["x"]}', '{"filters": [], "nodes": [{"type": "x", "version": "y", "models": {}}]}',
        '{"filters": [], "nodes": [{"type": "x", "version": 1, "models": [1]}]}', "[" * 5_000,
        json.dumps({"filters": ["x"] * (MOST + 1), "nodes": []}), json.dumps({"filters": ["x" * 201], "nodes": []}),
    ],
)  # fmt: skip
def test_what_is_no_hint_is_none(body: str) -> None:
    assert read_hint(body) is None


def test_a_hint_that_nobody_hears_is_nobodys_fault(valkey: str, tmp_path: Path) -> None:
    assert not send(valkey, ONE)
    assert not send(f"unix://{tmp_path}/none.sock", ONE)
    hint(f"unix://{tmp_path}/none.sock", ONE)


def test_hints_are_published_and_lie_in_no_key(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as client, client.pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe(CHANNEL)
        before = set(client.keys())
        wait_for(lambda: send(valkey, ONE))
        message = wait_for(lambda: ear.get_message(timeout=1))
        assert read_hint(message["data"]) == ONE
        assert set(client.keys()) == before


def test_of_many_hints_of_one_process_few_are_sent_and_the_last_is_among_them(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as client, client.pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe(CHANNEL)
        ear.get_message(timeout=1)
        sender = Sender(every=0.2)
        for number in range(200):
            sender.put(valkey, Needs((f"filter-{number}",)))
        heard: list[str] = []

        def last() -> bool:
            message = ear.get_message(timeout=0.1)
            heard.extend(json.loads(message["data"])["filters"] if message else ())
            return "filter-199" in heard

        wait_for(last)
        assert len(heard) < 50
