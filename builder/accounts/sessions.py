"""sessions: Django's sessions in the database, found by a question that is written once, because every request asks it."""

import re

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from builder.common.prepared import Prepared

_sessions = Prepared(lambda key: Session.objects.filter(session_key=key), slots=1)
# As Django makes them. Anything else was made by somebody else, and may hold what no database takes.
_KEY = re.compile(f"[{VALID_KEY_CHARS}]{{32}}")


class SessionStore(DatabaseSessions):
    """Django's own, but for how a session is read, and that what is no key is none."""

    def _validate_session_key(self, key: object) -> bool:
        return isinstance(key, str) and _KEY.fullmatch(key) is not None

    def _get_session_from_db(self) -> Session | None:
        found = _sessions.first(self.session_key) if self.session_key else None
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
