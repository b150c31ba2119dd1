"""A text file that was delivered with its label, brought back and run again: one label, that of the policy in force."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from builder.accounts.models import User, Workspace
from builder.assets.sources_of import sources_of
from builder.assets.store_upload import store_upload
from builder.runs.models import Output, Run
from builder.runs.submit_run import Order, submit_run
from builder.runs.text_file import text_file
from runtime.labelling.profile import UNLABELLED, Labelling, Profile
from runtime.labels import Source
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.builder.runs.claims import fresh
from tests.fixtures.runs import chain, drawing, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

CN = Labelling(Profile.CN, "zh", "水闸示例公司")
OTHER = Labelling(Profile.CN, "zh", "Another producer")
EU = Labelling(Profile.EU, "en", "Example")
SAID = "hello\n\n---\nAIGC is a word"
AGAIN = drawing(("in", "", {"name": "file"}), ("out", "output", {"name": "again"}), edges="in.text>out.text")
AGAIN["nodes"][0]["type"] = "input.document"
Put = Callable[[Policy], Policy]


@pytest.fixture
def deliver(
    stub_packs: None, workspace: Workspace, policy: Put, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Labelling], bytes]:
    """The file that a person saves of what a model said under such labels."""
    monkeypatch.setenv("SLUICEWAY_PACKS", "runtime.packs.document,tests.packs_stub")

    def put(labelling: Labelling) -> bytes:
        policy(replace(stub_policy(), labelling=labelling))
        run = submit_run(Order(workspace, {"text": SAID}, graph=chain(("a", "echo", {})))).run
        agent.drain()
        return text_file(run, Output.objects.get(run=run).name)

    return put


@pytest.fixture
def give_back(workspace: Workspace, policy: Put, agent: Agent) -> Callable[[bytes, Labelling], bytes]:
    """The file that is saved of that file's text, under such labels."""

    def put(content: bytes, labelling: Labelling) -> bytes:
        ada = User.objects.create(username="ada")
        asset = store_upload(workspace, ada, io.BytesIO(content))
        assert sources_of(workspace, asset.sha256) == {Source.UPLOAD, Source.MODEL}
        policy(replace(stub_policy(), version=2, labelling=labelling))
        run: Run = submit_run(Order(workspace, {"file": str(asset.pk)}, user=ada, graph=AGAIN)).run
        agent.drain()
        assert fresh(run).state == "succeeded", [step.error for step in run.steps.all()]
        return text_file(run, "again")

    return put


@pytest.mark.parametrize("then", [CN, OTHER, EU], ids=["cn", "cn of another", "eu"])
@pytest.mark.parametrize("first", [CN, EU], ids=["cn", "eu"])
def test_it_has_the_label_of_the_second_policy_as_if_it_had_never_had_another(
    first: Labelling,
    then: Labelling,
    deliver: Callable[[Labelling], bytes],
    give_back: Callable[[bytes, Labelling], bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = deliver(first)
    again = give_back(file, then)
    text = again.decode()
    assert text.endswith(f"{then.text_mark}\n\n{SAID}")
    assert text.count("AIGC:") == (then.profile is Profile.CN)
    assert text.count("AI.") + text.count("人工智能") == 1
    if first == then:
        assert again == file, "also the number of what the model made is the same"
    path = tmp_path / "again.txt"
    path.write_bytes(again)
    call_command("labels", str(path))
    told = capsys.readouterr().out
    assert f"visible sentence: {then.text_mark}" in told
    assert (f"ContentProducer: {then.producer}" in told) == (then.profile is Profile.CN)


@pytest.mark.parametrize("first", [CN, EU], ids=["cn", "eu"])
def test_without_a_profile_the_visible_sentence_stays_and_the_metadata_does_not(
    first: Labelling, deliver: Callable[[Labelling], bytes], give_back: Callable[[bytes, Labelling], bytes]
) -> None:
    assert give_back(deliver(first), UNLABELLED).decode() == f"{first.text_mark}\n\n{SAID}"


def test_a_file_that_an_editor_has_written_anew_has_one_label_too(
    deliver: Callable[[Labelling], bytes], give_back: Callable[[bytes, Labelling], bytes]
) -> None:
    file = deliver(CN)
    rewritten = b"\xef\xbb\xbf" + file.replace(b"\n", b"\r\n")
    assert give_back(rewritten, CN) == file
