"""Providers with a real agent and child: who is given a key, and where one can be found afterwards."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings

from builder.accounts.models import Workspace
from builder.catalog.secrets import open_store
from builder.common.errors import Refused
from builder.console.change_providers import add_provider, change_key, remove_provider
from builder.runs.models import Output, Run
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.trial import Trial
from runtime.labels import Sink, Source
from runtime.nodes.registry import load_registry
from runtime.ports import TEXT
from runtime.providers import Provider
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.values import Value
from runtime.worker.access import keys_for_trial
from runtime.worker.agent import Agent
from runtime.worker.child_process import ChildProcess
from tests.fixtures.chat_server import ChatServer, chat_server, judging, streaming
from tests.fixtures.runs import Workers, chain, stub_policy, wait_for

KEY = "sk-CANARY-7261"
BOTH = "tests.packs_stub,runtime.packs.text"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, stub_packs: None) -> Path:
    settings.HOME = tmp_path
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    monkeypatch.setenv("SLUICEWAY_PACKS", BOTH)
    monkeypatch.setenv("SLUICEWAY_FILTER_PACKS", "tests.packs_stub,runtime.packs.safety")
    return tmp_path


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(judging("HARM")) as running:
        yield running


@pytest.fixture
def provider(transactional_db: None, server: ChatServer) -> Provider:
    made = server.provider(keyed=True)
    add_provider(made, KEY)
    return made


@pytest.fixture
def keen(agent: Agent) -> Agent:
    agent.secrets = open_store()
    agent.registry = load_registry()
    return agent


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The keys that came with each order to a child."""
    seen: list[dict[str, str]] = []
    send = ChildProcess._send

    def note(child: ChildProcess, frame: dict[str, Any]) -> None:
        if "keys" in frame:
            seen.append(frame["keys"])
        send(child, frame)

    monkeypatch.setattr(ChildProcess, "_send", note)
    return seen


Submit = Callable[..., Run]


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy]) -> Submit:
    versions = itertools.count(1)

    def put(text: str, under: Policy, graph: Any = None) -> Run:
        policy(replace(under, version=next(versions)))
        return submit_run(Order(workspace, {"text": text}, graph=graph or chain(("a", "echo", {})))).run

    return put


def judged() -> Policy:
    """What people see meets a judge by the provider's first model."""
    return stub_policy(FilterUse(judge_id(), Action.BLOCK))


def judge_id() -> str:
    return next(name for name in load_filters() if name.startswith("judge.near-m1."))


def ended(run: Run, agent: Agent) -> Run:
    agent.drain()
    return Run.objects.get(pk=run.pk)


def test_a_judge_lets_pass_what_it_finds_safe_and_blocks_the_rest(
    keen: Agent, submit: Submit, provider: Provider, server: ChatServer
) -> None:
    assert ended(submit("all is well", judged()), keen).state == "succeeded"
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    blocked = ended(submit("this does HARM", judged()), keen)
    assert blocked.state == "blocked" and Output.objects.count() == 1
    finding = blocked.events.get(kind="gate.finding").data
    assert finding["category"] == "violent_crimes" and finding["filter"] == judge_id()


def test_a_key_goes_to_the_segments_that_say_they_need_it_and_to_no_others(
    keen: Agent, submit: Submit, provider: Provider, handed: list[dict[str, str]]
) -> None:
    assert ended(submit("plain", stub_policy()), keen).state == "succeeded"
    assert handed and not any(handed)
    handed.clear()
    assert ended(submit("judged", judged()), keen).state == "succeeded"
    assert {provider.secret: KEY} in handed
    handed.clear()
    assert ended(submit("plain", stub_policy()), keen).state == "succeeded"
    assert handed and not any(handed)


def test_a_trial_gets_the_keys_of_its_own_filters(provider: Provider) -> None:
    def keys(policy: Policy) -> dict[str, str]:
        trial = Trial("1", Value(TEXT, "hello", frozenset({Source.USER})), Sink.PERSON, policy)
        return keys_for_trial(trial, load_filters(), open_store())

    assert keys(judged()) == {provider.secret: KEY}
    assert keys(stub_policy()) == {}
    assert keys(stub_policy(model=(FilterUse(judge_id(), Action.BLOCK),))) == {}


def test_the_key_is_in_no_row_no_event_and_no_log(
    keen: Agent, submit: Submit, provider: Provider, server: ChatServer, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], home: Path,
) -> None:  # fmt: skip
    ended(submit("all is well", judged()), keen)
    server.behave = lambda handler: handler.reply(401, f"bad key {KEY}".encode())
    failed = ended(submit("refused", judged()), keen)
    assert failed.state == "failed" and failed.error["code"] == "gate_unavailable"
    keen.close()
    rows = [row for model in apps.get_models() for row in model._default_manager.values()]
    assert len(rows) > 20
    printed = capfd.readouterr()
    for text in (repr(rows), caplog.text, printed.out, printed.err):
        assert "CANARY" not in text
    for file in home.rglob("*"):
        assert not file.is_file() or b"CANARY" not in file.read_bytes(), file


def test_without_its_key_a_workflow_is_refused_and_what_was_submitted_lets_nothing_pass(
    keen: Agent, submit: Submit, provider: Provider, server: ChatServer
) -> None:
    waiting = submit("all is well", judged())
    remove_provider("near")
    done = ended(waiting, keen)
    assert done.state == "failed" and not Output.objects.exists() and not server.asked
    with pytest.raises(Refused) as refused:
        submit("all is well", Run.objects.get(pk=waiting.pk).policy.policy)
    assert [issue.code for issue in refused.value.issues] == ["filter_unknown"]
    assert "providers add" in refused.value.issues[0].hint.en


def test_another_key_counts_from_the_next_segment_on(
    keen: Agent, submit: Submit, provider: Provider, server: ChatServer
) -> None:
    ended(submit("one", judged()), keen)
    change_key("near", "sk-other")
    assert ended(submit("two", judged()), keen).state == "succeeded"
    assert [headers["Authorization"] for headers in server.headers] == [f"Bearer {KEY}", "Bearer sk-other"]


def generating(model: str) -> dict[str, Any]:
    def node(name: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"id": name, "type": kind, "version": 1, "params": params}

    def edge(number: int, one: str, two: str) -> dict[str, Any]:
        source, target = (dict(zip(("node", "port"), end.split("."), strict=True)) for end in (one, two))
        return {"id": f"e{number}", "source": source, "target": target}

    return {
        "format": 1,
        "nodes": [
            node("in", "stub.input", {"name": "text"}),
            node("g", "text.generate", {"model": model}),
            node("out", "stub.output", {"name": "answer"}),
        ],
        "edges": [edge(0, "in.text", "g.prompt"), edge(1, "g.text", "out.text")],
    }


def test_a_node_writes_with_a_providers_model_where_workflows_may(
    keen: Agent, submit: Submit, transactional_db: None, server: ChatServer, handed: list[dict[str, str]]
) -> None:
    far = server.provider("far", keyed=True, workflows=True)
    add_provider(far, KEY)
    server.behave = streaming("All ", "is ", "well.")
    done = ended(submit("hello", stub_policy(), generating("far:m2")), keen)
    assert done.state == "succeeded", done.error
    assert Output.objects.get(run=done).value == "All is well."
    assert server.asked[0]["model"] == "m2" and {far.secret: KEY} in handed
    step = done.steps.get(name="g")
    assert step.cost["device"] == "far" and step.cost["tokens"] == 3


@pytest.mark.parametrize("model", ["near:m1", "near:m9", "nobody:m1", ":", "near:"])
def test_a_workflow_that_names_a_provider_that_it_may_not_use_is_refused(
    submit: Submit, provider: Provider, model: str
) -> None:
    """The provider is for filters alone, or has no such model, or is not there."""
    with pytest.raises(Refused) as refused:
        submit("hello", stub_policy(), generating(model))
    (issue,) = refused.value.issues
    assert (issue.code, issue.node, issue.param) == ("provider_missing", "g", "model")


def test_what_is_closed_to_workflows_while_a_run_waits_answers_none(
    keen: Agent, submit: Submit, transactional_db: None, server: ChatServer
) -> None:
    """Also where a gate beside the node has the provider's key in the same segment."""
    add_provider(server.provider(keyed=True, workflows=True), KEY)
    server.behave = streaming("All is well.")
    run = submit("hello", judged(), generating("near:m1"))
    add_provider(server.provider(keyed=True), KEY)
    done = ended(run, keen)
    assert done.state == "failed" and done.error["code"] == "provider_missing"
    assert not server.asked


def test_a_worker_process_opens_the_store_by_its_path(
    workers: Workers,
    submit: Submit,
    provider: Provider,
    server: ChatServer,
    home: Path,
    settings: LazySettings,
) -> None:
    run = submit("all is well", judged())
    workers.start(
        SLUICEWAY_HOME=str(home),
        SLUICEWAY_SECRET_KEY=settings.SECRET_KEY,
        SLUICEWAY_PACKS=BOTH,
        SLUICEWAY_FILTER_PACKS="tests.packs_stub,runtime.packs.safety",
    )
    wait_for(lambda: Run.objects.get(pk=run.pk).state not in ("queued", "running"))
    assert Run.objects.get(pk=run.pk).state == "succeeded", workers.logs()
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert "CANARY" not in workers.logs() + json.dumps(list(run.events.values_list("data", flat=True)))
