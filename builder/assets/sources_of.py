"""sources_of: who made stored bytes that somebody gives to a run."""

from builder.accounts.models import Workspace
from builder.assets.models import Asset, Origin
from runtime.labels import Source


def sources_of(workspace: Workspace, sha256: str) -> frozenset[Source]:
    """An upload; and a model as well, where an earlier run has delivered these bytes with one's part in them."""
    delivered = Asset.objects.filter(workspace=workspace, sha256=sha256, origin=Origin.OUTPUT)
    # Rows from before sources were kept may be anybody's.
    makers = (row.get("sources", [Source.MODEL]) for row in delivered.values_list("provenance", flat=True))
    by_model = any(Source.MODEL in row or not row for row in makers)
    return frozenset({Source.UPLOAD, Source.MODEL} if by_model else {Source.UPLOAD})
