"""Users, workspaces and memberships."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from builder.accounts.begin_session import lender
from builder.accounts.create_workspace import create_workspace
from builder.accounts.end_sessions import end_sessions
from builder.accounts.models import Membership, User, Workspace
from builder.accounts.sign_in_links import end_links, issue_link
from builder.common.errors import Refused
from builder.console.read_only import in_words
from builder.leaving.erase import go_on
from builder.leaving.erase_person import erase_person
from builder.safety.note_rights import note_link, note_membership, note_password, note_person


def _acting(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class NotesPlaces:
    """For pages that have memberships on them: each change of one is a line in the audit log."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        kept = {row.pk: row for row in Membership.objects.filter(pk__in=_keys(formset))}
        super().save_formset(request, form, formset, change)  # type: ignore[misc]  # a mixin of admin pages
        for made in formset.new_objects:
            note_membership(_acting(request), None, made)
        for changed, _fields in formset.changed_objects:
            note_membership(_acting(request), kept[changed.pk], changed)
        for gone in formset.deleted_objects:
            note_membership(_acting(request), kept.get(gone.pk, gone), None)


def _keys(formset: Any) -> list[Any]:
    return [form.instance.pk for form in formset.forms]


class MembershipInline(TabularInline):
    """Who belongs where."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


class UserAdmin(NotesPlaces, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """People. A new one gets a workspace of their own, and signs in by a one-time link or a password."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "full_name", "email", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_superuser", "is_active"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]
    actions = ["make_links"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("Person"), {"fields": ["first_name", "last_name", "email", "language"]}),
        (gettext_lazy("Rights"), {"fields": ["is_active", "is_superuser"]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # One person at a time: each is asked for whether they may go.
        return {
            name: item for name, item in super().get_actions(request).items() if name != "delete_selected"
        }

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Everything of theirs goes, with a receipt; the account becomes a pseudonym. A refusal says why."""
        assert isinstance(request.user, User)
        try:
            erasure = erase_person(obj, request.user)
        except Refused as refused:
            messages.error(request, in_words(refused.message.to_json()))
            return
        try:
            go_on(erasure)
        except Refused as refused:  # begun, and not over: the sweep comes back to it
            messages.warning(request, in_words(refused.message.to_json()))
        text = _("%(name)s is being deleted; the receipt is %(receipt)s.")
        messages.success(request, text % {"name": str(obj.pk), "receipt": erasure.pk})

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:accounts_user_changelist"))

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[TabularInline]]:
        # A new person gets a workspace first, and memberships after.
        return [MembershipInline] if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        # One right, not two: administrators are those who may use this console.
        obj.is_staff = obj.is_superuser
        before = User.objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        note_person(_acting(request), before, obj)
        if not change:
            create_workspace(obj.display_name, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if id == str(_acting(request).pk):
            return HttpResponseRedirect("/settings")  # there the current one is asked for
        people = User.objects.filter(pk=id)
        with transaction.atomic():
            before = people.values_list("password", flat=True).first()
            response: HttpResponse = super().user_change_password(request, id, form_url)
            of = people.exclude(password=before).first()
            if of is not None:
                end_links(of)
                note_password(_acting(request), of, lender(request))
        if of is not None:
            end_sessions(of)
        return response

    @admin.action(description=gettext_lazy("Make one-time sign-in links"))
    def make_links(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Show a fresh link for each person; it stands nowhere else."""
        for user in users.filter(is_active=True):
            with transaction.atomic():
                # Who is here by somebody's link makes links in that person's name.
                path = issue_link(user, lender(request) or _acting(request).pk)
                link = request.build_absolute_uri(path)
                note_link(_acting(request), user, lender(request))
            text = _("%(name)s signs in with this link, once, within 24 hours: %(link)s")
            messages.success(request, text % {"name": user.display_name, "link": link})


class WorkspaceAdmin(NotesPlaces, ModelAdmin):
    """Workspaces and their members."""

    list_display = ["name", "member_count", "created"]
    search_fields = ["name"]
    readonly_fields = ["created"]
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # it goes with its last person; its things go one by one, each with a receipt

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        rows: QuerySet[Workspace] = super().get_queryset(request)
        return rows.annotate(count=Count("memberships"))

    @admin.display(description=gettext_lazy("members"), ordering="count")
    def member_count(self, workspace: Any) -> int:
        return int(workspace.count)


class MembershipAdmin(ModelAdmin):
    """Who may do what where."""

    list_display = ["user", "workspace", "role"]
    list_filter = ["role"]
    search_fields = ["user__username", "workspace__name"]
    autocomplete_fields = ["user", "workspace"]

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        before = Membership.objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        note_membership(_acting(request), before, obj)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        note_membership(_acting(request), obj, None)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        with transaction.atomic():
            for row in queryset:
                note_membership(_acting(request), row, None)
            super().delete_queryset(request, queryset)
