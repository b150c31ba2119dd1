"""A policy that is made stricter reaches runs under way: what waited, was queued or is called passes under no old one."""

from collections.abc import Callable
from typing import Any

import pytest

from builder.accounts.roles import Role
from builder.runs.models import Output, Review, Run
from builder.safety.models import AuditEntry
from runtime.safety.policy import Action, FilterUse, Policy
from tests.api.conftest import Member, NewMember
from tests.fixtures.asked import filters_answer
from tests.fixtures.runs import chain, stub_policy
from tests.safety.paths.visit import CANARY, TYPED, Visit

__all__ = ["filters_answer"]

# A reason is judged, and the agent of these tests is asked for segments alone.
pytestmark = pytest.mark.usefixtures("filters_answer")

HOLD = FilterUse("stub.words", Action.HOLD)
BLOCK = FilterUse("stub.words", Action.BLOCK)
LOUD = chain(("u", "upper", {}))


@pytest.fixture
def rita(visit: Visit, member: NewMember) -> Member:
    return member("rita", workspace=visit.member.workspace, role=Role.REVIEWER)


def publish(visit: Visit, policy: Policy, workflow: str | None = None) -> None:
    """As an owner does it: a draft, and then its version."""
    query = f"?workflow={workflow}" if workflow else ""
    home = f"/api/workspaces/{visit.member.workspace.pk}/policy"
    body = policy.to_json()
    rules = {name: body[name] for name in ("rules", "previews")}
    rules["labelling"] = {"profile": "none", "language": "en", "producer": ""}
    draft = visit.member.client.put(f"{home}/draft{query}", {"policy": rules, "seen": ""}, format="json")
    assert draft.status_code == 200, draft.content
    seen = draft.json()["seen"]
    made = visit.member.client.post(
        f"{home}/versions{query}", {"reason": "tightened", "seen": seen}, format="json"
    )
    assert made.status_code == 201, made.content


def by_the_workspace(visit: Visit, workflow: str) -> None:
    publish(visit, stub_policy(BLOCK))


def by_the_workflow(visit: Visit, workflow: str) -> None:
    publish(visit, stub_policy(BLOCK), workflow)


def by_the_installation(visit: Visit, workflow: str) -> None:
    visit.policy(stub_policy(BLOCK, version=9))


Tighten = Callable[[Visit, str], None]
WAYS = (by_the_workspace, by_the_workflow, by_the_installation)


def allow(rita: Member, run: str | None, status: int = 201) -> Any:
    review = Review.objects.get(run=run)
    assert rita.client.post(f"/api/reviews/{review.pk}/looks").status_code == 201
    body = {"decision": "allow", "note": "So be it."}
    answer = rita.client.post(f"/api/reviews/{review.pk}/opinions", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def assert_withheld(visit: Visit, workflow: str, run: str | None) -> None:
    body = visit.member.client.get(f"/api/runs/{run}").json()
    assert (body["state"], body["error"]["code"], body["outputs"]) == ("blocked", "policy_tightened", [])
    assert all(body["error"][part][tongue] for part in ("message", "hint") for tongue in ("en", "zh"))
    last = visit.member.client.get(f"/api/runs/{run}/events").json()["results"][-1]
    assert (last["kind"], last["data"]["error"]["code"]) == ("run.blocked", "policy_tightened")
    assert not any(CANARY in seen for seen in visit.seen(workflow, run))
    assert not Output.objects.exists()
    assert AuditEntry.objects.filter(body__contains="run.withheld").count() == 1


@pytest.mark.parametrize("tighten", WAYS)
def test_what_a_reviewer_allows_of_a_run_that_waited_meanwhile_is_withheld(
    tighten: Tighten, visit: Visit, rita: Member
) -> None:
    visit.policy(stub_policy(HOLD))
    workflow = visit.draw(LOUD)
    run = visit.run(workflow)
    assert visit.state(run) == "waiting"
    address = f"/api/reviews/{Review.objects.get(run=run).pk}"
    assert rita.client.get(address).json()["tightened"] is False
    tighten(visit, workflow)
    assert rita.client.get(address).json()["tightened"] is True
    assert allow(rita, run)["state"] == "closed"
    visit.agent.drain()
    assert_withheld(visit, workflow, run)


def test_a_run_that_waits_is_withheld_by_the_sweep_and_nobody_need_decide(visit: Visit, rita: Member) -> None:
    visit.policy(stub_policy(HOLD))
    workflow = visit.draw(LOUD)
    run = visit.run(workflow)
    visit.agent.store.sweep()
    assert visit.state(run) == "waiting"
    by_the_workspace(visit, workflow)
    visit.agent.store.sweep()
    assert_withheld(visit, workflow, run)
    assert Review.objects.get(run=run).held is None


def test_a_run_that_was_queued_before_is_not_begun(visit: Visit) -> None:
    visit.policy(stub_policy(HOLD))
    workflow = visit.draw(LOUD)
    run = str(visit.post(f"workflows/{workflow}/runs", {"inputs": {"text": "canary-7261"}}, 201)["id"])
    by_the_workspace(visit, workflow)
    visit.agent.drain()
    assert_withheld(visit, workflow, run)
    assert not Run.objects.get(pk=run).steps.filter(attempt__gt=0).exists()


def test_a_policy_of_a_workflow_that_is_called_counts_too(visit: Visit, rita: Member) -> None:
    visit.policy(stub_policy(HOLD))
    called = visit.publish(LOUD)
    caller = chain(("w", "call", {"workflow": called}), between={"w": ("in", "out")})
    workflow = visit.draw(caller)
    run = visit.run(workflow)
    assert visit.state(run) == "waiting"
    by_the_workflow(visit, called.split("@")[0])
    allow(rita, run)
    visit.agent.drain()
    assert_withheld(visit, workflow, run)


def test_a_policy_that_asks_for_no_more_lets_the_run_go_on(visit: Visit, rita: Member) -> None:
    visit.policy(stub_policy(HOLD))
    workflow = visit.draw(LOUD)
    run = visit.run(workflow)
    visit.policy(stub_policy(HOLD, version=9))
    visit.agent.store.sweep()
    assert allow(rita, run)["state"] == "decided"
    visit.agent.drain()
    assert visit.state(run) == "succeeded"
    assert Run.objects.get(pk=run).error is None
    assert Output.objects.get(run=run).value == TYPED.upper()
