"""Publishes the draft of a policy: exactly what somebody has seen comes into force, or nothing does."""

from django.db import transaction

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.change_policy import change_policy, faults_of, policy_moved, refuse_faults
from builder.safety.edit_draft import draft_of, locked_draft, refuse_moved
from builder.safety.models import PolicyDraft, PolicyVersion, Proposal, Shadow
from builder.safety.owner import Owner
from builder.safety.try_policy import start_shadow
from runtime.safety.policy import Policy
from runtime.words import Words


@transaction.atomic
def publish_draft(
    owner: Owner, by: User, reason: str, seen: str, base: int | None = None, lowering: bool | None = None
) -> PolicyVersion | Proposal:
    """The version that is in force from now on; the draft is gone with it.

    `seen` is the digest of the draft that was looked at, and `base` the version beside which it was: what somebody
    else has compared it with since is not what this caller saw. `lowering` is change_policy's. Two who publish at
    once take turns: the second finds that the draft is gone. Raises Refused: `draft_gone`, `draft_moved`, `policy_moved`, and as change_policy does.
    """
    draft = _seen(owner, seen)
    if base not in (None, draft.base):
        raise policy_moved()
    made = change_policy(owner, draft.policy, by, reason, compared_with=draft.base, lowering=lowering)
    draft.delete()
    return made


@transaction.atomic
def try_draft(owner: Owner, by: User, reason: str, seen: str) -> Shadow:
    """The draft looks on at runs; it stays a draft. Raises Refused as publish_draft and start_shadow do."""
    return start_shadow(_seen(owner, seen).policy, by, reason, owner)


def candidate_of(owner: Owner) -> Policy:
    """The draft's policy, when it could be used. Raises Refused `draft_gone`, or `policy_invalid` with every fault."""
    draft = draft_of(owner)
    if draft is None:
        raise draft_gone()
    refuse_faults(faults_of(owner, draft.policy))
    return draft.policy


def _seen(owner: Owner, seen: str) -> PolicyDraft:
    draft = locked_draft(owner)
    if draft is None:
        raise draft_gone()
    refuse_moved(draft, seen)
    return draft


def draft_gone() -> Refused:
    return Refused(
        "draft_gone",
        Words(
            "There is no draft: it was published or discarded, or none was begun.",
            "没有草稿：它已发布或丢弃，或尚未开始。",
        ),
        Words(
            "Load the page again, and change a rule to begin one.",
            "请重新加载页面，修改一条规则即可开始新草稿。",
        ),
        status=409,
    )
