"""Gives a delivered output its address. Called from `deliver()` and nowhere else."""

from builder.accounts.models import Workspace
from builder.assets.models import Asset, Origin
from runtime.values import AssetRef, Json


def record_output(workspace: Workspace, ref: AssetRef, provenance: dict[str, Json]) -> Asset:
    """The asset for bytes that have passed their gates; the same content in a workspace keeps one address."""
    asset, _created = Asset.objects.get_or_create(
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
    return asset
