"""A delivered text as a file: with the label of the policy that its run was pinned to, for the run's workspace alone."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from django.db import DatabaseError, transaction

from builder.accounts.roles import Role
from builder.keeping.models import Read
from builder.runs.models import Output, Run
from builder.runs.text_file import with_label
from runtime.errors import OperationalError
from runtime.labelling.files import Container
from runtime.labelling.profile import UNLABELLED, Labelling, Profile
from runtime.labelling.report import inspect
from runtime.safety.policy import Policy
from runtime.values import Json
from tests.api.conftest import Member, NewMember
from tests.fixtures.runs import chain, policy, stub_packs, stub_policy

__all__ = ["policy", "stub_packs"]

CN = Labelling(Profile.CN, "zh", "水闸示例公司")
EU = Labelling(Profile.EU, "en", "Example")
SAID = "Water falls.\n\n---\n# A heading"
Delivered = Callable[..., str]


@pytest.fixture
def delivered(stub_packs: None, ada: Member, policy: Callable[[Policy], Policy]) -> Delivered:
    """The address of the file of an output, written as the run store writes it."""

    def put(value: Json, labelling: Labelling = UNLABELLED, name: str = "answer") -> str:
        policy(replace(stub_policy(), labelling=labelling))
        workflow = ada.workflow(graph=chain(("u", "upper", {})))
        run = ada.client.post(
            f"/api/workflows/{workflow.pk}/runs", {"inputs": {"text": "x"}}, format="json"
        ).json()
        made = Run.objects.get(pk=run["id"])
        Output.objects.create(run=made, name=name, title="", type="text", value=value)
        return f"/api/runs/{made.pk}/text-file?output={name}"

    return put


@pytest.mark.parametrize(("form", "kind"), [("txt", "text/plain"), ("md", "text/markdown")])
def test_a_models_text_is_saved_with_the_aigc_label_before_it(
    form: str, kind: str, delivered: Delivered, ada: Member
) -> None:
    answer = ada.client.get(delivered(f"{CN.text_mark}\n\n{SAID}", CN) + f"&form={form}")
    assert answer["Content-Type"] == f"{kind}; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="answer.{form}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    report = inspect(answer.content)
    assert report.container is Container.TEXT and report.sentence == CN.text_mark and not report.damaged
    label = report.marks.aigc
    assert label and (label.label, label.producer) == ("1", CN.producer)
    assert label.produced == sha256(SAID.encode()).hexdigest()
    assert answer.content.decode().startswith("---\nAIGC:\n") and answer.content.decode().endswith(SAID)


def test_under_eu_the_sentence_is_the_label_and_without_a_profile_there_is_none(
    delivered: Delivered, ada: Member
) -> None:
    text = f"{EU.text_mark}\n\n{SAID}"
    assert ada.client.get(delivered(text, EU)).content.decode() == text


def test_a_persons_own_text_gets_no_label(delivered: Delivered, ada: Member) -> None:
    assert ada.client.get(delivered(SAID, CN)).content.decode() == SAID


def test_a_list_of_texts_is_one_text_in_its_order(delivered: Delivered, ada: Member) -> None:
    assert ada.client.get(delivered(["one", "two"])).content == b"one\n\ntwo"


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [(None, 410, "output_gone"), (5, 400, "not_text"), ([{"asset": "x"}], 400, "not_text")],
)
def test_what_is_gone_or_no_text_is_refused_with_a_sentence(
    value: Json, status: int, code: str, delivered: Delivered, ada: Member
) -> None:
    answer = ada.client.get(delivered(value))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Read.objects.exists()


def test_what_was_not_delivered_is_not_there(delivered: Delivered, ada: Member) -> None:
    address = delivered("fine").partition("?")[0]
    assert ada.client.get(f"{address}?output=other").status_code == 404
    for query in ("", "?output=", "?output=answer&form=exe"):
        odd = ada.client.get(address + query)
        assert (odd.status_code, odd.json()["code"]) == (400, "invalid")


def test_members_get_it_strangers_do_not_and_each_time_is_written_down(
    delivered: Delivered, ada: Member, stranger: Member, member: NewMember
) -> None:
    address = delivered("fine")
    viewer = member("vera", workspace=ada.workspace, role=Role.VIEWER)
    assert viewer.client.get(address).content == b"fine"
    assert stranger.client.get(address).status_code == 404
    (line,) = Read.objects.all()
    assert (line.by, line.way, f"{line.run}") == (viewer.user.pk, "download", address.split("/")[3])
    with pytest.raises(DatabaseError), transaction.atomic():
        Read.objects.update(run=None)


def test_a_name_that_no_file_could_have_is_none_of_the_files(delivered: Delivered, ada: Member) -> None:
    answer = ada.client.get(delivered("fine", name='../问"\r\nX-Y: z'.replace("\r\n", "%0D%0A")))
    assert answer.status_code in {200, 404}
    assert '"' not in answer.get("Content-Disposition", "").removeprefix("attachment; filename=").strip('"')


def test_a_label_that_its_standard_does_not_allow_lets_no_file_out() -> None:
    broken = Labelling(Profile.CN, "zh", "two\nlines")
    with pytest.raises(OperationalError):
        with_label(f"{broken.text_mark}\n\n{SAID}", broken)
