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
from builder.console.policy.own_session import require_own_session
from builder.console.policy.place import choices, link, name_of, owner_of
from builder.console.policy.shown import Shown, base_in, in_force_in, seen_in, shown
from builder.console.policy.words import chain_lines, rule_lines, settings_lines, sources_of
from builder.console.read_only import in_words
from builder.console.vocabulary import MEDIA, SINKS, say
from builder.safety.change_policy import faults_of
from builder.safety.edit_draft import Edit, discard_draft, edit_draft, with_rule, without_rule
from builder.safety.models import Proposal
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.publish_draft import publish_draft, try_draft
from runtime.safety.combine import weaker
from runtime.safety.policy import Rule
from runtime.values import Json

if TYPE_CHECKING:
    from builder.console.site import Console

Page = Callable[[HttpRequest], HttpResponse]


def editor_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        owner = owner_of(request)
        return _act(site, request, owner) if request.method == "POST" else _editor(site, request, owner)

    return show


def rule_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        owner, name = owner_of(request), request.GET.get("rule", "")
        now = shown(owner)
        rule = next((rule for rule in now.policy.rules if rule.id == name), None)
        sent = request.method == "POST"
        if name and rule is None and not sent:
            raise Http404
        form, uses = _rule_forms(request, rule)
        refused = None
        # Both are asked, so that all mistakes are told at once.
        if sent and form.is_valid() & uses.is_valid():
            made = form.rule(chain_of(uses))
            refused = told(request, lambda: _edit(request, owner, lambda p: with_rule(p, made, name)))
            if refused is None:
                return HttpResponseRedirect(link("policy", owner))
        context = site.each_context(request) | {
            "title": in_words(rule.title.to_json()) if rule else _("New rule"),
            "form": form,
            "uses": uses,
            "shown": now,
            "other": _other(name, rule) if _moved(refused) else [],
            "back": link("policy", owner),
        }
        status = refused.status if refused else 200
        return TemplateResponse(request, "console/policy/rule.html", context, status=status)

    return show


def _other(name: str, rule: Rule | None) -> list[str]:
    """The rule as the draft has it, for whoever was refused: what they typed is still in the form."""
    if rule is not None:
        return rule_lines(rule)
    return [_("It is not in the draft any more.")] if name else []


def _rule_forms(request: HttpRequest, rule: Rule | None) -> tuple[RuleForm, "BaseFormSet[UseForm]"]:
    sent = request.POST if request.method == "POST" else None
    uses = [UseForm.initial_of(use) for use in rule.chain] if rule else []
    if sent is not None:
        # A filter that somebody else has added since must not make one that was typed here look untouched.
        begun = sent.get("use-INITIAL_FORMS", "")
        uses = uses[: int(begun)] if begun.isascii() and begun.isdigit() else []
    return (
        RuleForm(sent, initial=RuleForm.initial_of(rule) if rule else {}),
        UseForms(sent, initial=uses, prefix="use"),
    )


def _editor(
    site: "Console",
    request: HttpRequest,
    owner: Owner,
    settings: SettingsForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    """The page; after a refusal with what was typed in it, beside the draft as it is now."""
    now = shown(owner)
    context = _context(site, request, owner, now) | {
        "settings_form": settings or SettingsForm(initial=SettingsForm.initial_of(now.policy)),
        "other": settings_lines(now.policy) if settings and _moved(refused) else [],
        "reason_form": ReasonForm(initial={"reason": request.POST.get("reason", "")}),
    }
    status = refused.status if refused else 200
    return TemplateResponse(request, "console/policy/editor.html", context, status=status)


def _context(site: "Console", request: HttpRequest, owner: Owner, now: Shown) -> dict[str, Json]:
    lowers = weaker(now.before, now.policy) if owner == INSTALLATION else []
    shared: dict[str, Json] = site.each_context(request)
    return shared | {
        "title": _("Policy of %(owner)s") % {"owner": name_of(owner)},
        "owners": choices(owner),
        "rules": [_row(owner, rule) for rule in now.policy.rules],
        "shown": now,
        "faults": [in_words(fault.message.to_json()) for fault in faults_of(owner, now.policy)],
        "lowers": lowers,
        "alone": len(administrators()) < 2,
        "proposal": Proposal.objects.filter(outcome="open").first() if lowers else None,
        "links": {
            "rule": link("policy_rule", owner),
            "preview": link("policy_preview", owner),
            "diff": link("policy_diff", owner, old=now.in_force or None),
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


def _act(site: "Console", request: HttpRequest, owner: Owner) -> HttpResponse:
    """One of the editor's buttons, about the draft that its page showed. Of what is refused nothing typed is lost."""
    name = request.POST.get("act", "")
    settings = SettingsForm(request.POST) if name == "settings" else None
    if settings is not None and not settings.is_valid():
        return _editor(site, request, owner, settings)
    acts: dict[str, Callable[[], object]] = {
        "settings": lambda: _settings(request, owner, settings),
        "remove": lambda: _edit(request, owner, lambda p: without_rule(p, request.POST.get("rule", ""))),
        "compared": lambda: _compared(request, owner),
        "discard": lambda: discard_draft(owner, seen_in(request)),
        "force": lambda: _publish(request, owner, lowering=False),
        "propose": lambda: _publish(request, owner, lowering=True),
        "shadow": lambda: _shadow(request, owner),
    }
    if name not in acts:
        raise Http404
    refused = told(request, acts[name])
    if refused is not None:
        return _editor(site, request, owner, settings, refused)
    return HttpResponseRedirect(link("policy", owner))


def _edit(request: HttpRequest, owner: Owner, edit: Edit, base: int | None = None) -> None:
    """Change the draft that the page showed, or begin one from the version that it showed."""
    compared = base_in(request) if base is None else base
    edit_draft(owner, _person(request), edit, seen_in(request), compared)


def _settings(request: HttpRequest, owner: Owner, form: SettingsForm | None) -> None:
    assert form is not None
    data = form.cleaned_data
    _edit(
        request,
        owner,
        lambda policy: replace(policy, previews=data["previews"], labelling=data["labelling"]),
    )


def _compared(request: HttpRequest, owner: Owner) -> None:
    """Somebody has looked at the draft beside the version that came into force after it was begun."""
    _edit(request, owner, lambda policy: policy, in_force_in(request))


def _publish(request: HttpRequest, owner: Owner, lowering: bool) -> None:
    """Two acts, each with a button of its own: a press of the one is refused where it would be the other."""
    reason = request.POST.get("reason", "")
    if lowering:
        require_own_session(request)
    made = publish_draft(owner, _person(request), reason, seen_in(request), base_in(request), lowering)
    if isinstance(made, Proposal):
        messages.warning(
            request, _("This lowers the floor: it waits for a second administrator, and changes nothing yet.")
        )
    else:
        messages.success(request, _("Version %(number)s is in force.") % {"number": made.version})


def _shadow(request: HttpRequest, owner: Owner) -> None:
    try_draft(owner, _person(request), request.POST.get("reason", ""), seen_in(request))
    messages.success(request, _("The draft looks on at every run from now on. It withholds nothing."))


def told(request: HttpRequest, work: Callable[[], object]) -> Refused | None:
    """Do it. A refusal becomes a message, and is the answer."""
    try:
        work()
    except Refused as refused:
        hint = in_words(refused.hint.to_json()) if refused.hint else ""
        messages.error(request, f"{in_words(refused.message.to_json())} {hint}")
        return refused
    return None


def _moved(refused: Refused | None) -> bool:
    return refused is not None and refused.code in ("draft_moved", "policy_moved")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the console lets nobody else in
    return request.user
