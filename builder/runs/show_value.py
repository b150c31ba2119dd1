"""A delivered value as a person gets it: plain data as it is, stored bytes by an address. Called inside `deliver()`."""

from builder.accounts.models import Workspace
from builder.assets.record_output import record_output
from builder.runs.models import Run
from runtime.ports import ASSET_KINDS
from runtime.values import AssetRef, Json, Value, data_to_json


def show_value(value: Value, run: Run, provenance: dict[str, Json]) -> Json:
    """`provenance` says where the bytes come from: of an output of the run, its id and the result's name."""
    if value.type.kind not in ASSET_KINDS:
        return data_to_json(value.type, value.data)
    if isinstance(value.data, list):
        return [_address(item, value, run.workspace, provenance) for item in value.data]
    assert isinstance(value.data, AssetRef)
    return _address(value.data, value, run.workspace, provenance)


def _address(
    ref: AssetRef, value: Value, workspace: Workspace, provenance: dict[str, Json]
) -> dict[str, Json]:
    provenance = {**provenance, "sources": sorted(value.sources)}
    asset = record_output(workspace, ref, provenance, value.clearances)
    return {
        "asset": str(asset.pk),
        "url": asset.url,
        "width": ref.width,
        "height": ref.height,
        "media_type": ref.media_type,
        "size": ref.size,
    }
