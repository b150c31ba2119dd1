"""Clearances of stored bytes, kept with their row: a later run under the same policy need not look at them again."""

import hashlib
from collections.abc import Iterable

from builder.accounts.models import Workspace
from builder.assets.models import Asset
from runtime.labels import Clearance
from runtime.safety.filters import load_filters


def keep_clearances(asset: Asset, clearances: Iterable[Clearance]) -> None:
    """Keep what `deliver()` has just asked for. Of earlier policies nothing is kept: they are not coming back."""
    filters = filters_digest()
    made = [
        {"rule": item.rule, "policy": item.policy, "filters": filters}
        for item in sorted(clearances, key=lambda item: item.rule)
        if item.digest == asset.sha256
    ]
    policies = {item["policy"] for item in made}
    kept = [
        item
        for item in asset.clearances
        if item["policy"] in policies and item["filters"] == filters and item not in made
    ]
    if made and asset.clearances != [*kept, *made]:
        asset.clearances = [*kept, *made]
        asset.save(update_fields=["clearances"])


def clearances_of(workspace: Workspace, sha256: str, policy: str) -> frozenset[Clearance]:
    """What has cleared these bytes in this workspace, under the policy of this digest and by the filters of today."""
    filters = filters_digest()
    rows = Asset.objects.filter(workspace=workspace, sha256=sha256).values_list("clearances", flat=True)
    return frozenset(
        Clearance(sha256, item["rule"], item["policy"])
        for row in rows
        for item in row
        if item["policy"] == policy and item["filters"] == filters
    )


def filters_digest() -> str:
    """SHA-256 (hex) of the installed filters and their versions: after an upgrade everything is looked at anew."""
    known = sorted(f"{name} {found.spec.version}" for name, found in load_filters().items())
    return hashlib.sha256("\n".join(known).encode()).hexdigest()
