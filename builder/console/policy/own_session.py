"""require_own_session: nobody proposes or approves a lower floor in a session that somebody else has lent them."""

from django.http import HttpRequest

from builder.accounts.begin_session import lender
from builder.common.errors import Refused
from runtime.words import Words


def require_own_session(request: HttpRequest) -> None:
    """Raises Refused: who made the link could be sitting here, as the one and as the other of the two that it takes."""
    if lender(request) is None:
        return
    raise Refused(
        "lent_session",
        Words(
            "You have signed in by a link that somebody else made: nobody lowers the floor that way.",
            "您是通过他人生成的链接登录的，不能以此方式放宽下限。",
        ),
        Words(
            "Sign in with a password of your own. One that is set now counts in a day.",
            "请使用自己的密码登录；现在设置的密码将在一天后生效。",
        ),
        status=403,
    )
