"""Runs over the API: whose inputs are shown, and whose keys are whose."""

import pytest

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
