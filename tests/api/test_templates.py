"""The gallery over HTTP: look, use, share."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from django.conf import settings

from builder.accounts.models import User
from builder.gallery.load_seeds import load_seeds
from builder.gallery.models import Template
from builder.safety.models import PolicyVersion
from runtime.ports import Kind
from runtime.safety.policy import default_policy
from tests.api.conftest import Member, NewMember


@pytest.fixture
def unfiltered(db: None) -> None:
    """A policy that asks no filter about texts: what judges the words of a template has tests of its own."""
    rules = tuple(
        replace(rule, chain=()) if Kind.TEXT in rule.media else rule for rule in default_policy().rules
    )
    made = replace(default_policy(), rules=rules)
    PolicyVersion(version=1, data=made.to_json(), digest=made.digest).save()


@pytest.fixture
def gallery(db: None) -> dict[str, str]:
    """The ids of the seeds by their names."""
    load_seeds()
    return {template.slug: str(template.pk) for template in Template.objects.all()}


def test_the_gallery_says_what_each_template_asks_for_and_needs(gallery: dict[str, str], ada: Member) -> None:
    found = {item["slug"]: item for item in ada.client.get("/api/templates").json()["results"]}
    assert list(found) == list(gallery)
    chat = found["chat-with-a-gate"]
    assert [item["name"] for item in chat["inputs"]] == ["question"]
    need = found["picture-from-a-prompt"]["needs"][0]
    assert (need["model"], need["capability"], need["installed"]) == ("starter", "image", False)
    assert chat["needs"][0]["title"] == "SmolLM2 135M Instruct"


def test_a_template_brings_its_graph(gallery: dict[str, str], ada: Member) -> None:
    found = ada.client.get(f"/api/templates/{gallery['upscale-a-photo']}").json()
    assert [node["type"] for node in found["graph"]["nodes"]] == [
        "input.image",
        "image.upscale",
        "output.image",
    ]


def test_a_seed_shows_the_picture_that_was_drawn_for_it_and_a_shared_copy_its_graph(
    gallery: dict[str, str], ada: Member
) -> None:
    files = settings.BASE_DIR / "frontend" / "public"
    for item in ada.client.get("/api/templates").json()["results"]:
        assert item["picture"].startswith(settings.STATIC_URL)
        assert (files / item["picture"].removeprefix(settings.STATIC_URL)).is_file()
    Template.objects.filter(slug="upscale-a-photo").update(seed="")
    shared = gallery["upscale-a-photo"]
    assert ada.client.get(f"/api/templates/{shared}").json()["picture"] == f"/api/templates/{shared}/picture"


def test_every_template_has_a_picture_that_can_run_nothing(gallery: dict[str, str], ada: Member) -> None:
    for template in gallery.values():
        answer = ada.client.get(f"/api/templates/{template}/picture", headers={"Accept-Language": "zh"})
        assert answer["Content-Type"] == "image/svg+xml"
        assert "sandbox" in answer["Content-Security-Policy"]
        tags = {item.tag.rpartition("}")[2] for item in ElementTree.fromstring(answer.content).iter()}
        assert tags <= {"svg", "style", "defs", "pattern", "g", "path", "rect", "circle", "text"}


def test_using_a_template_makes_a_copy_in_the_reader_s_language(gallery: dict[str, str], ada: Member) -> None:
    address = f"/api/templates/{gallery['chat-with-a-gate']}/use"
    english = ada.client.post(address, {"workspace": str(ada.workspace.pk)})
    assert (english.status_code, english.json()["name"]) == (201, "Chat with a gate")
    User.objects.filter(pk=ada.user.pk).update(language="zh-hans")
    chinese = ada.client.post(address, {"workspace": str(ada.workspace.pk)}).json()
    assert chinese["name"] == "带闸门的对话"
    assert chinese["graph"]["nodes"][0]["params"]["label"].startswith("您的问题")
    assert [node["title"] for node in chinese["graph"]["nodes"]] == ["问题", "提示词", "撰写回答", "回答"]
    assert (
        Template.objects.get(slug="chat-with-a-gate").graph["nodes"][0]["params"]["label"] == "Your question"
    )


def test_a_published_version_is_shared_and_used_by_somebody_else(
    unfiltered: None, gallery: dict[str, str], ada: Member, stranger: Member
) -> None:
    address = f"/api/workflows/{ada.workflow(graph=Template.objects.first().graph).pk}/versions"
    number = ada.client.post(address, {"note": "first"}).json()["number"]
    body = {"title": "Ask <b>me</b>", "description": {"en": "Asks.", "zh": "提问。"}, "tags": ["a", "a", "b"]}
    shared = ada.client.post(f"{address}/{number}/share", body)
    assert shared.status_code == 201
    assert (shared.json()["slug"], shared.json()["tags"]) == ("ask-bmeb", ["a", "b"])
    assert shared.json()["title"] == {"en": "Ask <b>me</b>", "zh": "Ask <b>me</b>"}
    again = ada.client.post(f"{address}/{number}/share", body).json()
    assert again["slug"] == "ask-bmeb-2"
    copy = stranger.client.post(
        f"/api/templates/{shared.json()['id']}/use", {"workspace": str(stranger.workspace.pk)}
    )
    assert copy.status_code == 201
    assert copy.json()["workspace"] == str(stranger.workspace.pk)


def test_names_that_spell_nothing_still_get_an_address(
    unfiltered: None, gallery: dict[str, str], ada: Member
) -> None:
    address = f"/api/workflows/{ada.workflow(graph=Template.objects.first().graph).pk}/versions"
    ada.client.post(address, {})
    titles = {"提问": "template", "__a__b -- c_": "a-b-c", "x" * 200: "x" * 80}
    for title, slug in titles.items():
        assert ada.client.post(f"{address}/1/share", {"title": title}).json()["slug"] == slug


def test_a_version_that_does_not_exist_cannot_be_shared(ada: Member) -> None:
    address = f"/api/workflows/{ada.workflow().pk}/versions/1/share"
    assert ada.client.post(address, {"title": "x"}).status_code == 404


def test_a_viewer_can_neither_share_nor_copy_into_the_workspace(
    gallery: dict[str, str], ada: Member, member: NewMember
) -> None:
    viewer = member("vera", workspace=ada.workspace, role="viewer")
    template = gallery["chat-with-a-gate"]
    used = viewer.client.post(f"/api/templates/{template}/use", {"workspace": str(ada.workspace.pk)})
    assert used.status_code == 403
