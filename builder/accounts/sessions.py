"""sessions: Django's sessions in the database, found by a question that is written once, because every request asks it."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from builder.common.prepared import Prepared

_sessions = Prepared(lambda key: Session.objects.filter(session_key=key), slots=1)


class SessionStore(DatabaseSessions):
    """Django's own, but for how a session is read."""

    def _get_session_from_db(self) -> Session | None:
        found = _sessions.first(self.session_key) if self.session_key else None
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
