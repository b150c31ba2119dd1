"""The session: who is signed in, signing in by password, signing out, the language."""

from django.conf import settings
from django.contrib.auth import logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.begin_session import begin_session, lender
from builder.accounts.models import Membership, User
from builder.accounts.sign_in import sign_in
from builder.api.checked import checked
from builder.api.shapes.session import LanguageSerializer, SessionSerializer, SignInSerializer
from builder.common.authentication import Session
from builder.common.language import language_of
from builder.common.version import VERSION
from runtime.values import Json

YEAR = 365 * 24 * 3600


class SessionView(APIView):
    """Open to everybody: this is where people become somebody."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="read_session", responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        """Who is signed in. Also sets the CSRF cookie, which every change needs."""
        get_token(request._request)
        return Response(describe_session(request))

    @extend_schema(operation_id="sign_in", request=SignInSerializer, responses={200: SessionSerializer})
    def post(self, request: Request) -> Response:
        """Sign in by name and password."""
        # DRF asks for the token only of those who are signed in already; a foreign page must not sign anybody in.
        Session().enforce_csrf(request)
        given = checked(SignInSerializer, request)
        user = sign_in(request._request, given["username"], given["password"])
        begin_session(request._request, user)
        request.user = user
        return Response(describe_session(request))

    @extend_schema(operation_id="sign_out", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out."""
        Session().enforce_csrf(request)
        logout(request._request)
        return Response(status=204)

    @extend_schema(
        operation_id="choose_language", request=LanguageSerializer, responses={200: SessionSerializer}
    )
    def patch(self, request: Request) -> Response:
        """Choose the language, for this person or, when nobody is signed in, for this browser."""
        Session().enforce_csrf(request)
        language = checked(LanguageSerializer, request)["language"]
        if isinstance(request.user, User):
            request.user.language = language
            request.user.save(update_fields=["language"])
        response = Response(describe_session(request) | {"language": language})
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
        return response


def describe_session(request: Request) -> dict[str, Json]:
    user = request.user if isinstance(request.user, User) else None
    memberships = (
        Membership.objects.filter(user=user).select_related("workspace").order_by("workspace__created")
    )
    return {
        "user": _describe_user(request, user) if user else None,
        "workspaces": [
            {"id": str(item.workspace_id), "name": item.workspace.name, "role": item.role}
            for item in (memberships if user else ())
        ],
        "language": user.language if user else language_of(request._request),
        "version": VERSION,
    }


def _describe_user(request: Request, user: User) -> dict[str, Json]:
    lent_by = lender(request._request)
    maker = User.objects.filter(pk=lent_by).first() if lent_by else None
    return {
        "id": str(user.pk),
        "name": user.display_name,
        "username": user.username,
        "email": user.email,
        "is_admin": user.is_superuser,
        "has_password": user.has_usable_password(),
        "lent": maker.display_name if maker else None,
    }
