"""The page behind a one-time sign-in link."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from builder.accounts.begin_session import begin_session
from builder.accounts.sign_in_links import peek, redeem
from builder.common.language import language_of

USED = "/sign-in?used=1"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in when a person follows the link.

    Mail scanners and chat previews fetch links too, and must not use them up. A browser says that somebody
    navigates here (Sec-Fetch-Mode, which pages and scripts cannot forge): that signs in at once. Every other
    GET gets a page with one button, which posts.
    """
    if not peek(token):
        return HttpResponseRedirect(USED)
    if request.method != "POST" and not _is_navigation(request):
        chinese = language_of(request) == "zh-hans"
        return render(request, "accounts/sign_in.html", {"chinese": chinese})
    link = redeem(token)
    if link is None:
        return HttpResponseRedirect(USED)
    begin_session(request, link.user, link.by_id)
    return HttpResponseRedirect("/")


def _is_navigation(request: HttpRequest) -> bool:
    headers = request.headers
    prefetch = "prefetch" in (headers.get("Sec-Purpose", "") + headers.get("Purpose", ""))
    document = headers.get("Sec-Fetch-Dest") == "document"
    return (
        request.method == "GET" and headers.get("Sec-Fetch-Mode") == "navigate" and document and not prefetch
    )
