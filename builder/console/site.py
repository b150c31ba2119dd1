"""The console's site: what is registered in it, who gets in, and what its sidebar shows."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from builder.accounts.models import Membership, User, Workspace
from builder.console.catalogue import filters_page, models_page
from builder.console.documents import TemplateAdmin, VersionAdmin, WorkflowAdmin
from builder.console.keeping import ErasureAdmin, HoldAdmin, ReadAdmin, RetentionAdmin
from builder.console.people import MembershipAdmin, UserAdmin, WorkspaceAdmin
from builder.console.policy.editor import editor_page, rule_page
from builder.console.policy.pages import (
    audit_page,
    diff_page,
    preview_page,
    proposals_page,
    shadow_page,
)
from builder.console.providers import providers_page
from builder.console.reviews import ReviewAdmin, agreement_page
from builder.console.runs import RunAdmin, WorkerAdmin
from builder.console.safety import PolicyAdmin
from builder.console.word_lists import word_lists_page
from builder.gallery.models import Template
from builder.keeping.models import Erasure, Hold, Read, RetentionRule
from builder.runs.models import Review, Run, Worker
from builder.safety.models import PolicyVersion
from builder.workflows.models import Workflow, WorkflowVersion


class Console(UnfoldAdminSite):
    """For administrators only. People sign in on the app's own page, where guesses are counted."""

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied  # signing in again as the same person would not help
        return HttpResponseRedirect("/sign-in?" + urlencode({"next": request.GET.get("next", "/console/")}))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        # There guesses are counted, too, and every session and link ends.
        return HttpResponseRedirect("/settings")

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("models/", self.admin_view(models_page(self)), name="models"),
            path("filters/", self.admin_view(filters_page(self)), name="filters"),
            path("providers/", self.admin_view(providers_page(self)), name="providers"),
            path("word-lists/", self.admin_view(word_lists_page(self)), name="word_lists"),
            path("policy/", self.admin_view(editor_page(self)), name="policy"),
            path("policy/rule/", self.admin_view(rule_page(self)), name="policy_rule"),
            path("policy/preview/", self.admin_view(preview_page(self)), name="policy_preview"),
            path("policy/diff/", self.admin_view(diff_page(self)), name="policy_diff"),
            path("proposals/", self.admin_view(proposals_page(self)), name="proposals"),
            path("shadow/", self.admin_view(shadow_page(self)), name="shadow"),
            path("audit/", self.admin_view(audit_page(self)), name="audit"),
            path("agreement/", self.admin_view(agreement_page(self)), name="agreement"),
        ]


def make_console() -> Console:
    """The site with everything that it shows."""
    site = Console()
    site.register(User, UserAdmin)
    site.register(Workspace, WorkspaceAdmin)
    site.register(Membership, MembershipAdmin)
    site.register(Workflow, WorkflowAdmin)
    site.register(WorkflowVersion, VersionAdmin)
    site.register(Template, TemplateAdmin)
    site.register(Run, RunAdmin)
    site.register(Worker, WorkerAdmin)
    site.register(Review, ReviewAdmin)
    site.register(PolicyVersion, PolicyAdmin)
    site.register(RetentionRule, RetentionAdmin)
    site.register(Hold, HoldAdmin)
    site.register(Erasure, ErasureAdmin)
    site.register(Read, ReadAdmin)
    return site


def sidebar(request: HttpRequest) -> list[dict[str, object]]:
    """What stands at the side, by purpose. Named in the settings."""
    return [
        _group(
            _("Running"),
            _entry(_("Runs"), "play_circle", "runs_run_changelist"),
            _entry(_("Workers"), "memory", "runs_worker_changelist"),
            _entry(_("Reviews"), "gavel", "runs_review_changelist"),
            _entry(_("Agreement of reviewers"), "handshake", "agreement"),
        ),
        _group(
            _("Documents"),
            _entry(_("Workflows"), "account_tree", "workflows_workflow_changelist"),
            _entry(_("Versions"), "history", "workflows_workflowversion_changelist"),
            _entry(_("Templates"), "dashboard", "gallery_template_changelist"),
        ),
        _group(
            _("Safety and models"),
            _entry(_("Policy editor"), "edit_note", "policy"),
            _entry(_("Policies"), "policy", "safety_policyversion_changelist"),
            _entry(_("Proposals"), "how_to_vote", "proposals"),
            _entry(_("Shadow"), "contrast", "shadow"),
            _entry(_("Audit log"), "link", "audit"),
            _entry(_("Filters"), "filter_alt", "filters"),
            _entry(_("Word lists"), "list_alt", "word_lists"),
            _entry(_("Models"), "deployed_code", "models"),
            _entry(_("Providers"), "cloud", "providers"),
        ),
        _group(
            _("Keeping"),
            _entry(_("Retention"), "hourglass_bottom", "keeping_retentionrule_changelist"),
            _entry(_("Legal holds"), "lock", "keeping_hold_changelist"),
            _entry(_("Deletions"), "receipt_long", "keeping_erasure_changelist"),
            _entry(_("Data-use log"), "visibility", "keeping_read_changelist"),
        ),
        _group(
            _("People"),
            _entry(_("Users"), "person", "accounts_user_changelist"),
            _entry(_("Workspaces"), "group_work", "accounts_workspace_changelist"),
            _entry(_("Memberships"), "badge", "accounts_membership_changelist"),
        ),
    ]


def _group(title: str, *entries: dict[str, str]) -> dict[str, object]:
    return {"title": title, "separator": True, "items": list(entries)}


def _entry(title: str, icon: str, view: str) -> dict[str, str]:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{view}")}
