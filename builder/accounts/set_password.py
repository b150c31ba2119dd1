"""set_password: a person gives themselves a password, or another one."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import override

from builder.accounts.models import User
from builder.accounts.sign_in import sign_in
from builder.accounts.sign_in_links import end_links
from builder.common.errors import Refused
from runtime.graph.model import Issue
from runtime.words import Words


def require_current(request: HttpRequest, user: User, current: str) -> User:
    """The person, when this is their password, or they have none yet. Raises Refused 400 `wrong_credentials`, or 429.

    Call it outside of a transaction: a guess that is refused stays counted, with those of signing in.
    """
    if not user.has_usable_password():
        return user
    try:
        return sign_in(request, user.username, current)
    except Refused as refused:
        wrong = Words("This is not your current password.", "当前密码不正确。")
        message = wrong if refused.code == "wrong_credentials" else refused.message
        hint = Words(
            "If you do not know it, an administrator can set another one for you.",
            "如果忘记了密码，管理员可以为您重新设置。",
        )
        raise Refused(refused.code, message, hint, status=refused.status, wait=refused.wait) from None


def require_strong(user: User, new: str) -> None:
    """Raises Refused `weak_password` with a sentence for each thing that is wrong with it."""
    found = _weaknesses(user, new, "en")
    if not found:
        return
    issues = (
        Issue("weak_password", Words(en, zh), param="new")
        for en, zh in zip(found, _weaknesses(user, new, "zh-hans"), strict=True)
    )
    raise Refused(
        "weak_password",
        Words("This password is too easy to guess.", "这个密码太容易被猜到。"),
        Words(
            "Take several words that do not belong together and have nothing to do with your name.",
            "请使用几个互不相关、也与您的姓名无关的词语。",
        ),
        issues=tuple(issues),
    )


@transaction.atomic
def set_password(user: User, new: str) -> None:
    """From now on this is their password: no session of before goes on, and no link signs them in any more.

    Raises Refused 409 when it is another already than when `user` was read: of two at once one wins.
    """
    mine = User.objects.filter(pk=user.pk, password=user.password)
    if mine.update(password=make_password(new)) != 1:
        raise Refused(
            "password_changed",
            Words("Your password was set elsewhere meanwhile.", "您的密码刚刚在别处被修改。"),
            Words("Sign in with that one.", "请使用该密码登录。"),
            status=409,
        )
    end_links(user)


def _weaknesses(user: User, new: str, language: str) -> list[str]:
    with override(language):
        try:
            validate_password(new, user)
        except ValidationError as error:
            return [str(message) for message in error.messages]
    return []
