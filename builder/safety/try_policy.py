"""Tries a policy in the shadow of the one in force: starts and ends a shadow, and says which one runs."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.safety.active_policy import versions_in_force
from builder.safety.append_audit import append_audit
from builder.safety.change_policy import faults_of, needed, refuse_faults
from builder.safety.models import Shadow
from builder.safety.owner import INSTALLATION, Owner
from runtime.safety.combine import combine_all
from runtime.safety.policy import Policy


@transaction.atomic
def start_shadow(policy: Policy, by: User, reason: str) -> Shadow:
    """The policy looks on at every run from now on. One that ran before ends. Raises Refused as change_policy does."""
    reason = needed(reason)
    refuse_faults(faults_of(INSTALLATION, policy))
    for earlier in Shadow.objects.filter(ended=None):
        end_shadow(earlier, by)
    made = Shadow.objects.create(
        data=policy.to_json(), digest=policy.digest, reason=reason, author=by.display_name
    )
    data = {"shadow": str(made.pk), "digest": policy.digest}
    append_audit("shadow.started", by=by, subject="installation", reason=reason, data=data)
    return made


@transaction.atomic
def end_shadow(shadow: Shadow, by: User) -> None:
    """Runs that have it in their plan still finish it; none that starts from now on has."""
    if Shadow.objects.filter(pk=shadow.pk, ended=None).update(ended=timezone.now()):
        append_audit("shadow.ended", by=by, subject="installation", data={"shadow": str(shadow.pk)})


def running_shadow(owner: Owner, called: Iterable[str] = ()) -> tuple[str, Policy] | None:
    """The id of the shadow that runs, and its policy as this owner would have it: under what they add themselves,

    and under what the workflows that are called add.
    """
    shadow = Shadow.objects.filter(ended=None).first()
    if shadow is None:
        return None
    own = (row.policy for row in versions_in_force(owner, called)[1:])
    return str(shadow.pk), combine_all([shadow.policy, *own])
