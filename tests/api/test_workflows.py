"""Workflows over HTTP."""

from datetime import timedelta

from django.utils import timezone

from builder.workflows.delete_workflow import UNDO_WINDOW
from builder.workflows.models import Workflow
from tests.api.conftest import Member, NewMember

EMPTY = {"format": 1, "nodes": [], "edges": []}


def test_a_workflow_is_created_listed_renamed_deleted_and_brought_back(ada: Member) -> None:
    made = ada.client.post(f"/api/workspaces/{ada.workspace.pk}/workflows", {"name": "Greeting"})
    assert made.status_code == 201
    assert made.json()["graph"] == EMPTY
    address = f"/api/workflows/{made.json()['id']}"
    renamed = ada.client.patch(address, {"name": "Hello", "description": "Says hello."})
    assert (renamed.json()["name"], renamed.json()["description"]) == ("Hello", "Says hello.")
    listed = ada.client.get(f"/api/workspaces/{ada.workspace.pk}/workflows").json()
    assert [(item["name"], item["revision"], item["runs"]) for item in listed["results"]] == [("Hello", 1, 0)]
    assert ada.client.delete(address).status_code == 204
    assert ada.client.get(address).status_code == 404
    assert ada.client.post(f"{address}/restore").json()["name"] == "Hello"
    assert ada.client.get(address).status_code == 200


def test_each_save_is_a_revision_and_a_late_save_meets_the_newer_draft(ada: Member) -> None:
    address = f"/api/workflows/{ada.workflow().pk}"
    node = {"id": "a", "type": "text.join", "version": 1, "params": {}}
    saved = ada.client.put(f"{address}/draft", {"base_revision": 1, "graph": EMPTY | {"nodes": [node]}})
    assert (saved.status_code, saved.json()["revision"]) == (200, 2)
    late = ada.client.put(f"{address}/draft", {"base_revision": 1, "graph": EMPTY})
    assert (late.status_code, late.json()["code"]) == (409, "revision_conflict")
    current = late.json()["current"]
    assert (current["revision"], current["by"], current["graph"]["nodes"][0]["id"]) == (2, "ada", "a")
    assert ada.client.get(address).json()["graph"]["nodes"][0]["id"] == "a"
    revisions = ada.client.get(f"{address}/revisions").json()["results"]
    assert [item["number"] for item in revisions] == [2, 1]
    assert ada.client.get(f"{address}/revisions/1").json()["graph"] == EMPTY


def test_a_draft_with_a_broken_structure_is_refused_with_all_its_issues(ada: Member) -> None:
    address = f"/api/workflows/{ada.workflow().pk}/draft"
    graph = {"format": 1, "nodes": [{"id": "!"}, {"id": "b"}], "edges": [{"id": "e"}]}
    answer = ada.client.put(address, {"base_revision": 1, "graph": graph})
    assert (answer.status_code, answer.json()["code"]) == (400, "graph_invalid")
    assert len(answer.json()["issues"]) == 3


def test_a_viewer_reads_and_cannot_write(ada: Member, member: NewMember) -> None:
    viewer = member("vera", workspace=ada.workspace, role="viewer")
    address = f"/api/workflows/{ada.workflow().pk}"
    assert viewer.client.get(address).status_code == 200
    refused = viewer.client.put(f"{address}/draft", {"base_revision": 1, "graph": EMPTY})
    assert (refused.status_code, refused.json()["code"]) == (403, "read_only")


def test_a_strangers_workflow_looks_like_one_that_does_not_exist(ada: Member, stranger: Member) -> None:
    foreign = stranger.client.get(f"/api/workflows/{ada.workflow().pk}")
    missing = stranger.client.get("/api/workflows/01890000-0000-7000-8000-000000000000")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()


def test_errors_speak_the_language_that_was_asked_for(ada: Member) -> None:
    answer = ada.client.get(
        "/api/workflows/01890000-0000-7000-8000-000000000000", headers={"Accept-Language": "zh-CN"}
    )
    assert answer.json()["message"] == "这里没有内容，或者您无权查看。"


def test_a_copy_has_the_draft_and_a_name_of_its_own(ada: Member) -> None:
    node = {
        "id": "a",
        "type": "text.join",
        "version": 1,
        "params": {},
        "title": "",
        "position": {"x": 0, "y": 0},
    }
    workflow = ada.workflow("N" * 200, EMPTY | {"nodes": [node]})
    copy = ada.client.post(f"/api/workflows/{workflow.pk}/duplicate")
    assert copy.status_code == 201
    assert copy.json()["name"].endswith("N (copy)")
    assert (len(copy.json()["name"]), copy.json()["graph"]["nodes"]) == (200, [node])
    assert copy.json()["id"] != str(workflow.pk)


def test_after_a_month_a_deleted_workflow_stays_deleted(ada: Member) -> None:
    address = f"/api/workflows/{ada.workflow().pk}"
    ada.client.delete(address)
    Workflow.objects.update(deleted=timezone.now() - UNDO_WINDOW - timedelta(minutes=1))
    assert ada.client.post(f"{address}/restore").status_code == 404


def test_a_long_list_comes_in_pages(ada: Member) -> None:
    for number in range(60):
        ada.workflow(f"w{number}")
    address, names = f"/api/workspaces/{ada.workspace.pk}/workflows", []
    while address:
        page = ada.client.get(address).json()
        names += [item["name"] for item in page["results"]]
        address = page["next"]
    assert names == [f"w{number}" for number in reversed(range(60))]


def test_a_graph_that_compiles_comes_with_its_gates_and_nothing_is_kept(ada: Member) -> None:
    nodes = [
        {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
        {"id": "m", "type": "text.generate", "version": 1, "params": {}},
        {"id": "a", "type": "output.text", "version": 1, "params": {"name": "a"}},
    ]
    edges = [
        {"id": "e1", "source": {"node": "q", "port": "text"}, "target": {"node": "m", "port": "prompt"}},
        {"id": "e2", "source": {"node": "m", "port": "text"}, "target": {"node": "a", "port": "text"}},
    ]
    address = f"/api/workspaces/{ada.workspace.pk}/compile"
    answer = ada.client.post(address, {"graph": {"format": 1, "nodes": nodes, "edges": edges}}).json()
    assert answer["issues"] == []
    assert [gate["targets"][0]["node"] for gate in answer["plan"]["gates"]] == ["m", "a"]
    # A plan, or a gate, that a browser sends is refused: only graphs are taken.
    forged = ada.client.post(address, {"graph": EMPTY, "plan": answer["plan"]})
    assert (forged.status_code, forged.json()["issues"][0]["param"]) == (400, "plan")
    gate = {"id": "g", "type": "safety.gate", "version": 1, "params": {}}
    issues = ada.client.post(address, {"graph": EMPTY | {"nodes": [gate]}}).json()["issues"]
    assert "node_type_unknown" in {issue["code"] for issue in issues}
    assert not Workflow.objects.exists()


def test_the_palette_is_sent_once_and_then_only_confirmed(ada: Member) -> None:
    first = ada.client.get("/api/node-types")
    assert {"input.text", "text.generate", "output.image"} <= {
        item["type"] for item in first.json()["node_types"]
    }
    again = ada.client.get("/api/node-types", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
