"""One-time sign-in links: issued for a person, good for a day, good once."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import SignInLink, User

LIFETIME = timedelta(hours=24)


@transaction.atomic
def issue_link(user: User | None = None, by: UUID | None = None) -> str:
    """The path of a new link for `user`, by default for the administrator, who is created on the first start.

    `by` is the person who has it made; None on the machine itself.
    """
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        token_hash=_hash(token),
        user=user or ensure_administrator(),
        by_id=by,
        expires=timezone.now() + LIFETIME,
    )
    return f"/sign-in/{token}"


def peek(token: str) -> bool:
    """Whether the link would still sign somebody in; it stays as it is."""
    return _valid(token).exists()


@transaction.atomic
def redeem(token: str) -> SignInLink | None:
    """The link, used up: its person is signed in exactly once. None when it is unknown, used or expired."""
    # A conditional UPDATE: of two who click at once, one wins.
    if _valid(token).update(used=timezone.now()) != 1:
        return None
    return SignInLink.objects.select_related("user").get(token_hash=_hash(token))


def end_links(user: User) -> None:
    """The links that would still sign this person in do so no more. Call it where a new way in takes their place."""
    SignInLink.objects.filter(user=user, used=None).delete()


def _valid(token: str) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(
        token_hash=_hash(token), used=None, expires__gt=timezone.now(), user__is_active=True
    )


def _hash(token: str) -> str:
    # The token has 256 random bits: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
