"""An upload is its uploader's alone: whoever else asks, at whatever address, never gets its bytes."""

import io
import itertools
import json
import re
import zipfile
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.http.response import HttpResponseBase

from builder.accounts.roles import Role
from builder.assets.models import Asset, Origin
from builder.gallery.models import Template
from builder.keeping.models import Read
from builder.leaving.export import begin_export
from builder.runs.models import Output, Run
from tests.api.conftest import Member, NewMember
from tests.api.everything import Everything
from tests.fixtures.kept import canary
from tests.sound.sounds import tone, wav

NOTES = b"How to make a pipe bomb. CANARY-5561, ada@example.org\n"
METHODS = {"get", "head", "put", "patch", "post", "delete"}


def uploaded(member: Member, content: bytes) -> str:
    file = io.BytesIO(content)
    file.name = "x"
    address = f"/api/workspaces/{member.workspace.pk}/assets"
    made = member.client.post(address, {"file": file}, format="multipart")
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def bytes_of(answer: HttpResponseBase) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # as it says of itself


def marks(content: bytes) -> list[bytes]:
    """Pieces of a file of which none comes anywhere by chance."""
    return [content[start : start + 24] for start in range(len(content) // 2, len(content) - 40, 40)]


@dataclass(frozen=True, slots=True)
class Brought:
    """What an editor brought: the files by their ids, and everything that names them."""

    by: Member
    files: dict[str, bytes]
    ids: dict[str, list[str]]


@pytest.fixture
def brought(everything: Everything, member: NewMember) -> Brought:
    """A text, a picture and a sound, each the default of an input: in a draft, a version, a run and a template."""
    home = everything.member.workspace
    editor = member("edith", workspace=home, role=Role.EDITOR)
    files = {uploaded(editor, content): content for content in (NOTES, canary(31), wav(tone()))}
    text, picture, _ = files
    graph = {
        "format": 1,
        "nodes": [
            node("p", "input.image", name="photo", asset=picture),
            node("o", "output.image", name="shown"),
        ],
        "edges": [
            {"id": "e", "source": {"node": "p", "port": "image"}, "target": {"node": "o", "port": "image"}}
        ],
    }
    workflow = editor.workflow("With files", graph)
    address = f"/api/workflows/{workflow.pk}"
    assert editor.client.post(f"{address}/versions", {}).status_code == 201
    version = editor.client.get(f"{address}/versions/1")
    run = editor.client.post(f"{address}/runs", {"inputs": {"photo": picture}}, format="json")
    assert run.status_code == 201, run.content
    # The data of an output says what its drawing likes.
    forged = {"asset": text, "url": f"/api/assets/{text}/content"}
    made = Run.objects.get(pk=run.json()["id"])
    Output.objects.create(run=made, name="forged", title="", type="json", value=[forged])
    words = {"en": "t", "zh": "t"}
    template = Template.objects.create(
        slug="with-files", title=words, description=words, graph=version.json()["graph"], inputs=[]
    )
    own = {name: [str(value)] for name, value in everything.ids.items()}
    more = {"asset": list(files), "workflow": [str(workflow.pk)], "run": [str(made.pk)], "template": [str(template.pk)]}  # fmt: skip
    return Brought(
        editor, files, {name: [*own[name], *more.get(name, [])] for name in own} | {"asset": list(files)}
    )


def node(node_id: str, kind: str, **params: str) -> dict[str, object]:
    return {"id": node_id, "type": kind, "version": 1, "params": params}


def operations() -> list[tuple[str, str]]:
    schema = json.loads((settings.BASE_DIR / "frontend" / "src" / "api" / "schema.json").read_text())
    return [(m, path) for path, methods in schema["paths"].items() for m in methods if m in METHODS]


def addresses(path: str, ids: dict[str, list[str]]) -> list[str]:
    names = re.findall(r"\{(\w+)\}", path)
    choices = itertools.product(*(ids.get(name, ["x"]) for name in names))
    return [re.sub(r"\{(\w+)\}", lambda _, left=list(chosen): left.pop(0), path) for chosen in choices]


ROLES = {
    "owner": {"role": Role.OWNER},
    "editor": {"role": Role.EDITOR},
    "viewer": {"role": Role.VIEWER},
    "reviewer": {"role": Role.REVIEWER},
    "administrator": {"role": Role.OWNER, "admin": True},
}


@pytest.mark.parametrize("role", ROLES)
def test_no_other_person_gets_the_bytes_of_an_upload_at_any_address(
    role: str, brought: Brought, member: NewMember
) -> None:
    reader = member(role, workspace=brought.by.workspace, **ROLES[role])
    canaries = [mark for content in brought.files.values() for mark in marks(content)]
    asked = 0
    # What deletes comes last: until then everything is there to be read.
    for method, path in sorted(operations(), key=lambda item: item[0] == "delete"):
        for address in addresses(path, brought.ids):
            for query in ("", "?download=1"):
                answer = getattr(reader.client, method)(address + query)
                body = bytes_of(answer)
                assert not any(mark in body for mark in canaries), (method, address)
                asked += answer.status_code < 300
    assert asked > 20
    assert not Read.objects.filter(by=reader.user.pk, asset__in=brought.files).exists()


@pytest.mark.parametrize("role", ROLES)
def test_whoever_else_may_see_the_file_is_told_what_it_is_and_whose_it_is_not(
    role: str, brought: Brought, member: NewMember
) -> None:
    reader = member(role, workspace=brought.by.workspace, **ROLES[role])
    for asset in brought.files:
        told = reader.client.get(f"/api/assets/{asset}").json()
        assert told["readable"] is False and told["size"] and told["media_type"]
        content = f"/api/assets/{asset}/content"
        etag = {"If-None-Match": brought.by.client.get(content)["ETag"]}
        for headers in ({}, {"Range": "bytes=0-9"}, etag):
            refused = reader.client.get(content, headers={**headers, "Accept-Language": "zh"})
            assert (refused.status_code, refused.json()["code"]) == (403, "file_of_another")
            assert "其他成员" in refused.json()["message"]


def test_who_brought_it_gets_it(brought: Brought) -> None:
    for asset, content in brought.files.items():
        assert brought.by.client.get(f"/api/assets/{asset}").json()["readable"] is True
        got = bytes_of(brought.by.client.get(f"/api/assets/{asset}/content"))
        assert all(mark in got for mark in marks(content))


def test_two_who_bring_the_same_have_a_file_each_and_neither_learns_of_the_other(
    ada: Member, member: NewMember
) -> None:
    bob = member("bob", workspace=ada.workspace)
    mine, his = uploaded(ada, NOTES), uploaded(bob, NOTES)
    assert mine != his and uploaded(ada, NOTES) == mine
    assert bytes_of(bob.client.get(f"/api/assets/{his}/content")) == NOTES
    assert bob.client.get(f"/api/assets/{mine}/content").status_code == 403


def test_a_run_of_somebody_else_takes_a_default_file_and_shows_them_nothing_of_it_before_a_gate(
    brought: Brought, member: NewMember
) -> None:
    bob = member("bob", workspace=brought.by.workspace)
    (workflow,) = brought.ids["workflow"][1:]
    run = bob.client.post(f"/api/workflows/{workflow}/runs", {"inputs": {}}, format="json")
    assert run.status_code == 201
    kept = Run.objects.get(pk=run.json()["id"]).arguments["photo"]
    assert kept["sources"] == ["upload"] and not kept["clearances"]


def zipped(member: Member, of: Member) -> dict[str, bytes]:
    export = begin_export(of.user, member.user)
    answer = member.client.get(f"/api/account/exports/{export.pk}/file")
    with zipfile.ZipFile(io.BytesIO(bytes_of(answer))) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_an_export_holds_the_uploads_of_who_asks_and_an_administrators_only_names_them(
    brought: Brought, member: NewMember
) -> None:
    root = member("root", workspace=brought.by.workspace, role=Role.OWNER, admin=True)
    own, told = zipped(brought.by, brought.by), zipped(root, brought.by)
    for content in brought.files.values():
        assert any(all(mark in data for mark in marks(content)) for data in own.values())
        assert not any(mark in data for data in told.values() for mark in marks(content))
    assert [item["file"] for item in json.loads(told["uploads.json"])] == sorted(brought.files)
    (run,) = (json.loads(data) for name, data in told.items() if name.startswith("runs/"))
    assert run["inputs"] == {}


def test_data_that_names_the_file_of_another_brings_it_into_nobodys_export(
    brought: Brought, member: NewMember
) -> None:
    bob = member("bob", workspace=brought.by.workspace)
    Run.objects.filter(pk__in=brought.ids["run"]).update(by=bob.user)
    files = zipped(bob, bob)
    assert any(b'"forged"' in data for data in files.values())
    assert not any(mark in data for data in files.values() for mark in marks(NOTES))


def test_what_a_run_delivered_is_everybodys_even_if_somebody_uploaded_the_same(
    ada: Member, member: NewMember
) -> None:
    mine = Asset.objects.get(pk=uploaded(ada, canary(33)))
    shown = Asset.objects.create(
        workspace=ada.workspace, sha256=mine.sha256, media_type=mine.media_type, size=mine.size,
        origin=Origin.OUTPUT,
    )  # fmt: skip
    viewer = member("vera", workspace=ada.workspace, role=Role.VIEWER)
    assert viewer.client.get(shown.url).status_code == 200
    assert viewer.client.get(mine.url).status_code == 403
