"""Runs over the API: whose inputs are shown, and whose keys are whose."""

import pytest
from rest_framework.test import APIClient

from builder.accounts.roles import Role
from tests.api.conftest import Member, NewMember
from tests.api.everything import Everything, make_everything


@pytest.fixture
def everything(ada: Member) -> Everything:
    return make_everything(ada)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.OWNER])
def test_what_a_run_was_given_is_read_by_who_gave_it_alone(
    role: str, everything: Everything, member: NewMember
) -> None:
    address = f"/api/runs/{everything.ids['run']}"
    other = member("bob", workspace=everything.member.workspace, role=role).client
    assert everything.member.client.get(address).json()["inputs"] == {"question": "Why?"}
    assert other.get(address).json()["inputs"] == {}
    if role != Role.VIEWER:
        assert other.post(f"{address}/cancel").json()["inputs"] == {}


def test_a_key_gives_nobody_the_run_of_another_and_never_the_run_of_another_draft(
    everything: Everything, member: NewMember
) -> None:
    ada = everything.member.client
    bob = member("bob", workspace=everything.member.workspace).client
    address = f"/api/workflows/{everything.ids['workflow']}"
    order = {"inputs": {"question": "What?"}}
    key = {"Idempotency-Key": "k"}
    first = ada.post(f"{address}/runs", order, headers=key)
    assert (first.status_code, ada.post(f"{address}/runs", order, headers=key).status_code) == (201, 200)
    assert bob.post(f"{address}/runs", order, headers=key).status_code == 201
    assert ada.post(f"{address}/runs", order | {"version": 1}, headers=key).status_code == 409
    draft = ada.get(address).json()
    graph = draft["graph"]
    graph["nodes"][0]["title"] = "Asked anew"
    saved = ada.put(f"{address}/draft", {"base_revision": draft["revision"], "graph": graph})
    assert saved.status_code == 200
    answer = ada.post(f"{address}/runs", order, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


def test_a_partial_run_is_another_order_than_the_whole_and_says_where_it_ends(everything: Everything) -> None:
    ada = everything.member.client
    address = f"/api/workflows/{everything.ids['workflow']}"
    node = ada.get(address).json()["graph"]["nodes"][0]["id"]
    order = {"inputs": {"question": "What?"}}
    key = {"Idempotency-Key": "k"}
    whole = ada.post(f"{address}/runs", order, headers=key)
    assert (whole.status_code, whole.json()["to"]) == (201, None)
    assert ada.post(f"{address}/runs", order | {"to": node}, headers=key).status_code == 409
    part = ada.post(f"{address}/runs", order | {"to": node})
    assert (part.status_code, part.json()["to"]) == (201, node)
    assert [output["node"] for output in part.json()["plan"]["outputs"]] == [node]
    listed = ada.get(f"{address}/runs").json()["results"]
    assert [row["to"] for row in listed][:2] == [node, None]


def test_the_compiler_tells_beforehand_what_a_partial_run_asks_for_and_shows(everything: Everything) -> None:
    ada = everything.member.client
    workflow = ada.get(f"/api/workflows/{everything.ids['workflow']}").json()
    body = {"graph": workflow["graph"], "workflow": workflow["id"]}
    node = next(item["id"] for item in body["graph"]["nodes"] if item["type"] == "input.text")
    answer = ada.post(f"/api/workspaces/{workflow['workspace']}/compile", body | {"to": node}).json()
    assert [item["node"] for item in answer["plan"]["inputs"]] == [node]
    assert [item["node"] for item in answer["plan"]["outputs"]] == [node]
    answer = ada.post(f"/api/workspaces/{workflow['workspace']}/compile", body | {"to": "zzz"}).json()
    assert (answer["plan"], [issue["code"] for issue in answer["issues"]]) == (None, ["node_unknown"])


@pytest.mark.django_db(transaction=True)
def test_the_event_stream_of_a_foreign_run_looks_as_if_it_did_not_exist(
    everything: Everything, stranger: Member, anonymous: APIClient
) -> None:
    address = f"/api/runs/{everything.ids['run']}/stream"
    assert stranger.client.get(address).status_code == 404
    assert anonymous.get(address).status_code == 401


def test_a_run_is_begun_again_by_who_may_start_one_and_by_nobody_else(
    everything: Everything, member: NewMember
) -> None:
    address = f"/api/runs/{everything.ids['run']}"
    ada = everything.member.client
    assert ada.post(f"{address}/restart").json()["code"] == "run_not_over"
    ada.post(f"{address}/cancel")
    key = {"Idempotency-Key": "again"}
    first = ada.post(f"{address}/restart", headers=key)
    assert (first.status_code, first.json()["restarts"]) == (201, everything.ids["run"])
    assert first.json()["inputs"] == {"question": "Why?"}
    repeated = ada.post(f"{address}/restart", headers=key)
    assert (repeated.status_code, repeated.json()["id"]) == (200, first.json()["id"])
    editor = member("bob", workspace=everything.member.workspace).client.post(f"{address}/restart")
    assert (editor.status_code, editor.json()["inputs"]) == (201, {})
    viewer = member("eve", workspace=everything.member.workspace, role=Role.VIEWER).client
    assert viewer.post(f"{address}/restart").status_code == 403
    assert member("mallory").client.post(f"{address}/restart").status_code == 404
