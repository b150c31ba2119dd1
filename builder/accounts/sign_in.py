"""Signs in by name and password, with a limit on guesses."""

import hashlib
from datetime import timedelta

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from builder.accounts.models import SignInAttempt, User
from builder.common.errors import Refused
from runtime.words import Words

WINDOW = timedelta(hours=1)
MAX_ATTEMPTS = 20


def sign_in(request: HttpRequest, username: str, password: str) -> User:
    """The person with this name and password.

    Counts failures by name and by network address, 20 an hour each, before it looks at the password: guessing
    one account from many places and many accounts from one place end alike. Raises Refused 400 or 429.
    """
    by_name, by_address = _key("name", username.casefold()), _key("address", _address(request))
    attempts = [SignInAttempt.objects.create(key=key) for key in (by_name, by_address)]
    # Written first and counted after: parallel guesses see each other.
    if any(_recent(key) > MAX_ATTEMPTS for key in (by_name, by_address)):
        _forget(attempts)
        raise _too_many()
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise _wrong()
    _forget(attempts)
    SignInAttempt.objects.filter(key=by_name).delete()
    return user


def _recent(key: str) -> int:
    start = timezone.now() - WINDOW
    SignInAttempt.objects.filter(at__lt=start).delete()
    return SignInAttempt.objects.filter(key=key, at__gte=start).count()


def _forget(attempts: list[SignInAttempt]) -> None:
    SignInAttempt.objects.filter(pk__in=[item.pk for item in attempts]).delete()


def _key(kind: str, value: str) -> str:
    # Hashed: a person who types a password into the name field must not leave it in the database.
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _wrong() -> Refused:
    return Refused(
        "wrong_credentials",
        Words("The name or the password is not right.", "用户名或密码不正确。"),
        Words("An administrator can send you a one-time link.", "管理员可以为您发送一次性登录链接。"),
    )


def _too_many() -> Refused:
    return Refused(
        "too_many_attempts",
        Words("Too many attempts to sign in.", "登录尝试次数过多。"),
        Words("Wait an hour, or use a one-time link.", "请一小时后再试，或使用一次性登录链接。"),
        status=429,
        wait=int(WINDOW.total_seconds()),
    )
