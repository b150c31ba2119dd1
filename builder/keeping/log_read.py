"""Writes down that somebody is about to read stored content. One insert, before the first byte is handed out."""

from uuid import UUID

from builder.accounts.models import User
from builder.keeping.models import Read, Way


def log_read(
    by: User,
    way: Way,
    workspace: UUID,
    *,
    asset: UUID | None = None,
    review: UUID | None = None,
    run: UUID | None = None,
) -> None:
    """`asset` for a file that has an address, `review` for what lies on the desk, `run` for a text that becomes a file."""
    Read(by=by.pk, way=way, workspace=workspace, asset=asset, review=review, run=run).save()
