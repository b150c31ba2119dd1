"""The pages around the editor: what a policy would do, what changed, proposals, the shadow, the audit log."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from builder.accounts.administrators import administrators
from builder.accounts.begin_session import lender
from builder.accounts.models import User
from builder.common.errors import Refused
from builder.console.names import category_title, filter_title, title_in
from builder.console.policy.forms import ReasonForm
from builder.console.policy.own_session import require_own_session
from builder.console.policy.place import link, name_of, named_id, owner_of, owner_of_row
from builder.console.policy.shown import shown
from builder.console.policy.words import differences
from builder.console.read_only import in_words
from builder.console.vocabulary import ACTIONS, say
from builder.safety.acts import ACTS
from builder.safety.decide_proposal import approve_proposal, may_approve, refuse_proposal
from builder.safety.edit_draft import starting_point
from builder.safety.models import AuditEntry, PolicyVersion, Proposal, Shadow
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.record_shadow import counted_findings
from builder.safety.try_policy import end_shadow
from builder.safety.verify_audit import verify_audit
from builder.workflows.preview_policy import AT_ONCE, Effect, Preview, preview_policy
from runtime.safety.policy import Policy
from runtime.values import Json

if TYPE_CHECKING:
    from builder.console.site import Console

Page = Callable[[HttpRequest], HttpResponse]
SHADOWS = 20  # the newest
ENTRIES = 50  # of the audit log on a page


def preview_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        owner = owner_of(request)
        start = _number(request, "start")
        preview = preview_policy(owner, _candidate(request, owner), start)
        more = start + AT_ONCE if start + AT_ONCE < preview.total else None
        proposal = request.GET.get("proposal")
        context = {
            "title": _("What the policy would do: %(owner)s") % {"owner": name_of(owner)},
            "counts": _counts(preview),
            "table": _effects(preview),
            "seen": (start + 1, start + len(preview.effects), preview.total),
            "more": link("policy_preview", owner, start=more, proposal=proposal) if more else "",
            "back": reverse("admin:proposals") if proposal else link("policy", owner),
        }
        return TemplateResponse(request, "console/policy/preview.html", site.each_context(request) | context)

    return show


def diff_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        owner = owner_of(request)
        number = _number(request, "old")
        old = get_object_or_404(PolicyVersion, pk=number).policy if number else starting_point(owner)[1]
        new = _candidate(request, owner)
        context = {
            "title": _("What is different"),
            "parts": differences(old, new),
            "versions": PolicyVersion.objects.values_list("version", flat=True),
            "old": number,
            "new": _number(request, "new"),
            "back": link("policy", owner),
        }
        return TemplateResponse(request, "console/policy/diff.html", site.each_context(request) | context)

    return show


def proposals_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            _decide(request)
            return HttpResponseRedirect(reverse("admin:proposals"))
        person = request.user
        assert isinstance(person, User)
        rows = [
            {
                "row": row,
                "open": row.outcome == "open" and row.expires > timezone.now(),
                "mine": row.proposer_id == person.pk,
                "may_approve": lender(request) is None and may_approve(row, person),
                "preview": link("policy_preview", INSTALLATION, proposal=row.pk),
                "parts": differences(get_object_or_404(PolicyVersion, pk=row.base).policy, row.policy),
            }
            for row in Proposal.objects.select_related("proposer", "decided_by")[:20]
        ]
        context = {
            "title": _("Proposals"),
            "rows": rows,
            "reason_form": ReasonForm(),
            "alone": len(administrators()) < 2,
        }
        return TemplateResponse(
            request, "console/policy/proposals.html", site.each_context(request) | context
        )

    return show


def shadow_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            assert isinstance(request.user, User)
            end_shadow(get_object_or_404(Shadow, pk=named_id(request.POST.get("shadow", ""))), request.user)
            return HttpResponseRedirect(reverse("admin:shadow"))
        context = {
            "title": _("Shadow"),
            "shadows": [
                {"row": row, "owner": owner_of_row(row), "table": _findings(row)}
                for row in Shadow.objects.all()[:SHADOWS]
            ],
        }
        return TemplateResponse(request, "console/policy/shadow.html", site.each_context(request) | context)

    return show


def audit_page(site: "Console") -> Page:
    def show(request: HttpRequest) -> HttpResponse:
        report = verify_audit() if "verify" in request.GET else None
        page = Paginator(AuditEntry.objects.all(), ENTRIES).get_page(request.GET.get("page"))
        context = {
            "title": _("Audit log"),
            "page": page,
            "report": report,
            "fault": in_words(report.fault.to_json()) if report and report.fault else "",
            "table": {
                "headers": [_("number"), _("time"), _("who"), _("what"), _("to"), _("reason"), _("hash")],
                "rows": [_entry(entry) for entry in page],
            },
        }
        return TemplateResponse(request, "console/policy/audit.html", site.each_context(request) | context)

    return show


def _candidate(request: HttpRequest, owner: Owner) -> Policy:
    """The proposal or the version that the address names, else the draft."""
    if proposal := request.GET.get("proposal"):
        return _proposal(proposal).policy
    if number := _number(request, "new"):
        return get_object_or_404(PolicyVersion, pk=number).policy
    return shown(owner).policy


def _proposal(given: str) -> Proposal:
    return get_object_or_404(Proposal, pk=named_id(given))


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _counts(preview: Preview) -> list[tuple[str, int]]:
    return [
        (_("would gain a gate"), preview.count(lambda item: item.gains)),
        (_("would lose a gate"), preview.count(lambda item: item.loses)),
        (_("would have a gate changed"), preview.count(lambda item: item.changes)),
        (_("would have an AI label changed"), preview.count(lambda item: item.labels)),
        (_("would show their pictures otherwise before the gate"), preview.count(lambda item: item.previews)),
        (_("would stop compiling"), preview.count(lambda item: item.stops)),
        (
            _("would have a result withheld that cannot carry an AI label"),
            preview.count(lambda item: item.withholds),
        ),
        (_("would need a model that is not installed"), preview.count(lambda item: item.needs)),
        (_("do not compile as it is, and would"), preview.count(lambda item: item.mends)),
        (_("do not compile as it is"), preview.count(lambda item: item.broken and not item.mends)),
        (_("stay as they are"), preview.count(lambda item: item.stays and not item.broken)),
    ]


def _effects(preview: Preview) -> dict[str, Json]:
    """One row for each workflow that something would happen to."""
    return {
        "headers": [_("workflow"), _("workspace"), _("version"), _("gates"), _("problems")],
        "rows": [
            [effect.name, effect.workspace, effect.version, _gates(effect), _problems(effect)]
            for effect in preview.effects
            if effect.broken or not effect.stays
        ],
    }


def _gates(effect: Effect) -> str:
    told = ((effect.gains, "+"), (effect.loses, "−"), (effect.changes, "≠"))
    gates = [f"{sign}{count}" for count, sign in told if count]
    if effect.labels:
        gates.append(f"{_('labels')} ≠{effect.labels}")
    if effect.previews:
        gates.append(f"{_('previews')} ≠")
    return " ".join(gates) or "–"


def _problems(effect: Effect) -> str:
    if effect.broken:
        return _("do not compile as it is, and would") if effect.mends else _("do not compile as it is")
    issues = [*effect.stops, *effect.withholds, *effect.needs]
    return " ".join(
        f"{in_words(issue.message.to_json())} {in_words(issue.hint.to_json()) if issue.hint else ''}"
        for issue in issues
    )


def _decide(request: HttpRequest) -> None:
    proposal = _proposal(request.POST.get("proposal", ""))
    assert isinstance(request.user, User)
    approves = request.POST.get("act") == "approve"
    decide = approve_proposal if approves else refuse_proposal
    try:
        if approves:
            require_own_session(request)
        decide(proposal, request.user, request.POST.get("reason", ""))
    except Refused as refused:
        hint = in_words(refused.hint.to_json()) if refused.hint else ""
        messages.error(request, f"{in_words(refused.message.to_json())} {hint}")


def _findings(shadow: Shadow) -> dict[str, Json]:
    """What the shadow would have acted on, counted, in how many runs, and when last."""
    policy = shadow.policy
    return {
        "headers": [_("rule"), _("filter"), _("action"), _("category"), _("count"), _("runs"), _("last")],
        "rows": [
            [
                title_in(policy, row["rule"]),
                filter_title(row["filter"]),
                say(ACTIONS, row["action"]),
                category_title(row["filter"], row["category"]),
                row["count"],
                row["runs"],
                date_format(timezone.localtime(row["last"]), "DATETIME_FORMAT"),
            ]
            for row in counted_findings(shadow)
        ],
    }


def _entry(entry: AuditEntry) -> list[Json]:
    said = entry.said
    at = parse_datetime(said["at"])
    return [
        entry.sequence,
        date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else said["at"],
        said["by"]["name"] if said["by"] else "Sluiceway",
        in_words(ACTS[said["act"]].to_json()) if said["act"] in ACTS else said["act"],
        said["subject"],
        said["reason"],
        entry.hash[:12],
    ]
