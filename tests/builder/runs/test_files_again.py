"""A labelled picture or sound that is brought back and run again carries the label of the policy in force, and no other."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from builder.accounts.models import User, Workspace
from builder.assets.store_upload import store_upload
from builder.runs.submit_run import Order, submit_run
from runtime.labelling.audible import begins
from runtime.labelling.profile import Labelling, Profile
from runtime.labelling.riff import find
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.builder.runs.test_labels import GIVEN_BACK, PICTURE, SOUND, delivered, inputs
from tests.fixtures.runs import stub_policy

__all__ = ["inputs"]

pytestmark = pytest.mark.django_db(transaction=True)

CN = Labelling(Profile.CN, "zh", "水闸示例公司")
OTHER = Labelling(Profile.CN, "zh", "Another producer")
EU = Labelling(Profile.EU, "en", "Example")


@pytest.mark.parametrize(
    ("first", "then"), [(CN, EU), (EU, CN), (CN, OTHER)], ids=["cn to eu", "eu to cn", "cn to cn of another"]
)
@pytest.mark.parametrize("kind", GIVEN_BACK)
def test_the_label_of_another_policy_is_replaced(
    kind: str,
    first: Labelling,
    then: Labelling,
    inputs: None,
    agent: Agent,
    workspace: Workspace,
    policy: Callable[[Policy], Policy],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    policy(replace(stub_policy(), labelling=first))
    run = submit_run(Order(workspace, {"text": "hello"}, graph=PICTURE if kind == "picture" else SOUND)).run
    agent.drain()
    content, ada = delivered(run), User.objects.create(username="ada")
    asset = store_upload(workspace, ada, io.BytesIO(content))
    policy(replace(stub_policy(), version=2, labelling=then))
    again = submit_run(Order(workspace, {"file": str(asset.pk)}, user=ada, graph=GIVEN_BACK[kind])).run
    agent.drain()
    shown = delivered(again)
    path = tmp_path / "again"
    path.write_bytes(shown)
    call_command("labels", str(path))  # it would leave with another code than 0
    told = capsys.readouterr().out
    assert ("C2PA credential: sound, signed by this installation" in told) == (then is EU)
    assert (f"ContentProducer: {then.producer}" in told) == (then is not EU)
    assert "IPTC digital source: " in told
    assert first.producer not in told and first.producer.encode() not in shown
    if kind == "sound":
        assert begins(shown)
        data = find(shown, b"data")
        assert data == find(content, b"data"), "one sign, and not two"
