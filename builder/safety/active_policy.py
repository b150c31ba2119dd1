"""The policy in force."""

from dataclasses import replace

from django.db import IntegrityError, transaction

from builder.safety.models import PolicyVersion
from runtime.safety.policy import Policy, default_policy


def active_policy() -> Policy:
    """The newest version. A first start, or a changed built-in policy where none of its own is in force, makes one."""
    newest = PolicyVersion.objects.first()
    shipped = default_policy()
    if newest is None:
        return _add(replace(shipped, version=1), shipped.digest)
    if newest.shipped and newest.shipped != shipped.digest:
        return _add(replace(shipped, version=newest.version + 1), shipped.digest)
    return newest.policy


def _add(policy: Policy, shipped: str) -> Policy:
    try:
        with transaction.atomic():
            PolicyVersion(
                version=policy.version, data=policy.to_json(), digest=policy.digest, shipped=shipped
            ).save()
    except IntegrityError:
        # Another process made this version at the same moment; what it wrote is the truth.
        return PolicyVersion.objects.get(version=policy.version).policy
    return policy
