"""Deletion, retention and the data-use log over the API."""

from builder.accounts.roles import Role
from builder.assets.models import Asset
from builder.keeping.log_read import log_read
from builder.keeping.models import Read, Way
from tests.api.conftest import Member, NewMember
from tests.api.pictures import png


def uploaded(member: Member) -> str:
    address = f"/api/workspaces/{member.workspace.pk}/assets"
    return str(member.client.post(address, {"file": png()}, format="multipart").json()["id"])


def test_each_read_of_a_file_is_a_line_and_what_is_no_read_is_none(ada: Member, stranger: Member) -> None:
    asset = uploaded(ada)
    content = f"/api/assets/{asset}/content"
    ada.client.get(f"/api/assets/{asset}")
    stranger.client.get(content)
    assert not Read.objects.exists()
    shown = ada.client.get(content)
    assert shown["Cache-Control"] == "private, no-cache"
    ada.client.get(content + "?download=1")
    assert ada.client.get(content, headers={"If-None-Match": shown["ETag"]}).status_code == 304
    lines = [(str(row.asset), row.by, row.way) for row in Read.objects.order_by("id")]
    assert lines == [(asset, ada.user.pk, way) for way in ("shown", "download", "shown")]


def test_a_line_is_one_insert(ada: Member, django_assert_num_queries) -> None:
    asset = Asset.objects.get(pk=uploaded(ada))
    with django_assert_num_queries(1):
        log_read(ada.user, Way.SHOWN, asset.workspace_id, asset=asset.pk)


def test_who_may_only_look_deletes_nothing_and_who_may_write_gets_a_receipt(
    ada: Member, member: NewMember
) -> None:
    asset = uploaded(ada)
    viewer = member("vera", workspace=ada.workspace, role=Role.VIEWER)
    assert viewer.client.delete(f"/api/assets/{asset}").status_code == 403
    receipt = ada.client.delete(f"/api/assets/{asset}").json()
    assert receipt["deleted"] == {"files": 1} and receipt["by"] == "ada"
    assert ada.client.get(f"/api/assets/{asset}").status_code == 404
    assert ada.client.get(f"/api/receipts/{receipt['id']}").json() == receipt
    assert viewer.client.get(f"/api/receipts/{receipt['id']}").status_code == 404


def test_an_owner_sets_retention_and_an_editor_reads_it(ada: Member, member: NewMember) -> None:
    address = f"/api/workspaces/{ada.workspace.pk}/retention"
    eve = member("eve", workspace=ada.workspace, role=Role.EDITOR)
    assert eve.client.put(address, {"uploads": 30}).status_code == 403
    assert ada.client.put(address, {"uploads": 0}).status_code == 400
    assert ada.client.put(address, {"nonsense": 3}).status_code == 400
    assert ada.client.put(address, {"uploads": 30}).status_code == 200
    told = {term["kind"]: term["days"] for term in eve.client.get(address).json()["results"]}
    assert told["uploads"] == 30 and told["runs"] is None
    ada.client.put(address, {"uploads": None})
    assert eve.client.get(address).json()["results"][0]["days"] is None


def test_a_deleted_workflow_can_be_erased_and_then_not_restored(ada: Member) -> None:
    workflow = ada.workflow()
    assert ada.client.delete(f"/api/workflows/{workflow.pk}").status_code == 204
    receipt = ada.client.post(f"/api/workflows/{workflow.pk}/erase", {}).json()
    assert receipt["deleted"] == {"revisions": 1, "workflows": 1}
    assert ada.client.post(f"/api/workflows/{workflow.pk}/restore").status_code == 404
