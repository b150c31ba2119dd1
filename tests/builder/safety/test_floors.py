"""Floors: installation, workspace, workflow; each can only be stricter, and what is in force obeys them all."""

from dataclasses import replace

import pytest

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.runs.models import Run
from builder.runs.plans import plan_of
from builder.runs.submit_run import Order, submit_run
from builder.safety.active_policy import active_policy
from builder.safety.change_policy import change_policy
from builder.safety.models import PolicyVersion
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.verify_audit import verify_audit
from builder.workflows.create_workflow import create_workflow
from runtime.safety.policy import Action, FilterUse, Policy, default_policy
from tests.fixtures.runs import chain, stub_policy


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", is_superuser=True, is_staff=True)


def threshold(policy: Policy) -> float:
    return next(rule.chain[0].threshold for rule in policy.rules if rule.id == "person-image")


def stricter(value: float) -> Policy:
    policy = default_policy()
    return replace(
        policy,
        rules=tuple(
            replace(rule, chain=(replace(rule.chain[0], threshold=value),))
            if rule.id == "person-image"
            else rule
            for rule in policy.rules
        ),
    )


HOUSE, OTHER = Owner("w1"), Owner("w2")
FLOW = Owner("w1", "f1")


def test_a_workspace_and_a_workflow_are_as_strict_as_the_strictest_above_them(ada: User) -> None:
    change_policy(HOUSE, stricter(0.4), ada, "Children use it")
    change_policy(FLOW, stricter(0.2), ada, "It is on the wall")
    found = [threshold(active_policy(owner)) for owner in (INSTALLATION, OTHER, HOUSE, FLOW)]
    assert found == [0.6, 0.6, 0.4, 0.2]
    change_policy(INSTALLATION, stricter(0.3), ada, "More care for all")
    found = [threshold(active_policy(owner)) for owner in (INSTALLATION, OTHER, HOUSE, FLOW)]
    assert found == [0.3, 0.3, 0.3, 0.2]


def test_what_is_in_force_is_a_row_that_a_run_can_be_pinned_to_and_is_made_once(ada: User) -> None:
    change_policy(HOUSE, stricter(0.4), ada, "Children use it")
    first, again = active_policy(HOUSE), active_policy(HOUSE)
    row = PolicyVersion.objects.get(version=first.version)
    assert first == again == row.policy
    assert (row.scope, row.made_of, row.digest) == ("combined", "1+2", first.digest)
    assert active_policy(OTHER).version == 1
    assert PolicyVersion.objects.count() == 3


@pytest.mark.parametrize(
    ("owner", "policy", "rule"),
    [
        (HOUSE, stricter(0.9), "person-image"),
        (FLOW, stricter(0.5), "person-image"),
        (INSTALLATION, replace(default_policy(), rules=default_policy().rules[:0]), None),
    ],
)
def test_a_policy_under_its_floor_is_refused_with_the_name_of_the_rule(
    ada: User, owner: Owner, policy: Policy, rule: str | None
) -> None:
    change_policy(HOUSE, stricter(0.4), ada, "Children use it")
    before = PolicyVersion.objects.count()
    if rule is None:
        change_policy(owner, policy, ada, "Nothing may pass")
        return
    with pytest.raises(Refused) as refused:
        change_policy(owner, policy, ada, "It is in the way")
    assert refused.value.code == "policy_invalid"
    assert refused.value.extra["faults"] == [{"rule": rule, "code": "below_floor"}]
    assert f"“{rule}”" in refused.value.message.en
    assert PolicyVersion.objects.filter(scope=owner.scope.value).count() <= before


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_change_needs_a_reason(ada: User, reason: str) -> None:
    with pytest.raises(Refused, match="reason_missing"):
        change_policy(HOUSE, stricter(0.4), ada, reason)


def test_a_change_that_changes_nothing_makes_no_version(ada: User) -> None:
    active_policy()
    with pytest.raises(Refused, match="policy_unchanged"):
        change_policy(INSTALLATION, default_policy(), ada, "Just so")


def test_a_version_knows_its_author_and_reason_and_the_log_knows_the_version(ada: User) -> None:
    made = change_policy(HOUSE, stricter(0.4), ada, " Children use it ")
    row = PolicyVersion.objects.get(version=made.version)
    assert (row.author_name, row.reason, row.scope, row.owner) == (
        "ada",
        "Children use it",
        "workspace",
        "w1",
    )
    report = verify_audit()
    assert (report.sound, report.fault) == (2, None)


def test_a_run_is_compiled_and_pinned_under_the_policy_of_its_workspace_and_workflow(
    ada: User, workspace: Workspace, stub_packs: None
) -> None:
    floor = stub_policy()
    PolicyVersion(version=1, data=floor.to_json(), digest=floor.digest).save()
    workflow = create_workflow(workspace, ada, "Mine", chain(("a", "echo", {})))
    ours = Owner(str(workspace.pk), str(workflow.pk))

    def run() -> Run:
        return submit_run(Order(workspace, {"text": "hello"}, user=ada, workflow=workflow)).run

    assert run().policy_id == 1
    own = stub_policy(FilterUse("stub.secrets", Action.BLOCK), FilterUse("stub.words", Action.BLOCK))
    change_policy(ours, own, ada, "No keys at all")
    submitted = run()
    plan = plan_of(submitted.plan_id)
    assert submitted.policy.scope == "combined"
    assert plan.policy == submitted.policy.policy.digest == active_policy(ours).digest
    gate = next(step for step in plan.steps if step.gate and "person-text" in step.gate.rules)
    assert [(name, action) for name, action, _, _ in gate.gate.chain] == [
        ("stub.secrets", "redact"), ("stub.secrets", "block"), ("stub.words", "block"),
    ]  # fmt: skip
