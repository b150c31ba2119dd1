"""Lowering the installation's floor needs a second administrator; raising it needs none."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety import change_policy as module
from builder.safety.active_policy import active_policy
from builder.safety.change_policy import change_policy
from builder.safety.decide_proposal import approve_proposal, refuse_proposal
from builder.safety.models import AuditEntry, PolicyVersion, Proposal
from builder.safety.owner import INSTALLATION
from builder.safety.verify_audit import verify_audit
from runtime.safety.policy import Policy, default_policy

LONG_AGO = timezone.now() - timedelta(days=30)


def admin(name: str, **more: object) -> User:
    return User.objects.create(
        **{"username": name, "is_superuser": True, "is_staff": True, "date_joined": LONG_AGO} | more
    )


@pytest.fixture
def ada(db: None) -> User:
    return admin("ada")


@pytest.fixture
def bob(db: None) -> User:
    return admin("bob")


def milder(value: float = 0.9) -> Policy:
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


@pytest.fixture
def proposal(ada: User) -> Proposal:
    made = change_policy(INSTALLATION, milder(), ada, "Too many false alarms")
    assert isinstance(made, Proposal)
    return made


def in_force() -> float:
    return next(rule.chain[0].threshold for rule in active_policy().rules if rule.id == "person-image")


def test_lowering_is_proposed_and_changes_nothing(proposal: Proposal) -> None:
    assert proposal.lowers == ["person-image"]
    assert in_force() == 0.6


def test_raising_takes_effect_at_once(ada: User) -> None:
    change_policy(INSTALLATION, milder(0.3), ada, "More care")
    assert in_force() == 0.3


def test_a_change_that_was_compared_with_what_is_gone_is_not_put_in_its_place(
    ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bob raises one thing between Ada's look at the policy and her write: hers would lower his again, unseen."""
    active_policy()
    honest = module.put_in_force

    def overtaken(*args: Any, **more: Any) -> PolicyVersion:
        monkeypatch.setattr(module, "put_in_force", honest)
        change_policy(INSTALLATION, milder(0.2), bob, "Faster")
        return honest(*args, **more)

    monkeypatch.setattr(module, "put_in_force", overtaken)
    with pytest.raises(Refused, match="policy_moved"):
        change_policy(INSTALLATION, milder(0.4), ada, "Slower")
    assert in_force() == 0.2


def test_another_administrator_approves_and_the_log_tells_all_of_it(
    proposal: Proposal, ada: User, bob: User
) -> None:
    made = approve_proposal(proposal, bob, "Agreed")
    assert (in_force(), made.author_name, made.reason) == (0.9, "bob", "Too many false alarms")
    acts = [entry.said["act"] for entry in AuditEntry.objects.order_by("sequence")]
    assert acts == ["policy.shipped", "policy.proposed", "policy.approved", "policy.changed"]
    last = AuditEntry.objects.first().said
    assert (last["data"]["proposer"], last["data"]["lowers"]) == (str(ada.pk), ["person-image"])
    assert verify_audit().fault is None


@pytest.mark.parametrize(
    "more",
    [
        {"is_superuser": False},
        {"is_active": False},
        {"date_joined": timezone.now() + timedelta(days=1)},
    ],
    ids=["no administrator", "not active", "an account made for it"],
)
def test_nobody_else_approves(proposal: Proposal, more: dict[str, object]) -> None:
    with pytest.raises(Refused):
        approve_proposal(proposal, admin("eve", **more), "Agreed")
    assert in_force() == 0.6


def test_the_proposer_never_approves(proposal: Proposal, ada: User) -> None:
    with pytest.raises(Refused, match="second_administrator"):
        approve_proposal(proposal, User.objects.get(pk=ada.pk), "I agree with myself")
    assert in_force() == 0.6


def test_after_a_week_it_is_over_and_makes_room_for_another(proposal: Proposal, ada: User, bob: User) -> None:
    with pytest.raises(Refused, match="proposal_open"):
        change_policy(INSTALLATION, milder(0.8), ada, "Again")
    Proposal.objects.update(expires=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="proposal_over"):
        approve_proposal(proposal, bob, "Agreed")
    assert in_force() == 0.6
    assert isinstance(change_policy(INSTALLATION, milder(0.8), ada, "Again"), Proposal)


def test_it_is_decided_once(proposal: Proposal, bob: User) -> None:
    refuse_proposal(proposal, bob, "No")
    with pytest.raises(Refused, match="proposal_over"):
        approve_proposal(proposal, bob, "Or yes")
    assert (in_force(), Proposal.objects.get().outcome) == (0.6, "refused")


def test_its_proposer_withdraws_it(proposal: Proposal, ada: User) -> None:
    refuse_proposal(proposal, ada, "A mistake")
    assert Proposal.objects.get().outcome == "withdrawn"


def test_it_lowers_what_it_said_or_nothing(proposal: Proposal, ada: User, bob: User) -> None:
    change_policy(INSTALLATION, milder(0.1), ada, "More care meanwhile")
    with pytest.raises(Refused, match="proposal_stale"):
        approve_proposal(proposal, bob, "Agreed")
    assert in_force() == 0.1


def test_a_decision_needs_a_reason(proposal: Proposal, bob: User) -> None:
    for decide in (approve_proposal, refuse_proposal):
        with pytest.raises(Refused, match="reason_missing"):
            decide(proposal, bob, " ")
    assert Proposal.objects.get().outcome == "open"
