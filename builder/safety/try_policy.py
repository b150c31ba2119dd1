"""Tries a policy in the shadow of the one in force: starts and ends a shadow, and says which ones run."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.active_policy import layers_with, versions_in_force
from builder.safety.append_audit import append_audit
from builder.safety.change_policy import faults_of, needed, refuse_faults, subject_of
from builder.safety.models import Shadow
from builder.safety.owner import INSTALLATION, Owner
from runtime.safety.combine import combine_all
from runtime.safety.policy import Policy
from runtime.words import Words


def start_shadow(policy: Policy, by: User, reason: str, owner: Owner = INSTALLATION) -> Shadow:
    """The policy looks on at every run of this owner from now on. One of theirs that ran before ends.

    Raises Refused as change_policy does, and `shadow_raced` when somebody else started one at the same moment.
    """
    reason = needed(reason)
    refuse_faults(faults_of(owner, policy))
    try:
        with transaction.atomic():
            for earlier in shadows_of(owner).filter(ended=None):
                end_shadow(earlier, by)
            made = Shadow.objects.create(
                scope=owner.scope.value,
                owner=owner.key,
                data=policy.to_json(),
                digest=policy.digest,
                reason=reason,
                by=by.pk,
            )
            data = {"shadow": str(made.pk), "digest": policy.digest}
            append_audit("shadow.started", by=by, subject=subject_of(owner), reason=reason, data=data)
    except IntegrityError as raced:
        raise _raced() from raced
    return made


@transaction.atomic
def end_shadow(shadow: Shadow, by: User) -> None:
    """Runs that have it in their plan still finish it; none that starts from now on has."""
    if Shadow.objects.filter(pk=shadow.pk, ended=None).update(ended=timezone.now()):
        subject = f"{shadow.scope} {shadow.owner}".strip()
        append_audit("shadow.ended", by=by, subject=subject, data={"shadow": str(shadow.pk)})


def shadows_of(owner: Owner) -> QuerySet[Shadow]:
    """The newest first."""
    return Shadow.objects.filter(scope=owner.scope.value, owner=owner.key)


def running_shadows(owner: Owner, called: Iterable[str] = ()) -> list[tuple[str, Policy]]:
    """The shadows that look on at this owner's runs, from the installation's upwards: id, and policy as it would be.

    Each stands in the place of its owner's policy; what else is in force stays, also what the workflows that are called
    add. Shadows of those look at their own runs alone.
    """
    running = [(layer, shadow) for layer in owner.layers() for shadow in shadows_of(layer).filter(ended=None)]
    if not running:
        return []
    rows = versions_in_force(owner, called)
    return [
        (str(shadow.pk), combine_all(layers_with(rows, layer, shadow.policy).values()))
        for layer, shadow in running
    ]


def _raced() -> Refused:
    return Refused(
        "shadow_raced",
        Words("Somebody else started a shadow at the same moment.", "刚刚有人同时启动了影子策略。"),
        Words(
            "Look at it first, then start yours if it is still wanted.", "请先查看它，若仍需要再启动您的。"
        ),
        status=409,
    )
