"""The page of providers: which there are and what they lack, a form to add one, and buttons to try and to remove."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from builder.accounts.models import User
from builder.catalog.providers import Known, known_providers, try_provider
from builder.console.change_providers import add_provider, remove_provider
from builder.console.read_only import in_words
from runtime.errors import OperationalError, UserError
from runtime.providers import Provider
from runtime.safety.filters import load_filters
from runtime.values import Json

if TYPE_CHECKING:
    from builder.console.site import Console

Page = Callable[[HttpRequest], HttpResponse]


def providers_page(site: "Console") -> Page:
    @sensitive_post_parameters("key")
    def show(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return _changed(request)
        rows = [_row(known) for known in known_providers()]
        context = site.each_context(request) | {"title": _("Providers"), "providers": rows}
        return TemplateResponse(request, "console/providers.html", context)

    return show


def _row(known: Known) -> dict[str, Json]:
    provider = known.provider
    return {
        "name": provider.name,
        "base_url": provider.base_url,
        "models": ", ".join(provider.models),
        "usable": known.usable,
        "keyed": provider.keyed,
        "workflows": provider.workflows,
        "networks": ", ".join(provider.networks),
        "filters": [name for name, item in load_filters().items() if item.spec.provider == provider.name],
    }


def _changed(request: HttpRequest) -> HttpResponse:
    """One of the page's buttons; then the page anew, with a sentence."""
    assert isinstance(request.user, User)
    try:
        if "remove" in request.POST:
            remove_provider(request.POST["remove"], by=request.user)
            messages.success(
                request, _("The provider and its key are gone. What asks it lets nothing pass from now on.")
            )
        elif "try" in request.POST:
            seconds = try_provider(request.POST["try"])
            messages.success(request, _("It answers, after %(seconds)s s.") % {"seconds": f"{seconds:.1f}"})
        else:
            add_provider(_told(request), request.POST.get("key", "").strip(), by=request.user)
            messages.success(
                request, _("The provider is there. Each of its models is a filter now: a judge.")
            )
    except (UserError, OperationalError) as error:
        told = [in_words(words.to_json()) for words in (error.message, error.hint) if words]
        messages.error(request, " ".join(told))
    return HttpResponseRedirect(request.path)


def _told(request: HttpRequest) -> Provider:
    """What the form says; whether that is a provider is asked where it is stored."""
    post = request.POST
    return Provider(
        post.get("name", "").strip(),
        post.get("base_url", "").strip(),
        tuple(post.get("models", "").split()),
        "api-key" if post.get("header") == "api-key" else "bearer",
        "max_completion_tokens" if post.get("limit") == "max_completion_tokens" else "max_tokens",
        tuple(post.get("networks", "").split()),
        "keyless" not in post,
        "workflows" in post,
    )
