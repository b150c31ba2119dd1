"""begin_session: signs somebody in. The session remembers whether somebody else has lent it, by a link that they made."""

from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest

from builder.accounts.models import User

LENT_BY = "lent_by"


def begin_session(request: HttpRequest, user: User, link_by: UUID | None = None) -> None:
    """`link_by` made the link that was followed; None for a password, and for a link that the machine's owner made."""
    login(request, user)
    # Django goes on with the session of who was signed in as the same person already.
    request.session.pop(LENT_BY, None)
    if link_by is not None and link_by != user.pk:
        request.session[LENT_BY] = str(link_by)


def lender(request: HttpRequest) -> UUID | None:
    """Who made the link by which this session began; None for who signed in by themselves."""
    lent_by = request.session.get(LENT_BY)
    return None if lent_by is None else UUID(lent_by)
