"""Users, workspaces and memberships."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User, Workspace
from builder.accounts.sign_in_links import issue_link
from builder.common.errors import Refused
from builder.console.read_only import in_words
from builder.leaving.erase import go_on
from builder.leaving.erase_person import erase_person


class MembershipInline(TabularInline):
    """Who belongs where."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
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
            erasure = go_on(erase_person(obj, request.user))
        except Refused as refused:
            messages.error(request, in_words(refused.message.to_json()))
            return
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
        super().save_model(request, obj, form, change)
        if not change:
            create_workspace(obj.display_name, obj)

    @admin.action(description=gettext_lazy("Make one-time sign-in links"))
    def make_links(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Show a fresh link for each person; it stands nowhere else."""
        for user in users.filter(is_active=True):
            link = request.build_absolute_uri(issue_link(user))
            text = _("%(name)s signs in with this link, once, within 24 hours: %(link)s")
            messages.success(request, text % {"name": user.display_name, "link": link})


class WorkspaceAdmin(ModelAdmin):
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
