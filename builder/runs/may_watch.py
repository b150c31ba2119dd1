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
_seen = Prepared(
    lambda user, run: Run.objects.for_user(user).filter(pk=run).only("state", "last_event"), slots=2
)

# Seconds for which an answer counts: who is shown out reads on for no longer.
AGAIN = 5.0


class Permission:
    """One watcher's, for one run. What was asked a moment ago is not asked again."""

    def __init__(self, user: User, run: UUID, scope: Mapping[str, Any] | None = None) -> None:
        self._user, self._run = user, run
        session = (scope or {}).get("session")
        self._session = getattr(session, "session_key", None)
        self._until = 0.0
        self._seen: Run | None = None

    async def holds(self) -> bool:
        if time.monotonic() < self._until:
            return True
        self._seen = await _watched(self._user, self._run, self._session)
        if self._seen is None:
            return False
        self._until = time.monotonic() + AGAIN
        return True

    def knows_all(self, after: int) -> bool:
        """Whether the run had ended when it was looked at last, and a watcher with this number knows its last event."""
        return self._seen is not None and has_ended(self._seen) and after >= self._seen.last_event

    def known(self, after: int) -> int:
        """What a watcher with this number knows at most. Beyond the run's last event it would be told nothing, not even the end."""
        return after if self._seen is None else min(after, self._seen.last_event)


@asks_database
def _watched(user: User, run: UUID, session: str | None) -> Run | None:
    """The run, for a member of its workspace whose account is open and who has not signed out since."""
    if not _open_accounts.rows(user.pk):
        return None
    if session and not any(ends > timezone.now() for (ends,) in _sessions.rows(session)):
        return None
    return _seen.first(user.pk, run)
