"""Changes a policy: a new version comes into force, or, where the installation's floor would sink, is proposed."""

from dataclasses import replace
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.active_policy import (
    TOO_FAST,
    TRIES,
    active_policy,
    installation_version,
    next_number,
    own_version,
)
from builder.safety.append_audit import append_audit
from builder.safety.models import PolicyVersion, Proposal
from builder.safety.owner import INSTALLATION, Owner
from runtime.safety.check_policy import Fault, check_policy
from runtime.safety.combine import weaker
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy
from runtime.values import Json
from runtime.words import Words

# A second administrator has a week; what nobody decided by then is proposed again, for the policy of then.
TIME_TO_DECIDE = timedelta(days=7)


def change_policy(
    owner: Owner,
    policy: Policy,
    by: User,
    reason: str,
    *,
    compared_with: int | None = None,
    lowering: bool | None = None,
) -> PolicyVersion | Proposal:
    """The new version, in force at once; or a proposal, when it would lower the installation's floor.

    `compared_with` is the version that the caller has looked at beside it, 0 for none of this owner's own.
    `lowering` says which of the two the caller means: `policy_moved` when it would be the other.
    Raises Refused: `reason_missing`, `policy_invalid` with every fault and its rule, `policy_unchanged`,
    `proposal_open`, `policy_moved`.
    """
    reason = needed(reason)
    refuse_faults(faults_of(owner, policy))
    before = installation_version() if owner == INSTALLATION else own_version(owner)
    if compared_with not in (None, before.version if before else 0):
        raise policy_moved()
    if before is not None and replace(policy, version=before.version).digest == before.digest:
        raise _unchanged()
    lowers = weaker(before.policy, policy) if owner == INSTALLATION and before else []
    _refuse_other_act(bool(lowers), lowering)
    if lowers:
        assert before is not None
        return _propose(policy, before.version, lowers, by, reason)
    return put_in_force(owner, policy, by, reason, before.version if before else None)


def _refuse_other_act(lowers: bool, meant: bool | None) -> None:
    """Nobody proposes what they meant to put in force, nor puts in force what they meant to propose."""
    if meant is not None and meant != lowers:
        raise policy_moved()


def faults_of(owner: Owner, policy: Policy) -> tuple[Fault, ...]:
    """What keeps the policy from being used for this owner; a floor is what those above have in force."""
    floor = active_policy(owner.above) if owner.above else None
    return check_policy(policy, load_filters(), floor)


def put_in_force(
    owner: Owner, policy: Policy, by: User, reason: str, after: int | None, **facts: Json
) -> PolicyVersion:
    """The next version of this owner, with its line in the audit log. Who calls has compared it with version `after`.

    Raises Refused `policy_moved` when another has come into force since: what is compared with what is gone may lower it.
    """
    for _ in range(TRIES):
        numbered = replace(policy, version=next_number())
        try:
            with transaction.atomic():
                newest = own_version(owner)
                if (newest.version if newest else None) != after:
                    raise policy_moved()
                return _write(owner, numbered, by, reason, facts)
        except IntegrityError:
            continue  # another policy took the number at the same moment
    raise RuntimeError(TOO_FAST)


def needed(reason: str) -> str:
    """The reason, without blanks around it. Raises Refused `reason_missing`."""
    if not reason.strip():
        raise Refused(
            "reason_missing",
            Words("A change of what is filtered needs a reason.", "更改过滤策略需要说明原因。"),
            Words(
                "Say in a sentence why; it stays in the audit log.",
                "请用一句话说明原因，它会保留在审计日志中。",
            ),
        )
    return reason.strip()


def refuse_faults(faults: tuple[Fault, ...]) -> None:
    """Raises Refused `policy_invalid`, in the words of each fault, when there are any."""
    if not faults:
        return
    raise Refused(
        "policy_invalid",
        Words(" ".join(fault.message.en for fault in faults), "".join(fault.message.zh for fault in faults)),
        Words("Change the rules that are named.", "请修改所列规则。"),
        extra={"faults": [{"rule": fault.rule, "code": fault.code} for fault in faults]},
    )


def _write(owner: Owner, policy: Policy, by: User, reason: str, facts: dict[str, Json]) -> PolicyVersion:
    row = PolicyVersion(
        version=policy.version,
        scope=owner.scope.value,
        owner=owner.key,
        data=policy.to_json(),
        digest=policy.digest,
        reason=reason,
        by=by.pk,
    )
    row.save()
    data = {"version": policy.version, "digest": policy.digest, **facts}
    append_audit("policy.changed", by=by, subject=subject_of(owner), reason=reason, data=data)
    return row


def _propose(policy: Policy, base: int, lowers: list[str], by: User, reason: str) -> Proposal:
    now = timezone.now()
    # What has expired makes room; it stays in the list with the day on which it ended.
    Proposal.objects.filter(outcome="open", expires__lte=now).update(outcome="withdrawn", decided=now)
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                base=base,
                data=policy.to_json(),
                lowers=lowers,
                reason=reason,
                proposer=by,
                expires=now + TIME_TO_DECIDE,
            )
            data = {"proposal": str(made.pk), "digest": policy.digest, "lowers": lowers}
            append_audit("policy.proposed", by=by, subject="installation", reason=reason, data=data)
    except IntegrityError as taken:
        raise _open() from taken
    return made


def subject_of(owner: Owner) -> str:
    return f"{owner.scope} {owner.key}".strip()


def _unchanged() -> Refused:
    return Refused(
        "policy_unchanged",
        Words("Nothing would change.", "没有任何更改。"),
        Words("Change a rule first.", "请先修改规则。"),
    )


def policy_moved() -> Refused:
    return Refused(
        "policy_moved",
        Words("Another version has come into force meanwhile.", "其间已有另一版本生效。"),
        Words("Look at what is different now, and try again.", "请查看现在的差异，然后重试。"),
        status=409,
    )


def _open() -> Refused:
    return Refused(
        "proposal_open",
        Words("Another proposal is waiting for a decision.", "另有一项提议正在等待决定。"),
        Words("Approve, refuse or withdraw it first.", "请先批准、拒绝或撤回该提议。"),
        status=409,
    )
