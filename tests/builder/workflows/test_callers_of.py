"""What calls a workflow is known before it goes, and says what is missing afterwards."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.safety.owner import Owner
from builder.workflows.callers_of import callers_of
from builder.workflows.compile_draft import compile_draft
from builder.workflows.create_workflow import create_workflow
from builder.workflows.delete_workflow import delete_workflow, restore_workflow
from builder.workflows.models import Workflow
from builder.workflows.publish_workflow import publish_workflow
from builder.workflows.read_graph import read_graph
from builder.workflows.save_draft import save_draft
from tests.builder.workflows.test_library_of import calling
from tests.fixtures.runs import chain, policy, stub_packs, stub_policy

__all__ = ["policy", "stub_packs"]

PLAIN = chain(("u", "upper", {}))


@pytest.fixture
def ada(db: None, policy: Any, stub_packs: None) -> User:
    policy(stub_policy())
    return User.objects.create(username="ada")


@pytest.fixture
def home(ada: User) -> Workspace:
    return create_workspace("Home", ada)


@pytest.fixture
def inner(home: Workspace) -> Workflow:
    made = create_workflow(home, None, "Inner", PLAIN)
    publish_workflow(made, None)
    return made


@pytest.fixture
def client(ada: User) -> APIClient:
    signed_in = APIClient()
    signed_in.force_login(ada)
    return signed_in


def told(workflow: Workflow) -> list[tuple[str, bool, list[int]]]:
    return [(caller.name, caller.draft, sorted(caller.versions)) for caller in callers_of(workflow)]


def test_drafts_and_versions_that_call_are_found_and_nothing_else(
    ada: User, home: Workspace, inner: Workflow
) -> None:
    create_workflow(home, None, "Drawn", calling(inner))
    both = create_workflow(home, None, "Both", calling(inner))
    publish_workflow(both, None)
    once = create_workflow(home, None, "Once", calling(inner))
    publish_workflow(once, None)
    save_draft(once, ada, 1, PLAIN)
    named = chain(("e", "echo", {}))
    named["nodes"][1]["title"] = str(inner.pk)
    create_workflow(home, None, "Only names it", named)
    create_workflow(create_workspace("Elsewhere", ada), None, "Foreign", calling(inner))
    gone = create_workflow(home, None, "Gone", calling(inner))
    delete_workflow(gone)
    assert told(inner) == [("Both", True, [1]), ("Drawn", True, []), ("Once", False, [1])]


def test_deleting_what_others_call_is_refused_with_their_names_unless_they_are_to_do_without(
    home: Workspace, inner: Workflow, client: APIClient
) -> None:
    outer = create_workflow(home, None, "Outer", calling(inner))
    address = f"/api/workflows/{inner.pk}"
    refused = client.delete(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "workflow_called")
    assert "Outer" in refused.json()["message"]
    caller = {"id": str(outer.pk), "name": "Outer", "draft": True, "versions": []}
    assert refused.json()["callers"] == [caller]
    assert client.get(f"{address}/callers").json()["results"] == [caller]
    erased = client.post(f"{address}/erase", {})
    assert (erased.status_code, erased.json()["code"]) == (409, "workflow_called")
    assert client.delete(f"{address}?anyway=1").status_code == 204
    assert client.delete(f"/api/workflows/{outer.pk}").status_code == 204, "nobody calls this one"


def test_a_caller_says_afterwards_what_is_missing_until_it_is_brought_back(
    home: Workspace, inner: Workflow
) -> None:
    middle = create_workflow(home, None, "Middle", calling(inner))
    publish_workflow(middle, None)
    outer = create_workflow(home, None, "Outer", calling(middle))
    place = Owner(str(home.pk), str(outer.pk))
    delete_workflow(inner, anyway=True)
    compiled = compile_draft(read_graph(calling(middle)), place)
    assert compiled.plan is None
    (issue,) = [issue for issue in compiled.issues if issue.code == "call_unknown"]
    assert "“Inner”" in issue.message.en and "“Inner”" in issue.message.zh
    assert issue.node == "w"
    inner.refresh_from_db()
    restore_workflow(inner)
    assert compile_draft(read_graph(calling(middle)), place).plan is not None


def test_the_name_of_what_was_deleted_elsewhere_is_not_told(
    ada: User, home: Workspace, inner: Workflow
) -> None:
    other = create_workspace("Other", ada)
    delete_workflow(inner)
    compiled = compile_draft(read_graph(calling(inner)), Owner(str(other.pk)))
    assert "Inner" not in str(compiled.issues)
