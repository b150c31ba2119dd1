"""sources_of: who made stored bytes that somebody gives to a run."""

from builder.accounts.models import Workspace
from builder.assets.models import Asset, Origin
from runtime.labels import Source
from runtime.values import Json


def sources_of(workspace: Workspace, sha256: str) -> frozenset[Source]:
    """An upload; and a model as well, where an earlier run has delivered these bytes with one's part in them, or
    whoever brought them to this workspace brought them with a mark that says so."""
    rows = Asset.objects.filter(workspace=workspace, sha256=sha256).values_list("origin", "provenance")
    by_model = any(Source.MODEL in _makers(origin, provenance) for origin, provenance in rows)
    return frozenset({Source.UPLOAD, Source.MODEL} if by_model else {Source.UPLOAD})


def _makers(origin: str, provenance: dict[str, Json]) -> list[str]:
    if origin == Origin.UPLOAD:
        found: list[str] = provenance.get("sources", [Source.UPLOAD.value])
        return found
    # Outputs from before sources were kept may be anybody's, as is what nobody is named for.
    return provenance.get("sources", []) or [Source.MODEL.value]
