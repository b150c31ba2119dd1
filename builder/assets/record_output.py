"""Gives a delivered output its address. Called from `deliver()` and nowhere else."""

from collections.abc import Iterable

from django.utils import timezone

from builder.accounts.models import Workspace
from builder.assets.clearances import keep_clearances
from builder.assets.models import Asset, Origin
from runtime.labels import Clearance
from runtime.values import AssetRef, Json


def record_output(
    workspace: Workspace, ref: AssetRef, provenance: dict[str, Json], clearances: Iterable[Clearance] = ()
) -> Asset:
    """The asset for bytes that have passed their gates; the same content in a workspace keeps one address."""
    asset, created = Asset.objects.get_or_create(
        workspace=workspace,
        sha256=ref.sha256,
        origin=Origin.OUTPUT,
        defaults={
            "media_type": ref.media_type,
            "size": ref.size,
            "width": ref.width,
            "height": ref.height,
            "provenance": provenance,
        },
    )
    if not created:
        # Delivered anew: its time begins anew.
        Asset.objects.filter(pk=asset.pk).update(created=timezone.now())
    keep_clearances(asset, clearances)
    return asset
