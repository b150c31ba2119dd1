"""What a workflow calls: read from its workspace alone, and compiled under the policies of both."""

from dataclasses import replace
from typing import Any

import pytest

from builder.accounts.models import Workspace
from builder.safety.models import PolicyVersion, Scope
from builder.safety.owner import Owner
from builder.workflows.compile_draft import compile_draft
from builder.workflows.create_workflow import create_workflow
from builder.workflows.library_of import library_of
from builder.workflows.models import Workflow
from builder.workflows.publish_workflow import publish_workflow
from builder.workflows.read_graph import read_graph
from runtime.graph.calls import Call
from runtime.safety.policy import Action, FilterUse, Policy
from tests.fixtures.runs import chain, policy, stub_packs, stub_policy, workspace

__all__ = ["policy", "stub_packs", "workspace"]


def calling(workflow: Workflow, version: int = 1) -> Any:
    named = f"{workflow.pk}@{version}"
    return chain(("w", "call", {"workflow": named}), between={"w": ("in", "out")})


@pytest.fixture
def inner(workspace: Workspace, policy: Any, stub_packs: None) -> Workflow:
    policy(stub_policy())
    made = create_workflow(workspace, None, "Inner", chain(("u", "upper", {})))
    publish_workflow(made, None)
    return made


def test_all_that_is_called_is_read_whatever_calls_it(workspace: Workspace, inner: Workflow) -> None:
    middle = create_workflow(workspace, None, "Middle", calling(inner))
    publish_workflow(middle, None)
    found = library_of(read_graph(calling(middle)), Owner(str(workspace.pk), "caller"))
    assert {call: callee.name for call, callee in found.callees.items()} == {
        Call(str(middle.pk), 1): "Middle",
        Call(str(inner.pk), 1): "Inner",
    }
    assert found.caller == "caller"


def test_of_another_workspace_and_of_none_nothing_is_read(inner: Workflow) -> None:
    other = Workspace.objects.create(name="other")
    for owner in (Owner(str(other.pk)), Owner()):
        assert library_of(read_graph(calling(inner)), owner).callees == {}
        assert next(i.code for i in compile_draft(read_graph(calling(inner)), owner).issues) == "call_unknown"


def test_the_policy_of_what_is_called_holds_in_the_caller(workspace: Workspace, inner: Workflow) -> None:
    """Else a call would be the way round a workflow's own stricter rules."""
    plain = stub_policy()
    stricter: Policy = replace(
        plain,
        version=2,
        rules=tuple(
            replace(rule, chain=(*rule.chain, FilterUse("stub.words", Action.BLOCK, 0.1)))
            for rule in plain.rules
        ),
    )
    PolicyVersion(
        version=2,
        data=stricter.to_json(),
        digest=stricter.digest,
        scope=Scope.WORKFLOW.value,
        owner=str(inner.pk),
    ).save()
    owner = Owner(str(workspace.pk))
    calls, calls_not = (
        compile_draft(read_graph(graph), owner).plan for graph in (calling(inner), chain(("u", "upper", {})))
    )
    assert calls is not None and calls_not is not None
    assert calls_not.policy == plain.digest
    (gate,) = (step.gate for step in calls.steps if step.gate)
    assert ("stub.words", "block", 0.1, ()) in gate.chain
    assert PolicyVersion.objects.get(version=calls.policy_version).scope == "combined"
