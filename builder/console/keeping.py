"""Keeping, as the console shows it: retention, legal holds, deletions, and who read what."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.console.read_only import ReadOnly, in_words
from builder.keeping.holds import lift_hold, place_hold
from builder.keeping.models import Erasure, Hold, Kept, Read, RetentionRule, Subject, Way
from builder.keeping.retention import set_retention
from builder.runs.models import Run

KINDS: dict[str, type[Model]] = {
    Subject.WORKSPACE.value: Workspace,
    Subject.RUN.value: Run,
    Subject.PERSON.value: User,
}


LIFT = "_lift"  # the name of the button that lifts a hold: admin/keeping/hold/submit_line.html


class RetentionForm(ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A rule; what it may not ask for is said beside it."""

    class Meta:
        model = RetentionRule
        fields = ["workspace", "kind", "days"]


class RetentionAdmin(ModelAdmin):
    """How many days each kind is kept. Without a workspace: the most that any may ask for."""

    form = RetentionForm
    list_display = ["place", "kind", "days"]
    list_filter = ["kind"]
    autocomplete_fields = ["workspace"]

    @admin.display(description=gettext_lazy("workspace"))
    def place(self, rule: RetentionRule) -> str:
        return str(rule.workspace) if rule.workspace else _("all: the most")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None  # one is taken away and another put there: each of it stands in the audit log

    def save_model(self, request: HttpRequest, obj: RetentionRule, form: Any, change: bool) -> None:
        try:
            set_retention(obj.workspace, {Kept(obj.kind): obj.days}, _user(request))
        except Refused as refused:
            messages.error(request, said(refused))
            return
        found = RetentionRule.objects.get(workspace=obj.workspace, kind=obj.kind)
        obj.pk = found.pk

    def delete_model(self, request: HttpRequest, obj: RetentionRule) -> None:
        try:
            set_retention(obj.workspace, {Kept(obj.kind): None}, _user(request))
        except Refused as refused:
            messages.error(request, said(refused))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RetentionRule]) -> None:
        for rule in queryset:
            self.delete_model(request, rule)


class HoldForm(ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A new hold names something that there is; one that stands can be lifted, with a reason."""

    class Meta:
        model = Hold
        fields = ["kind", "subject", "reason", "lift_reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.instance._state.adding:
            kind, subject = given.get("kind"), given.get("subject")
            if kind and subject and not KINDS[kind]._default_manager.filter(pk=subject).exists():
                raise ValidationError(_("There is nothing with this id."))
            if subject and Hold.objects.filter(kind=kind, subject=subject, lifted=None).exists():
                raise ValidationError(_("There is a legal hold on it already."))
        elif LIFT not in self.data:
            raise ValidationError(_("Nothing was changed: a hold is lifted by the button that says so."))
        elif not given.get("lift_reason", "").strip():
            raise ValidationError(_("Say why it is lifted."))
        return given


class HoldAdmin(ModelAdmin):
    """Legal holds: what nobody may delete, and why. One that stands can be lifted, by a button that says so, and not changed."""

    form = HoldForm
    list_display = ["kind", "subject", "reason", "by", "placed", "lifted"]
    list_filter = ["kind"]
    search_fields = ["subject", "reason"]

    def get_fields(self, request: HttpRequest, obj: Hold | None = None) -> list[str]:
        if obj is None:
            return ["kind", "subject", "reason"]
        return ["kind_text", "subject", "reason", "by", "placed", "lifted", "lift_reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Hold | None = None) -> list[str]:
        if obj is None:
            return []
        return ["kind_text", "subject", "reason", "by", "placed", "lifted"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not (isinstance(obj, Hold) and obj.lifted)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("what"))
    def kind_text(self, hold: Hold) -> str:
        return str(Subject(hold.kind).label)

    def response_change(self, request: HttpRequest, obj: Hold) -> HttpResponse:
        messages.success(request, _("The hold is lifted. What it kept may be deleted from now on."))
        return HttpResponseRedirect(reverse("admin:keeping_hold_changelist"))

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        if change:
            lift_hold(Hold.objects.get(pk=obj.pk), obj.lift_reason, _user(request))
            return
        made = place_hold(Subject(obj.kind), obj.subject, obj.reason, _user(request))
        obj.pk = made.pk


class ErasureAdmin(ReadOnly):
    """Deletions and their receipts. What went is named by the SHA-256 of its id."""

    list_display = ["created", "kind", "subject", "counted", "by", "finished"]
    list_filter = ["kind"]
    search_fields = ["subject"]
    list_select_related = ["by"]
    fields = ["kind", "subject", "counted", "by", "created", "finished", "entries"]
    readonly_fields = fields

    @admin.display(description=gettext_lazy("deleted"))
    def counted(self, erasure: Erasure) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(erasure.counts.items())) or "–"


class ReadAdmin(ReadOnly):
    """Who read which file when. Search by the id of a file, a review or a person."""

    list_display = ["at", "person", "way_text", "asset", "review", "run", "workspace"]
    list_filter = ["way"]
    search_fields = ["=asset", "=review", "=run", "=by"]
    show_full_result_count = False  # the log is long
    fields = ["at", "person", "by", "way_text", "asset", "review", "run", "workspace"]
    readonly_fields = fields

    @admin.display(description=gettext_lazy("name"))
    def person(self, row: Read) -> str:
        user = User.objects.filter(pk=row.by).first()
        return user.display_name if user else str(row.by)

    @display(description=gettext_lazy("way"))
    def way_text(self, row: Read) -> str:
        return str(Way(row.way).label)


def said(refused: Refused) -> str:
    """A refusal in the language of the page."""
    return in_words(refused.message.to_json())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the console lets nobody else in
    return request.user
