"""Edits the draft of a policy: rule by rule, with nothing in force before somebody says so."""

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.active_policy import active_policy, installation_version, own_version
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


@transaction.atomic
def edit_draft(owner: Owner, by: User, edit: Edit) -> PolicyDraft:
    """The draft with the edit in it; the first edit makes it. Raises Refused as the edit does."""
    draft = PolicyDraft.objects.select_for_update().filter(scope=owner.scope.value, owner=owner.key).first()
    if draft is None:
        base, policy = starting_point(owner)
        draft = PolicyDraft(scope=owner.scope.value, owner=owner.key, base=base, data=policy.to_json())
    draft.data = edit(draft.policy).to_json()
    draft.by, draft.updated = by, timezone.now()
    draft.save()
    return draft


def discard_draft(owner: Owner) -> None:
    PolicyDraft.objects.filter(scope=owner.scope.value, owner=owner.key).delete()


def with_rule(policy: Policy, rule: Rule, instead_of: str = "") -> Policy:
    """The policy with the rule in the place of another, or at its end. Raises Refused `rule_exists`."""
    if any(item.id == rule.id and item.id != instead_of for item in policy.rules):
        raise Refused(
            "rule_exists",
            Words("Another rule is called “{rule}”.", "已有名为“{rule}”的规则。").fill(rule=rule.id),
            Words("Choose another name.", "请换一个名称。"),
        )
    if not any(item.id == instead_of for item in policy.rules):
        return replace(policy, rules=(*policy.rules, rule))
    return replace(policy, rules=tuple(rule if item.id == instead_of else item for item in policy.rules))


def without_rule(policy: Policy, rule: str) -> Policy:
    return replace(policy, rules=tuple(item for item in policy.rules if item.id != rule))
