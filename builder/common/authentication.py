"""Knows people by their session cookie."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    """Django's session, with the CSRF check on every unsafe method; an anonymous caller hears 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
