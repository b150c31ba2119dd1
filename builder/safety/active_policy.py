"""The policy in force: the installation's, or what a workspace and a workflow make stricter of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import Max

from builder.safety.append_audit import append_audit
from builder.safety.models import PolicyVersion, Scope, altered
from builder.safety.owner import INSTALLATION, Owner
from runtime.safety.combine import combine_all
from runtime.safety.policy import Policy, default_policy

LONGEST = 40  # characters of `made_of`
TRIES = 20  # processes that may be faster, one after another
ORDER = (Scope.INSTALLATION.value, Scope.WORKSPACE.value, Scope.WORKFLOW.value)
TOO_FAST = "policies are numbered too fast"


def active_policy(owner: Owner = INSTALLATION, called: Iterable[str] = ()) -> Policy:
    """What everything of this owner is compiled under. It is a row of its own, so that a run can be pinned to it.

    Raises Refused `policy_altered` where a row is not what was kept, or a combination not what its parts make.

    `called` are the ids of workflows whose drawings are put into this one: their own policies hold here as well.
    """
    return active_version(owner, called).policy


def active_version(owner: Owner, called: Iterable[str] = ()) -> PolicyVersion:
    layers = versions_in_force(owner, called)
    if len(layers) == 1:
        return layers[0]
    made_of = name_of(layers)
    for _ in range(TRIES):
        combined = PolicyVersion.objects.filter(made_of=made_of).first()
        if combined is not None:
            if combined.policy != replace(made_from(layers), version=combined.version):
                raise altered(combined.version)
            return combined
        _add(made_from(layers), scope=Scope.COMBINED.value, made_of=made_of)
    raise RuntimeError(TOO_FAST)


def made_from(layers: Iterable[PolicyVersion]) -> Policy:
    """What these combine to; its number is not its own."""
    return combine_all(row.policy for row in layers)


def versions_in_force(owner: Owner, called: Iterable[str] = ()) -> list[PolicyVersion]:
    """From the installation's version upwards; who has none of their own adds nothing. Those that are called come last."""
    found = [installation_version()]
    for layer in owner.layers():
        row = own_version(layer) if layer.above else None
        if row is not None:
            found.append(row)
    for workflow in sorted(set(called) - {owner.workflow}):
        row = own_version(Owner(owner.workspace, workflow))
        if row is not None:
            found.append(row)
    return found


def layers_with(
    rows: Iterable[PolicyVersion], owner: Owner, candidate: Policy
) -> dict[tuple[str, str], Policy]:
    """These policies by scope and owner, with the candidate in the place of its owner's own.

    The installation's first, then the workspace's: a floor's rules and labels come before one's own.
    """
    layers = {(row.scope, row.owner): row.policy for row in rows} | {
        (owner.scope.value, owner.key): candidate
    }
    return dict(sorted(layers.items(), key=lambda layer: ORDER.index(layer[0][0])))


def ranked(rows: Iterable[PolicyVersion], owner: Owner) -> list[PolicyVersion]:
    """In the order of `versions_in_force`: from the installation's upwards, and last the workflows that are called."""
    return sorted(
        rows, key=lambda row: (ORDER.index(row.scope), row.owner != owner.key and bool(row.owner), row.owner)
    )


def name_of(layers: list[PolicyVersion]) -> str:
    """The name of a combination: its parts, or where they are too many for their column, their hash."""
    parts = "+".join(str(row.version) for row in layers)
    return parts if len(parts) <= LONGEST else hashlib.sha256(parts.encode()).hexdigest()[:LONGEST]


def own_version(owner: Owner) -> PolicyVersion | None:
    """The newest that was made for exactly this owner."""
    return PolicyVersion.objects.filter(scope=owner.scope.value, owner=owner.key).first()


def installation_version() -> PolicyVersion:
    """The newest. A first start, or a changed built-in policy where none of its own is in force, makes one."""
    shipped = default_policy()
    for _ in range(TRIES):
        newest = own_version(INSTALLATION)
        if newest is not None and newest.shipped in ("", shipped.digest):
            return newest
        _add(shipped, shipped=shipped.digest)
    raise RuntimeError(TOO_FAST)


def next_number() -> int:
    """Policies of all owners are numbered in one row."""
    highest: int | None = PolicyVersion.objects.aggregate(highest=Max("version"))["highest"]
    return (highest or 0) + 1


def _add(policy: Policy, **more: str) -> None:
    """Make the policy the next version, unless another process takes that number: the caller looks again."""
    numbered = replace(policy, version=next_number())
    try:
        with transaction.atomic():
            PolicyVersion(
                version=numbered.version, data=numbered.to_json(), digest=numbered.digest, **more
            ).save()
            act = "policy.shipped" if "shipped" in more else "policy.combined"
            data = {"version": numbered.version, "digest": numbered.digest}
            append_audit(act, by=None, subject="installation", data=data)
    except IntegrityError:
        return
