"""Decides about a proposal to lower the installation's floor: a second administrator does, never its proposer."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused, administrators_only
from builder.safety.active_policy import installation_version
from builder.safety.append_audit import append_audit
from builder.safety.change_policy import faults_of, needed, put_in_force, refuse_faults
from builder.safety.models import Outcome, PolicyVersion, Proposal
from builder.safety.owner import INSTALLATION
from builder.safety.rights import lent_since
from runtime.words import Words

# As long as a sign-in link is good: who is lent an account's right or its way in must let the others see it first.
SETTLED = timedelta(days=1)


@transaction.atomic
def approve_proposal(proposal: Proposal, by: User, reason: str) -> PolicyVersion:
    """The version that is in force from now on.

    Raises Refused: `second_administrator`, `proposal_over`, `proposal_stale`, `policy_invalid`, `reason_missing`.
    """
    reason = needed(reason)
    _refuse_proposer(proposal, by)
    _close(proposal, by, Outcome.APPROVED)
    if installation_version().version != proposal.base:
        raise _stale()
    refuse_faults(faults_of(INSTALLATION, proposal.policy))
    _tell("policy.approved", proposal, by, reason)
    facts = {
        "proposal": str(proposal.pk),
        "proposer": str(proposal.proposer_id),
        "lowers": proposal.lowers,
    }
    return put_in_force(INSTALLATION, proposal.policy, by, proposal.reason, proposal.base, **facts)


@transaction.atomic
def refuse_proposal(proposal: Proposal, by: User, reason: str) -> None:
    """Raises Refused: `administrators_only`, `proposal_over`, `reason_missing`."""
    reason = needed(reason)
    _refuse_strangers(by)
    mine = by.pk == proposal.proposer_id
    _close(proposal, by, Outcome.WITHDRAWN if mine else Outcome.REFUSED)
    _tell("policy.withdrawn" if mine else "policy.refused", proposal, by, reason)


def may_approve(proposal: Proposal, by: User) -> bool:
    """Another administrator. Of neither of the two has anybody else touched account, rights or ways in for its sake.

    Of neither: who approves could have proposed by an account that was lent. Sessions are `require_own_session`'s.
    """
    settled = proposal.created - SETTLED
    return (
        by.is_active
        and by.is_superuser
        and by.pk != proposal.proposer_id
        and by.date_joined <= proposal.created
        and not lent_since(by, settled)
        and not lent_since(proposal.proposer, settled)
    )


def _refuse_strangers(by: User) -> None:
    if not (by.is_active and by.is_superuser):
        raise administrators_only()


def _refuse_proposer(proposal: Proposal, by: User) -> None:
    _refuse_strangers(by)
    if may_approve(proposal, by):
        return
    raise Refused(
        "second_administrator",
        Words(
            "Lowering the floor needs two administrators, to neither of whom anybody has given the account, the right, a "
            "sign-in link or a password since a day before the proposal.",
            "放宽下限需要两位管理员；自提议前一天起，二者的账户、权限、登录链接与密码均不得由他人给予。",
        ),
        Words(
            "Ask another administrator. Where there is none, make a second person one, and propose again a day later.",
            "请联系另一位管理员。若没有，请先将另一个人设为管理员，一天后重新提议。",
        ),
        status=403,
    )


def _close(proposal: Proposal, by: User, outcome: Outcome) -> None:
    """One of two who decide at once is too late, and so is who decides after the time is up."""
    now = timezone.now()
    still_open = Proposal.objects.filter(pk=proposal.pk, outcome=Outcome.OPEN.value, expires__gt=now)
    if still_open.update(outcome=outcome.value, decided=now, decided_by=by) != 1:
        raise Refused(
            "proposal_over",
            Words("This proposal is decided already, or its time is up.", "该提议已有决定，或已过期。"),
            Words("Propose the change again.", "请重新提议。"),
            status=409,
        )


def _stale() -> Refused:
    return Refused(
        "proposal_stale",
        Words(
            "The policy has changed since this was proposed, so it would lower something else.",
            "提议之后策略已更改，因此它放宽的内容会有所不同。",
        ),
        Words("Propose the change again.", "请重新提议。"),
        status=409,
    )


def _tell(act: str, proposal: Proposal, by: User, reason: str) -> None:
    data = {"proposal": str(proposal.pk), "lowers": proposal.lowers}
    append_audit(act, by=by, subject="installation", reason=reason, data=data)
