"""Edits the draft of a policy: rule by rule, with nothing in force before somebody says so."""

from collections.abc import Callable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.active_policy import active_policy, installation_version, own_version
from builder.safety.change_policy import policy_moved
from builder.safety.models import PolicyDraft
from builder.safety.owner import INSTALLATION, Owner
from runtime.safety.policy import Policy, Rule
from runtime.words import Words

Edit = Callable[[Policy], Policy]


def draft_of(owner: Owner) -> PolicyDraft | None:
    return PolicyDraft.objects.filter(scope=owner.scope.value, owner=owner.key).first()


def starting_point(owner: Owner) -> tuple[int, Policy]:
    """What a draft begins as, and the version it is: one's own policy, else the floor; 0 says that it is the floor."""
    row = installation_version() if owner == INSTALLATION else own_version(owner)
    if row is not None:
        return row.version, row.policy
    assert owner.above is not None
    return 0, active_policy(owner.above)


def edit_draft(
    owner: Owner, by: User, edit: Edit, seen: str | None = None, base: int | None = None
) -> PolicyDraft:
    """The draft with the edit in it; the first edit makes it. Raises Refused as the edit does.

    `seen` is the digest of the draft that the edit was made from, empty where there was none: `draft_moved` when it
    is another by now. `base` says that the draft has been compared with this version, which is in force today:
    `policy_moved` when it is not.
    """
    try:
        with transaction.atomic():
            draft = locked_draft(owner)
            if seen is not None:
                refuse_moved(draft, seen)
            begun, policy = starting_point(owner)
            if draft is None:
                draft = PolicyDraft(
                    scope=owner.scope.value, owner=owner.key, base=begun, data=policy.to_json()
                )
            if base is not None and base not in (begun, draft.base):
                raise policy_moved()
            draft.base = draft.base if base is None else base
            draft.data = edit(draft.policy).to_json()
            draft.by, draft.updated = by, timezone.now()
            draft.save()
    except IntegrityError as raced:
        raise draft_moved() from raced  # two first edits at the same moment
    return draft


def locked_draft(owner: Owner) -> PolicyDraft | None:
    """Nobody else changes or publishes it until this transaction is over."""
    rows = PolicyDraft.objects.select_for_update()
    return rows.filter(scope=owner.scope.value, owner=owner.key).first()


def refuse_moved(draft: PolicyDraft | None, seen: str) -> None:
    """Raises Refused `draft_moved` unless the draft is the one that somebody has seen."""
    if (draft.policy.digest if draft else "") != seen:
        raise draft_moved()


@transaction.atomic
def discard_draft(owner: Owner, seen: str | None = None) -> None:
    """Let it go. With `seen` only that draft: raises Refused `draft_moved` when it is another by now."""
    draft = locked_draft(owner)
    if draft is None:
        return
    if seen is not None:
        refuse_moved(draft, seen)
    draft.delete()


def with_rule(policy: Policy, rule: Rule, instead_of: str = "") -> Policy:
    """The policy with the rule in the place of another, or at its end. Raises Refused `rule_exists`."""
    if any(item.id == rule.id and item.id != instead_of for item in policy.rules):
        raise rule_exists(rule.id)
    if not any(item.id == instead_of for item in policy.rules):
        return replace(policy, rules=(*policy.rules, rule))
    return replace(policy, rules=tuple(rule if item.id == instead_of else item for item in policy.rules))


def rule_exists(rule: str) -> Refused:
    return Refused(
        "rule_exists",
        Words("Another rule is called “{rule}”.", "已有名为“{rule}”的规则。").fill(rule=rule),
        Words("Choose another name.", "请换一个名称。"),
    )


def draft_moved() -> Refused:
    return Refused(
        "draft_moved",
        Words("Somebody else has changed this draft meanwhile.", "其间有人更改了此草稿。"),
        Words("Load it again, and make your change in theirs.", "请重新加载，在新的草稿上修改。"),
        status=409,
    )


def without_rule(policy: Policy, rule: str) -> Policy:
    return replace(policy, rules=tuple(item for item in policy.rules if item.id != rule))
