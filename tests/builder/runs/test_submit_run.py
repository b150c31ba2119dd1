"""Submitting: what is stored, what is refused, and that a repeated order makes one run."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset, Origin
from builder.common.errors import Refused
from builder.runs import submit_run as module
from builder.runs.models import Run, Segment
from builder.runs.plans import plan_key, plan_of
from builder.runs.submit_run import Order, submit_run
from builder.runs.view_run import view_run
from builder.workflows.models import Revision, Workflow, WorkflowVersion
from runtime.plan import is_signed
from runtime.safety.policy import Policy
from tests.fixtures.runs import beside, chain, stub_policy

pytestmark = pytest.mark.django_db(transaction=True)

GRAPH = chain(("a", "echo", {}))
PRODUCT = {
    "format": 1,
    "nodes": [
        {"id": "t", "type": "input.text", "version": 1, "params": {"name": "t"}},
        {"id": "n", "type": "input.number", "version": 1, "params": {"name": "n", "minimum": 1, "maximum": 5, "default": 2}},
        {"id": "i", "type": "input.image", "version": 1, "params": {"name": "i"}},
        {"id": "p", "type": "prompt.template", "version": 1, "params": {"template": "{{t}} {{n}}"}},
        {"id": "o", "type": "output.text", "version": 1, "params": {"name": "o"}},
        {"id": "v", "type": "output.image", "version": 1, "params": {"name": "v"}},
    ],
    "edges": [
        {"id": f"e{number}", "source": {"node": a, "port": b}, "target": {"node": c, "port": d}}
        for number, (a, b, c, d) in enumerate(
            [("t", "text", "p", "t"), ("n", "number", "p", "n"), ("p", "text", "o", "text"), ("i", "image", "v", "image")]
        )
    ],
}  # fmt: skip


@pytest.fixture
def stub(stub_packs: None, policy: Callable[[Policy], Policy]) -> Policy:
    return policy(stub_policy())


def order(workspace: Workspace, inputs: dict[str, Any] | None = None, **more: Any) -> Order:
    return Order(
        workspace, {"text": "hello"} if inputs is None else inputs, graph=more.pop("graph", GRAPH), **more
    )


def test_a_run_is_stored_with_its_signed_plan_its_steps_and_its_first_event(
    stub: Policy, workspace: Workspace
) -> None:
    run = submit_run(order(workspace)).run
    plan = plan_of(run.plan_id)
    assert is_signed(plan, plan_key(), run.plan.mac) and not is_signed(plan, b"another", run.plan.mac)
    assert [step.name for step in run.steps.order_by("position")] == [step.id for step in plan.steps]
    assert list(Segment.objects.filter(run=run).values_list("state", flat=True)) == ["ready"]
    assert list(run.events.values_list("seq", "kind")) == [(1, "run.queued")]


def test_a_run_as_json_says_what_the_contract_says(stub: Policy, workspace: Workspace) -> None:
    starter, other = User.objects.create(username="starter"), User.objects.create(username="other")
    run = submit_run(order(workspace, user=starter)).run
    seen = view_run(run, starter)
    assert set(seen) == {
        "id", "workflow", "workflow_name", "to", "state", "created", "started", "finished", "error", "steps", "outputs",
        "findings", "inputs", "last_event", "own", "plan", "restarts",
    }  # fmt: skip
    assert seen["state"] == "queued" and seen["last_event"] == 1 and seen["inputs"] == {"text": "hello"}
    assert set(seen["steps"][0]) == {
        "id", "node", "type", "title", "gate", "state", "attempt", "started", "finished", "cost", "error", "waits",
    }  # fmt: skip
    assert [step["gate"] for step in seen["steps"]].count(True) == 1
    assert set(seen["plan"]) == {"policy", "inputs", "outputs", "steps", "gates"}
    assert view_run(run, other) == seen | {"inputs": {}, "own": False}


def test_nobody_reads_the_inputs_of_a_run_whose_starter_is_gone(stub: Policy, workspace: Workspace) -> None:
    starter, other = User.objects.create(username="starter"), User.objects.create(username="other")
    run = submit_run(order(workspace, user=starter)).run
    starter.delete()
    run.refresh_from_db()
    assert view_run(run, other)["inputs"] == {}


def test_a_graph_that_does_not_compile_is_refused_with_every_issue(
    stub: Policy, workspace: Workspace
) -> None:
    graph = {**GRAPH, "edges": []}
    with pytest.raises(Refused) as caught:
        submit_run(order(workspace, graph=graph))
    assert caught.value.code == "graph_invalid" and len(caught.value.issues) > 1
    assert not Run.objects.exists()


def test_a_draft_and_a_version_run_as_they_were_saved(stub: Policy, workspace: Workspace) -> None:
    workflow = Workflow.objects.create(workspace=workspace, name="Mine")
    Revision.objects.create(workflow=workflow, number=1, graph=GRAPH)
    version = WorkflowVersion.objects.create(
        workflow=workflow, number=1, graph=chain(("b", "upper", {})), plan_digest="", policy_version=1
    )
    draft_run = submit_run(Order(workspace, {"text": "x"}, workflow=workflow)).run
    version_run = submit_run(Order(workspace, {"text": "x"}, workflow=workflow, version=version)).run
    assert draft_run.steps.filter(name="a").exists() and version_run.steps.filter(name="b").exists()
    assert (draft_run.version, version_run.version, version_run.workflow_name) == (None, 1, "Mine")


def issues_of(workspace: Workspace, inputs: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        submit_run(order(workspace, inputs, graph=PRODUCT))
    assert caught.value.code == "inputs_invalid"
    return {str(issue.param): issue.code for issue in caught.value.issues}


def test_every_mistake_in_the_inputs_is_named_at_once(workspace: Workspace) -> None:
    assert issues_of(workspace, {"n": 9, "x": 1}) == {
        "t": "input_required", "n": "input_too_large", "i": "input_required", "x": "input_unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("t", 7, "input_mistyped"), ("t", ["a"], "input_mistyped"), ("t", "a\x00b", "input_unreadable"),
        ("t", "\ud800", "input_unreadable"), ("t", "x" * 200_001, "input_too_long"), ("t", "", "input_required"),
        ("n", "7", "input_mistyped"), ("n", True, "input_mistyped"), ("n", float("nan"), "input_mistyped"), ("n", 10**400, "input_mistyped"),
        ("n", 0, "input_too_small"), ("n", 6, "input_too_large"),
        ("i", "no id", "input_mistyped"), ("i", 7, "input_mistyped"), ("i", {}, "input_mistyped"),
        ("i", str(uuid4()), "asset_unknown"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(workspace: Workspace, name: str, value: Any, code: str) -> None:
    assert issues_of(workspace, {"t": "text", name: value}).get(name) == code


def asset(workspace: Workspace, media_type: str = "image/png") -> Asset:
    return Asset.objects.create(
        workspace=workspace,
        sha256="a" * 64,
        media_type=media_type,
        size=3,
        width=1,
        height=1,
        origin=Origin.UPLOAD,
    )


def test_a_picture_is_given_by_its_id_and_only_by_a_member_of_its_workspace(workspace: Workspace) -> None:
    mine, foreign = asset(workspace), asset(Workspace.objects.create(name="other"))
    run = submit_run(order(workspace, {"t": "text", "i": str(mine.pk)}, graph=PRODUCT)).run
    assert run.arguments["i"]["data"]["asset"] == "a" * 64 and run.arguments["i"]["sources"] == ["upload"]
    assert run.arguments["n"]["data"] == 2
    assert issues_of(workspace, {"t": "text", "i": str(foreign.pk)}) == {"i": "asset_unknown"}


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada")


def test_an_order_repeated_under_its_key_gives_the_run_that_it_made(
    stub: Policy, workspace: Workspace, ada: User
) -> None:
    first = submit_run(order(workspace, user=ada, idempotency_key="k"))
    again = submit_run(order(workspace, user=ada, idempotency_key="k"))
    assert first.created and not again.created and first.run.pk == again.run.pk
    other = submit_run(order(Workspace.objects.create(name="other"), user=ada, idempotency_key="k"))
    assert other.created


def conflicts(again: Order) -> bool:
    with pytest.raises(Refused) as caught:
        submit_run(again)
    return (caught.value.code, caught.value.status) == ("idempotency_conflict", 409)


def test_a_key_used_for_another_order_is_refused(stub: Policy, workspace: Workspace, ada: User) -> None:
    workflow = Workflow.objects.create(workspace=workspace, name="Mine")
    Revision.objects.create(workflow=workflow, number=1, graph=GRAPH)
    version = WorkflowVersion.objects.create(
        workflow=workflow, number=1, graph=GRAPH, plan_digest="", policy_version=1
    )

    def again(text: str = "x", **more: Any) -> Order:
        return Order(workspace, {"text": text}, ada, workflow, idempotency_key="k", **more)

    first = submit_run(again())
    assert conflicts(again("something else"))
    assert conflicts(again(version=version))
    assert submit_run(again()).run.pk == first.run.pk
    Revision.objects.create(workflow=workflow, number=2, graph=chain(("b", "upper", {})))
    workflow.revision = 2
    assert conflicts(again())


def test_a_key_belongs_to_the_person_who_sent_it(stub: Policy, workspace: Workspace, ada: User) -> None:
    bob = User.objects.create(username="bob")
    first = submit_run(order(workspace, user=ada, idempotency_key="k"))
    other = submit_run(order(workspace, user=bob, idempotency_key="k"))
    assert other.created and other.run.pk != first.run.pk
    # What they leave behind stands in nobody's way.
    ada.delete()
    bob.delete()
    assert Run.objects.filter(idempotency_key="k", by=None).count() == 2


def test_an_order_that_arrives_twice_at_once_makes_one_run(
    stub: Policy, workspace: Workspace, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked for an earlier run, and found none, before either stores its own."""
    meeting = threading.Barrier(2, timeout=20)
    check = module.check_arguments

    def meet(*given: Any) -> Any:
        meeting.wait()
        return check(*given)

    monkeypatch.setattr(module, "check_arguments", meet)
    made: list[bool] = []

    def put() -> None:
        made.append(submit_run(order(workspace, user=ada, idempotency_key="k")).created)

    with beside(put):
        put()
    assert sorted(made) == [False, True]
    assert Run.objects.count() == 1
