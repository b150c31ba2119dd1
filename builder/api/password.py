"""Setting a password of one's own."""

from django.contrib.auth import logout
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.begin_session import lender
from builder.accounts.end_sessions import end_sessions
from builder.accounts.set_password import require_current, require_strong, set_password
from builder.api.checked import checked
from builder.api.people import person
from builder.api.shapes.session import PasswordSerializer
from builder.safety.note_rights import note_password


class PasswordView(APIView):
    """For who is signed in, of themselves alone."""

    @extend_schema(operation_id="set_password", request=PasswordSerializer, responses={204: None})
    def put(self, request: Request) -> Response:
        """Set your own password. Every session of yours ends, this one too; so do sign-in links: sign in with it."""
        given = checked(PasswordSerializer, request)
        user = require_current(request._request, person(request), given["current"])
        require_strong(user, given["new"])
        with transaction.atomic():
            set_password(user, given["new"])
            note_password(user, user, lender(request._request))
        logout(request._request)
        end_sessions(user)
        return Response(status=204)
