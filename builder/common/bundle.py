"""Serves the page that carries the browser bundle."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from builder.bootstrap import places

MISSING = "The browser bundle is not built. Run `python3 manage.py setup`.\n"


@require_safe
@ensure_csrf_cookie
def index(request: HttpRequest) -> HttpResponse:
    """The one page of the app, with the CSRF cookie that its requests need."""
    try:
        page = (places.BUNDLE / "index.html").read_bytes()
    except FileNotFoundError:
        return HttpResponse(MISSING, status=503, content_type="text/plain")
    # The page names hashed files: an old copy would name files that a new build no longer has.
    return HttpResponse(page, headers={"Cache-Control": "no-cache"})
