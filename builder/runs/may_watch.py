"""may_watch: whether somebody may be told of a run, asked when they begin to watch it and now and then while they do."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from builder.accounts.models import User
from builder.runs.asks_database import asks_database
from builder.runs.ledger import has_ended
from builder.runs.models import Run

# Seconds for which an answer counts: who is shown out reads on for no longer.
AGAIN = 5.0


class Permission:
    """One watcher's, for one run. What was asked a moment ago is not asked again."""

    def __init__(self, user: User, run: UUID, scope: Mapping[str, Any] | None = None) -> None:
        self._user, self._run = user, run
        session = (scope or {}).get("session")
        self._session = getattr(session, "session_key", None)
        self._until = 0.0

    async def holds(self) -> bool:
        if time.monotonic() < self._until:
            return True
        if not await _may_watch(self._user, self._run, self._session):
            return False
        self._until = time.monotonic() + AGAIN
        return True


@asks_database
def _may_watch(user: User, run: UUID, session: str | None) -> bool:
    """A member of the run's workspace whose account is open and who has not signed out since."""
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        return False
    if session and not Session.objects.filter(session_key=session, expire_date__gt=timezone.now()).exists():
        return False
    return Run.objects.for_user(user).filter(pk=run).exists()


@asks_database
def is_told(run: UUID, after: int) -> bool:
    """Whether the run has ended and the watcher knows its last event."""
    found = Run.objects.only("state", "last_event").get(pk=run)
    return has_ended(found) and after >= found.last_event
