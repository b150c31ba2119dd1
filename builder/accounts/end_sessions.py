"""Ends the sessions of a person, in every browser."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from builder.accounts.models import User
from builder.accounts.sessions import SessionStore


def end_sessions(user: User) -> None:
    """Deletes their rows.

    Another password alone ends a session for who comes with it anew; who watches runs over a socket by it is sent
    away when its row is gone (`builder/runs/may_watch.py`). Call it after the commit of what ends them: it then finds
    those too that began until then. What a row holds is sealed, so that all are read.
    """
    store, person = SessionStore(), str(user.pk)
    going = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    theirs = [row for row in going if store.decode(row.session_data).get(SESSION_KEY) == person]
    for row in theirs:
        row.delete()
