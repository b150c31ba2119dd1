"""The policy editor: a draft's rules as a table, a form for each, and the ways in which a draft comes into force."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from builder.accounts.administrators import administrators
from builder.accounts.models import User
from builder.common.errors import Refused
from builder.console.policy.forms import ReasonForm, RuleForm, SettingsForm, UseForm, UseForms, chain_of
from builder.console.policy.place import choices, link, name_of, owner_of
from builder.console.policy.words import chain_lines, sources_of
from builder.console.read_only import in_words
from builder.console.vocabulary import MEDIA, SINKS, say
from builder.safety.change_policy import change_policy, faults_of
from builder.safety.edit_draft import (
    discard_draft,
    draft_of,
    edit_draft,
    starting_point,
    with_rule,
    without_rule,
)
from builder.safety.models import Proposal
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.try_policy import start_shadow
from runtime.safety.combine import weaker
from runtime.safety.policy import Policy, Rule
from runtime.values import Json

if TYPE_CHECKING:
    from builder.console.site import Console

Page = Callable[[HttpRequest], HttpResponse]


def editor_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        owner = owner_of(request)
        if request.method == "POST":
            return _act(request, owner)
        form = SettingsForm(initial=SettingsForm.initial_of(drafted(owner)))
        return TemplateResponse(request, "console/policy/editor.html", _context(site, request, owner, form))

    return show


def rule_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        owner, name = owner_of(request), request.GET.get("rule", "")
        rule = next((rule for rule in drafted(owner).rules if rule.id == name), None)
        if name and rule is None:
            raise Http404
        form, uses = _rule_forms(request, rule)
        # Both are asked, so that all mistakes are told at once.
        if request.method == "POST" and form.is_valid() & uses.is_valid():
            made = form.rule(chain_of(uses))
            if _told(
                request, lambda: edit_draft(owner, _person(request), lambda p: with_rule(p, made, name))
            ):
                return HttpResponseRedirect(link("policy", owner))
        context = site.each_context(request) | {
            "title": in_words(rule.title.to_json()) if rule else _("New rule"),
            "form": form,
            "uses": uses,
            "back": link("policy", owner),
        }
        return TemplateResponse(request, "console/policy/rule.html", context)

    return show


def drafted(owner: Owner) -> Policy:
    """The draft, or what it would begin as."""
    draft = draft_of(owner)
    return draft.policy if draft else starting_point(owner)[1]


def _rule_forms(request: HttpRequest, rule: Rule | None) -> tuple[RuleForm, "BaseFormSet[UseForm]"]:
    sent = request.POST if request.method == "POST" else None
    uses = [UseForm.initial_of(use) for use in rule.chain] if rule else []
    return (
        RuleForm(sent, initial=RuleForm.initial_of(rule) if rule else {}),
        UseForms(sent, initial=uses, prefix="use"),
    )


def _context(site: "Console", request: HttpRequest, owner: Owner, form: SettingsForm) -> dict[str, Json]:
    policy, draft = drafted(owner), draft_of(owner)
    base, before = starting_point(owner)
    lowers = weaker(before, policy) if owner == INSTALLATION else []
    shared: dict[str, Json] = site.each_context(request)
    return shared | {
        "title": _("Policy of %(owner)s") % {"owner": name_of(owner)},
        "owners": choices(owner),
        "rules": [_row(owner, rule) for rule in policy.rules],
        "draft": draft,
        "faults": [in_words(fault.message.to_json()) for fault in faults_of(owner, policy)],
        "lowers": lowers,
        "alone": len(administrators()) < 2,
        "proposal": Proposal.objects.filter(outcome="open").first() if lowers else None,
        "settings_form": form,
        "reason_form": ReasonForm(),
        "base": base,
        "links": {
            "rule": link("policy_rule", owner),
            "preview": link("policy_preview", owner),
            "diff": link("policy_diff", owner, old=base or None),
        },
    }


def _row(owner: Owner, rule: Rule) -> dict[str, Json]:
    return {
        "id": rule.id,
        "title": in_words(rule.title.to_json()),
        "sink": say(SINKS, rule.sink),
        "media": say(MEDIA, rule.media),
        "sources": sources_of(rule),
        "chain": chain_lines(rule),
        "link": link("policy_rule", owner, rule=rule.id),
    }


def _act(request: HttpRequest, owner: Owner) -> HttpResponse:
    """One of the editor's buttons."""
    acts = {"settings": _settings, "remove": _remove, "discard": _discard, "force": _force, "shadow": _shadow}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    _told(request, lambda: act(request, owner))
    return HttpResponseRedirect(link("policy", owner))


def _settings(request: HttpRequest, owner: Owner) -> None:
    form = SettingsForm(request.POST)
    if not form.is_valid():
        for told in (text for texts in form.errors.values() for text in texts):
            messages.error(request, str(told))
        return
    data = form.cleaned_data
    edit_draft(
        owner,
        _person(request),
        lambda policy: replace(policy, previews=data["previews"], labelling=data["labelling"]),
    )


def _remove(request: HttpRequest, owner: Owner) -> None:
    edit_draft(owner, _person(request), lambda policy: without_rule(policy, request.POST.get("rule", "")))


def _discard(request: HttpRequest, owner: Owner) -> None:
    discard_draft(owner)


def _force(request: HttpRequest, owner: Owner) -> None:
    made = change_policy(owner, drafted(owner), _person(request), request.POST.get("reason", ""))
    discard_draft(owner)
    if isinstance(made, Proposal):
        messages.warning(
            request, _("This lowers the floor: it waits for a second administrator, and changes nothing yet.")
        )
    else:
        messages.success(request, _("Version %(number)s is in force.") % {"number": made.version})


def _shadow(request: HttpRequest, owner: Owner) -> None:
    start_shadow(drafted(owner), _person(request), request.POST.get("reason", ""), owner)
    messages.success(request, _("The draft looks on at every run from now on. It withholds nothing."))


def _told(request: HttpRequest, work: Callable[[], object]) -> bool:
    """Do it; a refusal becomes a message. Whether it was done."""
    try:
        work()
    except Refused as refused:
        hint = in_words(refused.hint.to_json()) if refused.hint else ""
        messages.error(request, f"{in_words(refused.message.to_json())} {hint}")
        return False
    return True


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the console lets nobody else in
    return request.user
