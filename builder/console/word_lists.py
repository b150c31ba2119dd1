"""The page of word lists: what the installation brought, and a form to add to it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from builder.accounts.models import User
from builder.console.read_only import in_words
from builder.safety.word_lists import add_word_list, remove_word_list, word_lists
from runtime.errors import UserError

if TYPE_CHECKING:
    from builder.console.site import Console

Page = Callable[[HttpRequest], HttpResponse]


class ListForm(forms.Form):
    """A new list. What is in the file is read piece by piece, and judged by who reads it."""

    name = forms.RegexField(
        r"\A[a-z0-9][a-z0-9_-]*\Z",
        label=capfirst(gettext_lazy("name")),
        max_length=40,
        help_text=gettext_lazy("small letters, digits and hyphens"),
        widget=UnfoldAdminTextInputWidget(),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "One entry a line, in UTF-8. A # begins a remark; a ! begins a phrase that is harmless although it "
            "contains an entry."
        ),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".txt,text/plain"}),
    )


def word_lists_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return _changed(request)
        context = site.each_context(request) | {
            "title": _("Word lists"),
            "lists": word_lists(),
            "form": ListForm(),
        }
        return TemplateResponse(request, "console/word_lists.html", context)

    return show


def _changed(request: HttpRequest) -> HttpResponse:
    """Add what was uploaded, or remove what was named; then show the page anew, with a sentence."""
    assert isinstance(request.user, User)
    file = request.FILES.get("file")
    try:
        if "remove" in request.POST:
            remove_word_list(request.POST["remove"], by=request.user)
            messages.success(request, _("The list was removed."))
        elif file is None:
            messages.error(request, _("Choose a file first."))
        else:
            kept = add_word_list(request.POST.get("name", ""), file, by=request.user)
            said = _("The list is there, with %(entries)s entries. Name it in the policy: %(name)s")
            messages.success(request, said % {"entries": kept.entries, "name": kept.filter_id})
    except UserError as error:
        told = [in_words(words.to_json()) for words in (error.message, error.hint) if words]
        messages.error(request, " ".join(told))
    return HttpResponseRedirect(request.path)
