"""What a workflow calls: read from its workspace alone, and compiled under the policies of both."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

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
from runtime.labelling.profile import Labelling, Profile
from runtime.safety.policy import Action, FilterUse, Policy
from tests.fixtures.runs import chain, drawing, policy, stub_packs, stub_policy, workspace

__all__ = ["policy", "stub_packs", "workspace"]

CALLER = UUID(int=7)


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
    found = library_of(read_graph(calling(middle)), Owner(str(workspace.pk), str(CALLER)))
    assert {call: callee.name for call, callee in found.callees.items()} == {
        Call(str(middle.pk), 1): "Middle",
        Call(str(inner.pk), 1): "Inner",
    }
    assert found.caller == str(CALLER)


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


def labelled(workflow: Workflow, version: int, labelling: Labelling) -> None:
    made = replace(stub_policy(), version=version, labelling=labelling)
    PolicyVersion(
        version=version,
        data=made.to_json(),
        digest=made.digest,
        scope=Scope.WORKFLOW.value,
        owner=str(workflow.pk),
    ).save()


def test_the_labels_of_what_is_called_are_never_dropped_for_those_of_the_caller(
    workspace: Workspace, inner: Workflow
) -> None:
    """One law's label does not do for another's, and of two profiles only one can be put on."""
    outer = create_workflow(workspace, None, "Outer", calling(inner))
    labelled(inner, 2, Labelling(Profile.CN, "zh", "Producer"))
    owner = Owner(str(workspace.pk), str(outer.pk))
    alone = compile_draft(read_graph(calling(inner)), owner)
    assert alone.plan is not None and alone.policy.labelling.profile is Profile.CN
    labelled(outer, 4, Labelling(Profile.EU))
    both = compile_draft(read_graph(calling(inner)), owner)
    assert both.plan is None
    assert [issue.code for issue in both.issues] == ["labels_differ"]
    assert compile_draft(read_graph(chain(("u", "upper", {}))), owner).plan is not None


def test_a_floors_labels_settle_it_for_all_of_them(
    workspace: Workspace, inner: Workflow, policy: Any
) -> None:
    policy(replace(stub_policy(), version=2, labelling=Labelling(Profile.EU)))
    labelled(inner, 3, Labelling(Profile.CN, "zh", "Producer"))
    compiled = compile_draft(read_graph(calling(inner)), Owner(str(workspace.pk)))
    assert compiled.plan is not None and compiled.policy.labelling.profile is Profile.EU


def test_no_more_of_a_library_is_read_than_could_be_called(
    workspace: Workspace, inner: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred drawings of two megabytes each would be read at every look at the draft."""
    others = []
    for number in range(3):
        made = create_workflow(workspace, None, f"Other {number}", chain(("u", "upper", {})))
        publish_workflow(made, None)
        others.append(made)
    several = drawing(
        *((f"w{n}", "call", {"workflow": f"{made.pk}@1"}) for n, made in enumerate(others)),
    )
    size = len(json.dumps(others[0].draft.graph))
    monkeypatch.setattr("builder.workflows.library_of.MOST_STORED", 2 * size + size // 2)
    library = library_of(read_graph(several), Owner(str(workspace.pk)))
    assert len(library.callees) == 2 and len(library.left_out) == 1
    compiled = compile_draft(read_graph(several), Owner(str(workspace.pk)))
    assert compiled.plan is None
    assert [i.code for i in compiled.issues if i.code.startswith("call_")] == ["call_too_heavy"]
