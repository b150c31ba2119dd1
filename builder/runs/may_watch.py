"""may_watch: whether somebody may be told of a run, asked when they begin to watch it and now and then while they do."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from builder.accounts.models import User
from builder.common.prepared import Prepared
from builder.runs.asks_database import asks_database
from builder.runs.ledger import has_ended
from builder.runs.models import Run

_open_accounts = Prepared(
    lambda user: User.objects.filter(pk=user, is_active=True).values_list("pk"), slots=1
)
_sessions = Prepared(
    lambda session: Session.objects.filter(session_key=session).values_list("expire_date"), slots=1
)
_seen = Prepared(lambda user, run: Run.objects.for_user(user).filter(pk=run).values_list("pk"), slots=2)
_ends = Prepared(lambda run: Run.objects.filter(pk=run).only("state", "last_event"), slots=1)

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
    if not _open_accounts.rows(user.pk):
        return False
    if session and not any(ends > timezone.now() for (ends,) in _sessions.rows(session)):
        return False
    return bool(_seen.rows(user.pk, run))


@asks_database
def is_told(run: UUID, after: int) -> bool:
    """Whether the run has ended and the watcher knows its last event."""
    (found,) = _ends.rows(run)
    return has_ended(found) and after >= found.last_event
